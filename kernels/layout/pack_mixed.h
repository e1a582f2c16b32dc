// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/half.h"
#include "kernels/layout/mixed_layout.h"

#include <cstdint>

/// From plain rows of codes to the blocks of mixed_layout.h, and back, one weight at a time.
namespace eigenquant::kernels {

struct MixedWeights;

/// A mixed linear in plain row-major arrays of the host. Arrays that the layout has no use for may be null.
struct MixedSource {
    MixedLayout layout;
    const std::uint8_t* codes = nullptr;    ///< [rows, codeColumns], a byte a code
    const std::uint16_t* scales = nullptr;  ///< F16 [rows, codeGroups()], Coding::Grid only
    const std::uint8_t* zeros = nullptr;    ///< [rows, codeGroups()], asymmetric grids only
    const std::uint16_t* salient = nullptr; ///< elements [rows, salient], copied as they are
};

/// Groups of a row of a source, counted over the code columns; the last may be short.
constexpr int codeGroups(const MixedLayout& layout)
{
    return (layout.codeColumns() + layout.groupSize - 1) / layout.groupSize;
}

/// Writes the layout.bytes() of a linear; what lies beyond the last row or column becomes zero. Throws
/// std::invalid_argument for a layout that no kernel knows, a missing array, or a code or zero point that is too
/// large.
void packMixed(const MixedSource& source, void* blocks);

/// The strips [firstStrip, endStrip) of it alone: strips are independent, for callers that pack in parallel.
/// `blocks` is the start of the whole linear.
void packMixedStrips(const MixedSource& source, int firstStrip, int endStrip, void* blocks);

/// The code of one weight of a packed linear; `column` is one of W's, from layout.salient on.
int mixedCode(const MixedWeights& weights, int row, int column);

/// One weight of W as every kernel means it, of the element type: a salient one as it lies there, a grid's
/// (code - zero)·scale rounded once. With a codebook it is codebook[code]·rowScale, rounded once: what
/// dequantizeMixed() writes; products keep rowScale, float32, for the end of the sum instead.
float mixedWeight(const MixedWeights& weights, Element element, int row, int column);
/// The same but for a grid's, which is not rounded.
float exactMixedWeight(const MixedWeights& weights, Element element, int row, int column);

} // namespace eigenquant::kernels
