// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

namespace eigenquant {

/// A file being written, buffered. Every error of write, sync and close is thrown: Error::resources for
/// a full disk, Error::io otherwise. Without finish() or close() the destructor just closes it.
class OutputFile {
public:
    /// Creates the file, or empties the one that is there.
    explicit OutputFile(std::filesystem::path file);
    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    void write(std::span<const std::byte> bytes);
    /// Writes what is buffered and closes.
    void close();
    /// close(), with everything on the disk before it returns.
    void finish();

private:
    void flush();
    void writeThrough(std::span<const std::byte> bytes);

    std::filesystem::path m_file;
    std::vector<std::byte> m_buffer;
    int m_descriptor;
};

/// Puts a file's or folder's content on the disk (fsync).
void syncPath(const std::filesystem::path& path);

} // namespace eigenquant
