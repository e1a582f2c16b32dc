// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace eigenquant {

/// The memory that decoding one sequence with a quantized model is expected to take, without work buffers.
struct MemoryEstimate {
    std::uint64_t linears = 0; ///< as the plan stores them, rotations included
    std::uint64_t outer = 0;   ///< embedding and head in FP16, norms in float32
    std::uint64_t cache = 0;   ///< keys and values of `tokens` tokens in FP16
    int tokens = 0;

    std::uint64_t total() const { return linears + outer + cache; }
};

} // namespace eigenquant
