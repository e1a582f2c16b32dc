// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace eigenquant {

/// Pieces of bytes with names, one behind the other in memory: what one process of a job writes in another's files.
class NamedRecords {
public:
    void add(const std::string& name, std::span<const std::byte> bytes);
    /// All that was added, and forgets it.
    std::vector<std::byte> take();
    /// Calls `read` for each record, in the order in which they were added. Error::internal if these are none.
    static void forEach(std::span<const std::byte> records,
                        const std::function<void(const std::string& name, std::span<const std::byte> bytes)>& read);

private:
    std::vector<std::byte> m_bytes;
};

} // namespace eigenquant
