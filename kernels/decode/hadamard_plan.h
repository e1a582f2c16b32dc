// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>

/// How a structured rotation is laid over blocks: a pure function.
///
/// y = (x·S)·(A ⊗ H)/√power, channel a·power + i. A block takes all of x, but only some rows b of the result
/// [order, power]: y_b = Σ_a A[a, b]·x_a, then the butterflies of H within the row. So a single token fills the GPU
/// too, and the columns of A that a block needs fit beside its rows.
namespace eigenquant::kernels {

inline constexpr int kHadamardRowTile = 8;           ///< rows b that a thread adds up at a time
inline constexpr int kHadamardFactorFloats = 8192;   ///< of A's columns in shared memory
inline constexpr int kHadamardRowFloats = 16384;     ///< of a block's rows, unless one row alone is longer

struct HadamardPlan {
    int power = 1;      ///< width / denseOrder
    int rows = 1;       ///< of a block
    int blocks = 1;     ///< of a token
    int threads = 32;
    std::size_t inputBytes = 0, factorBytes = 0, rowBytes = 0; ///< of shared memory; the first two without A: none
    std::size_t sharedBytes() const { return inputBytes + factorBytes + rowBytes; }
    bool operator==(const HadamardPlan&) const = default;
};

constexpr std::size_t roundedTo16(std::size_t bytes)
{
    return (bytes + 15) / 16 * 16;
}

constexpr HadamardPlan hadamardPlan(int tokens, int width, int denseOrder, int multiprocessors)
{
    HadamardPlan plan;
    plan.power = width / denseOrder;
    const int wanted = std::clamp((multiprocessors + tokens - 1) / tokens, 1, denseOrder);
    const int fitting = std::min(kHadamardFactorFloats / denseOrder / kHadamardRowTile * kHadamardRowTile,
                                 kHadamardRowFloats / plan.power);
    plan.rows = std::clamp((denseOrder + wanted - 1) / wanted, 1, std::max(fitting, 1));
    plan.blocks = (denseOrder + plan.rows - 1) / plan.rows;
    const int tiles = (plan.rows + kHadamardRowTile - 1) / kHadamardRowTile * plan.power;
    const int eights = (plan.rows * plan.power + 7) / 8;
    plan.threads = std::clamp((std::max(denseOrder > 1 ? tiles : 0, eights) + 31) / 32 * 32, 128, 1024);
    const std::size_t padded =
        static_cast<std::size_t>((plan.rows + kHadamardRowTile - 1) / kHadamardRowTile * kHadamardRowTile);
    if (denseOrder > 1) {
        plan.inputBytes = roundedTo16(2 * static_cast<std::size_t>(width));
        plan.factorBytes = sizeof(float) * padded * static_cast<std::size_t>(denseOrder);
    }
    plan.rowBytes = sizeof(float) * static_cast<std::size_t>(eights * 8);
    return plan;
}

} // namespace eigenquant::kernels
