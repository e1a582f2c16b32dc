// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace eigenquant {

/// A uniform grid: 2^bits values a group of a row's weights.
///
/// Asymmetric: the group's min and max, widened to hold 0, give scale = (max - min) / (2^b - 1) and the
/// integer zero point z = round(-min / scale); w ≈ (q - z)·scale with 0 ≤ q < 2^b.
/// Symmetric: the weight m of largest magnitude sits on the lowest code, scale = -m / 2^(b-1) with m's sign;
/// w ≈ (q - 2^(b-1))·scale. All 2^b codes are used, and 4-bit groups of 32 are what GGUF's Q4_0 holds.
/// Scales are rounded to FP16 before weights are rounded to them: what is evaluated is what is stored.
struct GridSpec {
    int bits = 4;
    int groupSize = 128; ///< 0: the whole row
    bool symmetric = false;

    std::int64_t groupLength(std::int64_t columns) const;
    std::int64_t groups(std::int64_t columns) const; ///< the last one may be short
};

/// Scale and zero point of one group.
struct GroupGrid {
    float scale = 1;
    float zero = 0;
};

/// The grid of a group whose weights span [low, high].
GroupGrid fitGroup(float low, float high, int bits, bool symmetric);

/// Codes of a matrix [rows, columns] on such a grid.
struct GridCodes {
    at::Tensor codes;  ///< uint8 [rows, columns], each below 2^bits
    at::Tensor scales; ///< float16 [rows, groups]
    at::Tensor zeros;  ///< uint8 [rows, groups]; undefined for a symmetric grid
};

/// Rounds every weight, float32 [rows, columns], to the nearest value of its group's grid.
GridCodes roundToNearest(const at::Tensor& weight, const GridSpec& grid);

/// The float32 weights [rows, columns] that the codes stand for.
at::Tensor dequantize(const GridCodes& quantized, const GridSpec& grid);

} // namespace eigenquant
