// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eigenquant {

/// The name of one of several files that belong together: model-00002-of-00003.safetensors.
struct ShardName {
    std::string stem;      ///< "model"
    int number = 1;        ///< from 1 on
    int count = 1;         ///< 1 to 99999
    std::string extension; ///< ".safetensors"

    /// Nothing if the name has no such form.
    static std::optional<ShardName> parse(std::string_view name);
    /// The name of another of these files.
    std::string sibling(int other) const;
};

/// All files that belong to `name` in a folder, in order. Throws Error::invalid naming those that are missing.
std::vector<std::filesystem::path> shardFiles(const std::filesystem::path& folder, const ShardName& name);

/// Whether something is there, links followed; false too where the system refuses to say.
bool fileExists(const std::filesystem::path& file);

/// What a folder holds, sorted. Throws Error::io if the system refuses to say.
std::vector<std::filesystem::path> folderEntries(const std::filesystem::path& folder);

/// Throws Error::invalid naming `subject` and the files that are not there.
void requireFiles(const std::vector<std::filesystem::path>& files, const std::filesystem::path& subject);

} // namespace eigenquant
