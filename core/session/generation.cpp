// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/generation.h"

#include "core/decode/generate.h"

#include <algorithm>
#include <map>

namespace eigenquant {
namespace {

using Prompts = std::vector<std::vector<std::int32_t>>;

/// The text of a growing sequence, piece by piece, each of whole characters.
class GrowingText {
public:
    explicit GrowingText(const Tokenizer* tokenizer) : m_tokenizer(tokenizer) {}

    std::string add(std::span<const std::int32_t> ids)
    {
        m_ids.insert(m_ids.end(), ids.begin(), ids.end());
        if (!m_tokenizer)
            return {};
        const std::string whole = m_tokenizer->decode(m_ids);
        // A character of which bytes are missing reads as U+FFFD at the end until they come.
        std::size_t end = whole.size();
        while (end >= kUnfinished.size() &&
               whole.compare(end - kUnfinished.size(), kUnfinished.size(), kUnfinished) == 0)
            end -= kUnfinished.size();
        if (end <= m_told)
            return {};
        std::string piece = whole.substr(m_told, end - m_told);
        m_told = end;
        return piece;
    }

private:
    static constexpr std::string_view kUnfinished = "\xef\xbf\xbd";
    const Tokenizer* m_tokenizer;
    std::vector<std::int32_t> m_ids;
    std::size_t m_told = 0;
};

Prompts promptsOf(const Tokenizer* tokenizer, const GenerateOptions& options)
{
    if (!options.prompts.empty())
        return options.prompts;
    if (options.text.empty())
        throw Error::usage("no prompt").hint("give a text or ids");
    if (!tokenizer)
        throw Error::usage("the model has no tokenizer: prompts are ids").field("text");
    return {tokenizer->encode(options.text)};
}

void checkOptions(const GenerateOptions& options)
{
    if (options.tokens < 1)
        throw Error::usage("nothing to generate").field("tokens").found(std::to_string(options.tokens));
    if (!(options.temperature >= 0) || options.topK < 0 || !(options.topP > 0 && options.topP <= 1))
        throw Error::usage("sampling makes no sense")
            .field("sampling")
            .found("temperature " + std::to_string(options.temperature) + ", top-k " + std::to_string(options.topK) +
                   ", top-p " + std::to_string(options.topP))
            .expected("temperature and top-k of at least 0, top-p above 0 and at most 1");
}

/// Indices of the prompts by their length.
std::map<std::size_t, std::vector<int>> byLength(const Prompts& prompts)
{
    std::map<std::size_t, std::vector<int>> groups;
    for (std::size_t i = 0; i < prompts.size(); ++i)
        groups[prompts[i].size()].push_back(static_cast<int>(i));
    return groups;
}

} // namespace

GenerateResult generateWith(DecodingEngine& engine, const Tokenizer* tokenizer, const GenerateOptions& options,
                            const GenerationListener& onTokens, const RunContext& context)
{
    checkOptions(options);
    const Prompts prompts = promptsOf(tokenizer, options);
    GenerateResult result;
    result.ids.resize(prompts.size());
    std::vector<GrowingText> texts(prompts.size(), GrowingText(tokenizer));
    double stepSeconds = 0;
    std::int64_t stepped = 0;
    for (const auto& [length, members] : byLength(prompts)) {
        GenerationRequest request;
        for (const int index : members)
            request.prompts.push_back(prompts[static_cast<std::size_t>(index)]);
        request.tokens = options.tokens;
        request.endToken = engine.config().eosTokenId;
        request.kv = options.kv;
        request.sampling = {options.temperature, options.topK, options.topP, options.seed};
        const auto tell = [&](int sequence, std::span<const std::int32_t> ids) {
            const int index = members[static_cast<std::size_t>(sequence)];
            const std::string piece = texts[static_cast<std::size_t>(index)].add(ids);
            if (onTokens)
                onTokens({index, {ids.begin(), ids.end()}, piece});
        };
        Generation generation = generateTokens(engine, request, tell, context);
        for (std::size_t i = 0; i < members.size(); ++i)
            result.ids[static_cast<std::size_t>(members[i])] = std::move(generation.ids[i]);
        result.promptMs += 1e3 * generation.promptSeconds;
        stepSeconds += generation.stepSeconds;
        stepped += generation.steppedTokens;
        result.kernel = engine.kernelNames(static_cast<int>(members.size()));
    }
    for (const auto& ids : result.ids)
        result.text.push_back(tokenizer ? tokenizer->decode(ids) : "");
    result.tokensPerSecond = stepSeconds > 0 ? static_cast<double>(stepped) / stepSeconds : 0;
    result.device = engine.deviceName();
    result.dtype = engine.dtypeName();
    return result;
}

} // namespace eigenquant
