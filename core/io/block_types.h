// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_store.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace eigenquant {

/// Converts `blocks` blocks at `in`, which need not be aligned, to float32.
using UnpackBlocks = void (*)(const std::byte* in, float* out, std::size_t blocks);

/// The unpacking of a block type of GGUF, the same bits as ggml's; null for the other types. All products of
/// a float16 scale, a second scale and a code are exact in float32 (at most 11 + 7 + 5 bits), so that
/// neither their order nor a fused multiply-add can change a result.
UnpackBlocks blockUnpacker(StoredType type);

/// The levels of IQ4_NL and IQ4_XS, closer together near zero.
inline constexpr std::array<std::int8_t, 16> kNonLinearLevels{-127, -104, -83, -65, -49, -35, -22, -10,
                                                              1,    13,   25,  38,  53,  69,  89,  113};

/// Blocks of 256 values whose scales are quantized once more; in order of the values' types.
void fromQ2K(const std::byte* in, float* out, std::size_t blocks);
void fromQ3K(const std::byte* in, float* out, std::size_t blocks);
void fromQ4K(const std::byte* in, float* out, std::size_t blocks);
void fromQ5K(const std::byte* in, float* out, std::size_t blocks);
void fromQ6K(const std::byte* in, float* out, std::size_t blocks);
void fromQ8K(const std::byte* in, float* out, std::size_t blocks);
void fromIQ4XS(const std::byte* in, float* out, std::size_t blocks);

} // namespace eigenquant
