// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/generate.h"

#include "core/base/clock.h"
#include "core/base/error.h"

#include <algorithm>

namespace eigenquant {
namespace {

/// Steps between two looks at what was chosen: a look waits for the GPU, steps after an end are lost work.
constexpr int kStepsBetweenLooks = 16;

/// What the sequences have so far.
class Sequences {
public:
    Sequences(std::size_t count, std::optional<std::int64_t> endToken)
        : m_ids(count), m_ended(count, false), m_endToken(endToken)
    {
    }

    /// `chosen` is [sequences, perSequence]; the first `known` of each were there before.
    void take(const std::vector<std::int32_t>& chosen, std::size_t known, const TokenListener& onTokens)
    {
        const std::size_t perSequence = chosen.size() / m_ids.size();
        for (std::size_t i = 0; i < m_ids.size(); ++i) {
            const std::span fresh(chosen.data() + i * perSequence + known, perSequence - known);
            const std::size_t before = m_ids[i].size();
            for (std::size_t j = 0; j < fresh.size() && !m_ended[i]; ++j)
                if (m_endToken && fresh[j] == *m_endToken)
                    m_ended[i] = true;
                else
                    m_ids[i].push_back(fresh[j]);
            if (onTokens && m_ids[i].size() > before)
                onTokens(static_cast<int>(i), std::span(m_ids[i]).subspan(before));
        }
    }
    bool allEnded() const { return std::all_of(m_ended.begin(), m_ended.end(), [](bool ended) { return ended; }); }
    std::vector<std::vector<std::int32_t>> ids() && { return std::move(m_ids); }

private:
    std::vector<std::vector<std::int32_t>> m_ids;
    std::vector<bool> m_ended;
    std::optional<std::int64_t> m_endToken;
};

std::vector<std::int32_t> sideBySide(const GenerationRequest& request)
{
    std::vector<std::int32_t> all;
    for (const auto& prompt : request.prompts) {
        if (prompt.empty() || prompt.size() != request.prompts.front().size())
            throw Error::usage("prompts of a batch have one length, and at least one token")
                .found(std::to_string(prompt.size()) + " tokens");
        all.insert(all.end(), prompt.begin(), prompt.end());
    }
    return all;
}

} // namespace

Generation generateTokens(DecodingEngine& engine, const GenerationRequest& request, const TokenListener& onTokens,
                          const RunContext& context)
{
    if (request.prompts.empty() || request.tokens < 1)
        throw Error::usage("nothing to generate");
    const std::vector<std::int32_t> prompts = sideBySide(request);
    const int promptLength = static_cast<int>(request.prompts.front().size());
    engine.begin({static_cast<int>(request.prompts.size()), promptLength + request.tokens, request.kv,
                  request.sampling});
    Sequences sequences(request.prompts.size(), request.endToken);
    Generation result;

    context.report("generating", "tokens", 0, request.tokens);
    auto start = Clock::now();
    engine.feed(prompts);
    sequences.take(engine.sampled(), 0, onTokens);
    result.promptSeconds = secondsSince(start);

    int done = 1;
    for (start = Clock::now(); done < request.tokens && !sequences.allEnded();) {
        context.report("generating", "tokens", done, request.tokens);
        const int count = std::min(kStepsBetweenLooks, request.tokens - done);
        engine.step(count);
        sequences.take(engine.sampled(), static_cast<std::size_t>(done), onTokens);
        done += count;
    }
    result.stepSeconds = secondsSince(start);
    result.steppedTokens = static_cast<std::int64_t>(done - 1) * static_cast<std::int64_t>(request.prompts.size());
    context.report("generating", "tokens", request.tokens, request.tokens);
    result.ids = std::move(sequences).ids();
    return result;
}

} // namespace eigenquant
