// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace eigenquant {

/// Reads token ids that are ready, one of these by the file's content:
/// a text of decimal numbers with white space or commas between them; a JSON array, or a JSON object with an array
/// `ids`, as `eigenquant tokenize --json` prints it; a .npy array of integers; a .safetensors file with one tensor
/// of integers. Arrays may have more dimensions, if all but the last are 1.
/// Each id is from 0 to vocabulary - 1; Error::invalid names the position of one that is not, counted from 0, and
/// where the file is broken.
std::vector<std::int32_t> readTokenIds(const std::filesystem::path& file, std::int64_t vocabulary);

/// A fingerprint of ids, whatever file they came from; never that of a text.
std::string hashTokenIds(std::span<const std::int32_t> ids);

/// What readTokenIds() says of an id that the model does not know.
void checkTokenIds(std::span<const std::int64_t> ids, std::int64_t vocabulary, const std::filesystem::path& file);

/// The integers of a .npy file, whose whole bytes are given: format 1 to 3, little endian, 1 to 8 bytes each.
std::vector<std::int64_t> parseNpyIntegers(std::span<const std::byte> bytes, const std::filesystem::path& file);

/// `count` little-endian integers of `size` bytes each.
std::vector<std::int64_t> widenIntegers(std::span<const std::byte> bytes, std::size_t size, bool isSigned,
                                        const std::filesystem::path& file);

} // namespace eigenquant
