// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/half.h"
#include "kernels/layout/column_layout.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace eigenquant::kernels {

/// A weight that replaces the one the codes give.
struct ColumnOutlier {
    std::int32_t column = 0;
    std::int32_t row = 0;
    std::uint16_t value = 0; ///< F16
};

/// A linear as a checkpoint stores it; spans are to the caller's memory.
struct ColumnSource {
    int rows = 0;
    ColumnCoding coding = ColumnCoding::Codebooks;
    std::span<const std::uint8_t> widths;      ///< [columns], 1 to 8
    std::span<const std::uint8_t> codes;       ///< all columns' streams of bits, the lowest bit of a byte first
    std::span<const std::uint64_t> codeBits;   ///< [columns]: the bit of `codes` where a column's stream begins
    std::span<const std::uint16_t> codebooks;  ///< F16; Codebooks only
    std::span<const std::uint64_t> codebookAt; ///< [columns]: where in `codebooks` a column's 2^width values begin
    std::array<std::span<const float>, kMaxColumnWidth + 1>
        levels;                              ///< [width] [4096] of widths in use; Trellis only
    std::span<const float> rowScales;        ///< [rows]; Trellis only
    std::span<const ColumnOutlier> outliers; ///< in any order, no place twice; Codebooks only
};

/// Where the streams and codebooks begin that lie one behind the other by rising width, then by rising column,
/// each stream from a whole byte on: how CMPQ is stored.
struct ColumnStarts {
    std::vector<std::uint64_t> codeBits, codebookAt;
};
ColumnStarts codebookStarts(int rows, std::span<const std::uint8_t> widths);
/// Where the streams begin that lie one behind the other by rising column, to the bit: how ETQ is stored. Each has
/// 12 + (rows - 1)·width bits.
std::vector<std::uint64_t> trellisStarts(int rows, std::span<const std::uint8_t> widths);

/// A linear with columns of their own in memory, of the GPU or (for the CPU twin) of the host; column_layout.h
/// says what lies where.
struct ColumnWeights {
    ColumnLayout layout;
    Element element = Element::F16;               ///< of tables and outliers, to which they were rounded
    const void* codes = nullptr;                  ///< layout.codeBytes(); 16-byte aligned
    const void* tables = nullptr;                 ///< layout.tablesBytes(); 16-byte aligned
    const float* rowScales = nullptr;             ///< [64·strips]; Trellis only
    const std::uint32_t* outlierBegins = nullptr; ///< [strips·blocks + 1], or null where there are none
    const std::uint32_t* outliers = nullptr;      ///< place << 16 | change
};

/// All of it in one buffer, to be copied to the GPU as it is.
struct PackedColumns {
    ColumnLayout layout;
    Element element = Element::F16;
    std::vector<std::uint8_t> bytes;
    std::size_t tables = 0, rowScales = 0, outlierBegins = 0, outliers = 0; ///< where they begin; codes at 0
    std::size_t outlierCount = 0;
    /// [layout.paddedColumns()]: entry j of the product's x is channel order[j]. Longer than `columns`: fillers
    /// repeat a channel of their block (their weights are zero, so any finite number would do).
    std::vector<std::int32_t> order;

    /// The weights for a copy of `bytes` that begins there; 256-byte aligned.
    ColumnWeights weights(const void* base) const;
};

/// Packs for kernels that compute with that element. std::invalid_argument says what contradicts what.
PackedColumns packColumns(const ColumnSource& source, Element element);

/// The bits of one weight of weights in the host's memory, before its row's scale: row below 64·strips, position
/// below paddedColumns(). Zero for fillers. Outliers included.
std::uint16_t columnWeightBits(const ColumnWeights& weights, int row, int position);

} // namespace eigenquant::kernels
