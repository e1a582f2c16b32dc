// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_store.h"

#include <cstddef>
#include <optional>
#include <span>

namespace eigenquant {

/// Converts stored values to float32, in storage order. `bytes` is storedBytes(type, out.size()) long and
/// need not be aligned; out.size() is a multiple of the type's block. Throws Error::internal for integer types.
void dequantize(StoredType type, std::span<const std::byte> bytes, std::span<float> out);

/// Whether dequantize() takes the type: floating-point numbers and the block types of GGUF.
bool isFloatLike(StoredType type);

/// The index of the first value that is infinite or not a number.
std::optional<std::size_t> firstNonFinite(std::span<const float> values);

} // namespace eigenquant
