// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/memory_estimate.h"

#include <algorithm>

namespace eigenquant {
namespace {

constexpr int kUsualTokens = 2048;
constexpr std::uint64_t kHalfBytes = 2, kFloatBytes = 4;

std::uint64_t product(int a, int b)
{
    return static_cast<std::uint64_t>(std::max(a, 0)) * static_cast<std::uint64_t>(std::max(b, 0));
}

} // namespace

MemoryEstimate estimateMemory(const Plan& plan, const ModelInfo& model, int tokens)
{
    MemoryEstimate estimate;
    estimate.tokens = tokens > 0 ? tokens : kUsualTokens;
    if (model.contextLength > 0)
        estimate.tokens = std::min(estimate.tokens, model.contextLength);
    estimate.linears = plan.totals.bytes;
    // A residual stream that is turned turns embedding and head apart.
    const bool isTied = model.tiedEmbeddings && !plan.turnsResidual();
    const std::uint64_t norms = product(2 * model.layers + 1, model.hiddenSize);
    estimate.outer = product(model.vocabSize, model.hiddenSize) * (isTied ? 1 : 2) * kHalfBytes + norms * kFloatBytes;
    estimate.cache = 2 * product(model.kvHeads, model.headDim) * product(model.layers, estimate.tokens) * kHalfBytes;
    return estimate;
}

} // namespace eigenquant
