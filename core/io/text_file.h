// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace eigenquant {

/// The whole of a small file, up to `limit` bytes. Throws Error::io (missing, a folder, unreadable) and
/// Error::invalid (larger than the limit).
std::string readFile(const std::filesystem::path& file, std::uint64_t limit = 1ull << 30);

/// readFile() of a text, proved to be UTF-8: Error::invalid names the byte offset otherwise. A UTF-8
/// byte order mark is kept: it is part of the text. "-" reads standard input.
std::string readText(const std::filesystem::path& file);

/// The offset of the first byte that is not part of valid UTF-8, or npos.
std::size_t firstInvalidUtf8(std::string_view text);

} // namespace eigenquant
