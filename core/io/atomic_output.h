// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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
    enum class Kind { File, Folder };

    /// Checks first: the place is not taken (Error::usage naming --force, unless `overwrite`), the parent
    /// folder exists and can be written to (Error::io), the place is none of `inputs` nor inside them nor
    /// around them, by device and inode (Error::usage), and the disk has `expectedBytes` free
    /// (Error::resources with needed and free).
    AtomicOutput(std::filesystem::path place, Kind kind, bool overwrite,
                 const std::vector<std::filesystem::path>& inputs = {}, std::uint64_t expectedBytes = 0);
    ~AtomicOutput();
    AtomicOutput(const AtomicOutput&) = delete;
    AtomicOutput& operator=(const AtomicOutput&) = delete;

    /// Where to write: the temporary file, or the temporary folder (which exists).
    const std::filesystem::path& path() const { return m_temporary; }
    /// Syncs everything and renames it into place.
    void commit();

private:
    std::filesystem::path m_place, m_temporary;
    Kind m_kind;
    bool m_overwrite;
    bool m_done = false;
};

/// Writes a whole small file in one go (not atomic by itself). Throws Error::io, Error::resources (full disk).
void writeFile(const std::filesystem::path& file, std::string_view content);

/// A small text file that appears whole or not at all.
void writeFileAtomically(const std::filesystem::path& file, std::string_view content, bool overwrite);

} // namespace eigenquant
