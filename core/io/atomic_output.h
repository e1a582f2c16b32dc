// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/output_place.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace eigenquant {

/// An output file or folder that appears whole or not at all: it is written next to its place under a
/// temporary name, synced, and renamed into place by commit(). Without commit() the destructor removes
/// it, and what was at the place before is untouched.
class AtomicOutput {
public:
    using Kind = OutputKind;

    /// Checks as OutputPlace does, and that the parent folder can be written to (Error::io).
    AtomicOutput(const std::filesystem::path& place, Kind kind, bool overwrite,
                 const std::vector<std::filesystem::path>& inputs = {}, std::uint64_t expectedBytes = 0);
    ~AtomicOutput();
    AtomicOutput(const AtomicOutput&) = delete;
    AtomicOutput& operator=(const AtomicOutput&) = delete;

    /// Where to write: the temporary file, or the temporary folder (which exists).
    const std::filesystem::path& path() const { return m_temporary; }
    /// Syncs everything and renames it into place.
    void commit();

private:
    OutputPlace m_place;
    std::filesystem::path m_temporary;
    bool m_done = false;
};

/// Writes a whole small file in one go (not atomic by itself). Throws Error::io, Error::resources (full disk).
void writeFile(const std::filesystem::path& file, std::string_view content);

/// A small text file that appears whole or not at all.
void writeFileAtomically(const std::filesystem::path& file, std::string_view content, bool overwrite);

} // namespace eigenquant
