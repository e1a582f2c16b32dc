// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/pipeline.h"

#include "core/base/error.h"
#include "core/io/text_file.h"

#include <algorithm>

namespace eigenquant {

namespace {

/// The added tokens of one kind, as they are looked for.
std::vector<AddedToken> ofKind(const TokenizerParts& parts, bool normalized)
{
    std::vector<AddedToken> tokens;
    for (AddedToken token : parts.addedTokens) {
        if (token.normalized != normalized)
            continue;
        if (normalized && parts.normalizer)
            token.content = parts.normalizer->normalize(token.content);
        tokens.push_back(std::move(token));
    }
    return tokens;
}

void checkUtf8(std::string_view text)
{
    const std::size_t offset = firstInvalidUtf8(text);
    if (offset == std::string_view::npos)
        return;
    constexpr char kDigits[] = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(text[offset]);
    throw Error::invalid("the text is not UTF-8")
        .found(std::string("0x") + kDigits[byte >> 4] + kDigits[byte & 15] + " at byte " + std::to_string(offset))
        .expected("valid UTF-8")
        .hint("convert the text, for example with iconv");
}

} // namespace

PipelineTokenizer::PipelineTokenizer(TokenizerParts parts)
    : m_parts(std::move(parts)), m_rawTokens(ofKind(m_parts, false)), m_normalizedTokens(ofKind(m_parts, true)),
      m_size(m_parts.model->vocabulary().size())
{
    for (const bool normalized : {false, true}) {
        for (AddedToken& token : ofKind(m_parts, normalized)) {
            m_size = std::max(m_size, token.id + 1);
            m_addedTexts.emplace(token.id, std::move(token.content));
        }
    }
}

std::vector<std::int32_t> PipelineTokenizer::encode(std::string_view text) const
{
    checkUtf8(text);
    std::vector<std::int32_t> ids = m_parts.postProcessing.before;
    ModelScratch scratch;
    m_rawTokens.split(text, [&](std::string_view part, std::int32_t id) {
        const bool isAtStart = part.data() == text.data();
        if (id >= 0)
            ids.push_back(id);
        else if (m_parts.normalizer && isAtStart)
            encodePlain({m_parts.normalizer->normalize(part), true}, scratch, ids);
        else if (m_parts.normalizer)
            encodePlain({m_parts.normalizer->normalizeRest(part), false}, scratch, ids);
        else
            encodePlain({part, isAtStart}, scratch, ids);
    });
    const auto& after = m_parts.postProcessing.after;
    ids.insert(ids.end(), after.begin(), after.end());
    return ids;
}

/// Of normalized text.
void PipelineTokenizer::encodePlain(Piece text, ModelScratch& scratch, std::vector<std::int32_t>& ids) const
{
    auto encodeWord = [&](Piece word) { m_parts.model->encode(word.text, scratch, ids); };
    m_normalizedTokens.split(text.text, [&](std::string_view part, std::int32_t id) {
        const bool isAtStart = text.startsText && part.data() == text.text.data();
        if (id >= 0)
            ids.push_back(id);
        else if (m_parts.preTokenizer)
            m_parts.preTokenizer->split({part, isAtStart}, PieceSink(encodeWord));
        else
            encodeWord(part);
    });
}

std::string_view PipelineTokenizer::textOf(std::int32_t id) const
{
    if (const auto added = m_addedTexts.find(id); added != m_addedTexts.end())
        return added->second;
    if (!m_parts.model->vocabulary().has(id))
        throw Error::usage("no token has this id")
            .found(std::to_string(id))
            .expected("an id of the vocabulary, which goes from 0 to " + std::to_string(m_size - 1));
    return m_parts.model->vocabulary().text(id);
}

std::string PipelineTokenizer::decode(const std::vector<std::int32_t>& ids) const
{
    std::vector<std::string> tokens;
    tokens.reserve(ids.size());
    for (const std::int32_t id : ids)
        tokens.emplace_back(textOf(id));
    return m_parts.decoder.decode(std::move(tokens));
}

} // namespace eigenquant
