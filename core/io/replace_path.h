// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

namespace eigenquant {

/// Renames `from` to `to` unless something is there already: Error::usage then. Both are in one folder.
void renameIntoFreePlace(const std::filesystem::path& from, const std::filesystem::path& to);

/// Swaps two paths of one folder in one step; false where the file system cannot do that.
bool exchangePaths(const std::filesystem::path& first, const std::filesystem::path& second);

/// The same in two steps, for file systems that cannot exchange: `second` moves to `aside`, `first` to its
/// place. If the latter fails, the former is taken back.
void replaceByMovingAside(const std::filesystem::path& first, const std::filesystem::path& second,
                          const std::filesystem::path& aside);

} // namespace eigenquant
