// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/safetensors.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace eigenquant {

/// A safetensors file whose tensors are written in any order, and read back while it is being written. A process that
/// was killed leaves a file that the next one goes on with, if it knows from elsewhere which tensors are whole.
class SafetensorsDraft {
public:
    /// Goes on with `file` if it is of this header and length; otherwise makes it anew, at its full length. Errors as
    /// SafetensorsWriter.
    SafetensorsDraft(const std::filesystem::path& file, const std::vector<TensorSpec>& specs,
                     const std::map<std::string, std::string>& metadata);
    ~SafetensorsDraft();
    SafetensorsDraft(const SafetensorsDraft&) = delete;
    SafetensorsDraft& operator=(const SafetensorsDraft&) = delete;

    /// Whether there was such a file.
    bool wentOn() const { return m_wentOn; }
    bool has(const std::string& name) const { return m_tensors.contains(name); }
    /// The next bytes of a tensor; it begins anew after its last. Error::internal for unknown names and too many bytes.
    void write(const std::string& name, std::span<const std::byte> bytes);
    /// All bytes of a tensor that is whole.
    void read(const std::string& name, std::span<std::byte> bytes) const;
    /// Another process has written this tensor.
    void trust(const std::string& name);
    /// What was written is on the disk.
    void sync();
    /// Checks that every tensor is whole, syncs and closes.
    void finish();

private:
    struct Place {
        std::uint64_t begin = 0, size = 0, written = 0;
    };
    Place& place(const std::string& name);
    bool isDraftOf(const std::string& header, std::uint64_t size) const;
    void begin(const std::string& header, std::uint64_t size);

    std::filesystem::path m_file;
    std::map<std::string, Place> m_tensors;
    int m_descriptor = -1;
    bool m_wentOn = false;
};

} // namespace eigenquant
