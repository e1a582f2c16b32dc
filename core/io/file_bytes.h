// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace eigenquant {

/// Writes all bytes at an offset of an open file, which errors call `file`. Error::resources for a full disk.
void writeAt(int descriptor, const std::filesystem::path& file, std::uint64_t offset,
             std::span<const std::byte> bytes);

/// Reads all bytes at an offset of an open file. Error::invalid if the file ends before.
void readAt(int descriptor, const std::filesystem::path& file, std::uint64_t offset, std::span<std::byte> bytes);

} // namespace eigenquant
