// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/decoding_engine.h"

#include "core/base/error.h"

namespace eigenquant {

void DecodingEngine::begin(const DecodingRun& run)
{
    if (run.sequences < 1 || run.length < 1)
        throw Error::usage("nothing to decode").found(std::to_string(run.sequences) + " sequences of " +
                                                      std::to_string(run.length) + " tokens");
    m_run = run;
    m_position = m_fed = 0;
    doBegin();
}

int DecodingEngine::checkedTokens(std::span<const std::int32_t> ids) const
{
    const auto sequences = static_cast<std::size_t>(m_run.sequences);
    if (ids.empty() || ids.size() % sequences != 0)
        throw Error::usage("not the same number of tokens for every sequence")
            .found(std::to_string(ids.size()) + " tokens")
            .expected("a multiple of " + std::to_string(sequences));
    for (const std::int32_t id : ids)
        if (id < 0 || id >= config().vocabSize)
            throw Error::usage("a token id outside the vocabulary")
                .found(std::to_string(id))
                .expected("0 to " + std::to_string(config().vocabSize - 1));
    const auto tokens = static_cast<int>(ids.size() / sequences);
    if (m_position + tokens > m_run.length)
        throw Error::usage("more tokens than the run has room for")
            .found(std::to_string(m_position + tokens))
            .expected("at most " + std::to_string(m_run.length));
    return tokens;
}

void DecodingEngine::feed(std::span<const std::int32_t> ids)
{
    const int tokens = checkedTokens(ids);
    doFeed(ids, tokens, false);
    m_fed = m_position += tokens;
}

at::Tensor DecodingEngine::feedForLogits(std::span<const std::int32_t> ids)
{
    if (m_run.sequences != 1)
        throw Error::internal("all logits are for runs of one sequence");
    const int tokens = checkedTokens(ids);
    at::Tensor logits = doFeed(ids, tokens, true);
    m_fed = m_position += tokens;
    return logits;
}

void DecodingEngine::step(int count)
{
    if (m_fed == 0)
        throw Error::internal("a step before anything was fed");
    if (m_position + count > m_run.length)
        throw Error::usage("more steps than the run has room for")
            .found(std::to_string(m_position + count) + " tokens")
            .expected("at most " + std::to_string(m_run.length));
    for (int i = 0; i < count; ++i, ++m_position)
        doStep();
}

std::vector<std::int32_t> DecodingEngine::sampled()
{
    return history(m_fed, m_position - m_fed + 1);
}

} // namespace eigenquant
