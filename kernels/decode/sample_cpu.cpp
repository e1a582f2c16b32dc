// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/decode/decode_kernels_cpu.h"
#include "kernels/decode/sampling.h"

#include <algorithm>
#include <vector>

namespace eigenquant::kernels {
namespace {

/// The lowest id of those with the greatest key.
int bestOf(const float* logits, int vocab)
{
    int best = 0;
    for (int id = 1; id < vocab; ++id)
        if (logitKey(logits[id]) > logitKey(logits[best]))
            best = id;
    return best;
}

/// A token's key and its weight.
struct Weighed {
    std::uint32_t key;
    std::uint64_t weight;
};

/// The least key that top-k leaves, then the least that top-p leaves of those.
std::uint32_t limitOf(const std::vector<Weighed>& tokens, const SampleParams& params)
{
    std::vector<Weighed> sorted;
    for (const Weighed& token : tokens)
        if (token.key >= kLeastNumberKey)
            sorted.push_back(token);
    std::sort(sorted.begin(), sorted.end(), [](const Weighed& a, const Weighed& b) { return a.key > b.key; });
    std::uint32_t limit = kLeastNumberKey;
    const auto k = static_cast<std::size_t>(std::max(params.topK, 0));
    if (k > 0 && k < sorted.size())
        limit = sorted[k - 1].key;
    if (params.topP >= 1)
        return limit;
    std::uint64_t total = 0, reached = 0;
    for (const Weighed& token : sorted)
        total += token.key >= limit ? token.weight : 0;
    const std::uint64_t wanted = wantedWeight(total, params.topP);
    for (const Weighed& token : sorted)
        if ((reached += token.weight) >= wanted)
            return std::max(limit, token.key);
    return limit;
}

int drawnFrom(const float* logits, int sequence, const SampleParams& params)
{
    const int best = bestOf(logits, params.vocab);
    if (logitKey(logits[best]) <= kLeastNumberKey)
        return best;
    std::vector<Weighed> tokens;
    for (int id = 0; id < params.vocab; ++id)
        tokens.push_back({logitKey(logits[id]), logitWeight(logits[id], logits[best], params.temperature)});
    const std::uint32_t limit = limitOf(tokens, params);
    std::uint64_t total = 0, before = 0;
    for (const Weighed& token : tokens)
        total += token.key >= limit ? token.weight : 0;
    const std::uint64_t drawn = belowTotal(randomBits(params.seed, static_cast<std::uint32_t>(sequence),
                                                      static_cast<std::uint32_t>(params.positions[sequence] + 1)),
                                           total);
    for (int id = 0; id < params.vocab; ++id) {
        const Weighed& token = tokens[static_cast<std::size_t>(id)];
        before += token.key >= limit ? token.weight : 0;
        if (before > drawn)
            return id;
    }
    return best;
}

} // namespace

void sampleCpu(const SampleParams& params)
{
    for (int sequence = 0; sequence < params.sequences; ++sequence) {
        const float* logits = params.logits + static_cast<std::int64_t>(sequence) * params.vocab;
        const int id = params.temperature > 0 ? drawnFrom(logits, sequence, params) : bestOf(logits, params.vocab);
        const int position = ++params.positions[sequence];
        params.ids[sequence] = id;
        if (params.history && position >= 0 && position < params.historyStride)
            params.history[sequence * params.historyStride + position] = id;
    }
}

} // namespace eigenquant::kernels
