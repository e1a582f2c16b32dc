// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/quant/cmpq.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace eigenquant {

/// Where a column's codes and codebook begin, for each input channel.
struct CmpqOffsets {
    CmpqOffsets(const std::vector<std::uint8_t>& widths, std::int64_t out);

    std::vector<std::size_t> codes;     ///< bytes; [in]
    std::vector<std::size_t> codebooks; ///< values; [in]
    std::size_t codeBytes = 0;
    std::size_t codebookValues = 0;
};

/// How many weights a share of them is.
std::int64_t cmpqOutlierCount(double share, std::int64_t weights);

/// Bytes of a number that is at most `largest`: 1, 2 or 4.
int cmpqNumberBytes(std::int64_t largest);
/// Numbers of that many bytes, little-endian.
std::uint32_t readCmpqNumber(const std::uint8_t* bytes, int size);
void writeCmpqNumber(std::uint32_t value, std::uint8_t* bytes, int size);

} // namespace eigenquant
