// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/gguf_cursor.h"
#include "core/io/tensor_store.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace eigenquant {

/// The least number of bytes that a tensor's entry takes: name length, dimensions, type, offset.
inline constexpr std::uint64_t kSmallestGgufTensor = 8 + 4 + 4 + 8;

/// Reads the table of `count` tensors and proves each to lie inside `content`, the whole file, in the order
/// of the table and without a hole but the padding to `alignment` bytes, a power of two. Throws
/// Error::invalid, and Error::unsupported for types that this program cannot read, by name.
std::vector<StoredTensor> readGgufTensors(GgufCursor& cursor, std::uint64_t count, std::uint64_t alignment,
                                          std::span<const std::byte> content);

} // namespace eigenquant
