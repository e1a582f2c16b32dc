// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace eigenquant {

/// What an output is.
enum class OutputKind { File, Folder };

/// Where a finished file or folder will go, checked before any work is done for it.
class OutputPlace {
public:
    /// Checks: the place is not taken (Error::usage naming --force, unless `overwrite`), the parent folder exists
    /// (Error::io), the place is none of `inputs` nor inside them nor around them, by device and inode (Error::usage),
    /// and the disk has `expectedBytes` free (Error::resources with needed and free).
    OutputPlace(const std::filesystem::path& place, OutputKind kind, bool overwrite,
                const std::vector<std::filesystem::path>& inputs, std::uint64_t expectedBytes);

    /// The absolute path; its folder has no symbolic links.
    const std::filesystem::path& path() const { return m_place; }
    OutputKind kind() const { return m_kind; }
    /// Syncs what was written at `finished`, on the same file system, and renames it into place in one step.
    void put(const std::filesystem::path& finished) const;

private:
    std::filesystem::path m_place;
    OutputKind m_kind;
    bool m_overwrite;
};

/// A hidden name next to a place that nobody else uses.
std::filesystem::path hiddenSibling(const std::filesystem::path& place, const std::string& purpose);

} // namespace eigenquant
