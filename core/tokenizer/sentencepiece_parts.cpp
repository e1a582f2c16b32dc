// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/sentencepiece_parts.h"

#include "core/base/error.h"
#include "core/io/printable.h"
#include "core/io/text_file.h"
#include "core/tokenizer/char_bpe_model.h"
#include "core/tokenizer/unigram_model.h"
#include "core/tokenizer/utf8.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_map>

namespace eigenquant {

namespace {

std::string placeOf(const SentencePieces& pieces, std::size_t id)
{
    return pieces.field + "[" + std::to_string(id) + "]";
}

/// The merges that the scores of pieces stand for. A character without a piece gets an id behind the vocabulary.
class ScoredMerges {
public:
    /// `isStrict`: only pieces that SentencePiece itself would find in a text; llama.cpp takes all.
    ScoredMerges(const SentencePieces& pieces, const Vocabulary& vocabulary, bool isStrict) : m_vocabulary(vocabulary)
    {
        std::map<float, std::uint32_t, std::greater<>> ranks;
        for (const auto& entry : pieces.entries)
            ranks.emplace(entry.score, 0);
        std::uint32_t rank = 0;
        for (auto& [score, place] : ranks)
            place = rank++;
        for (std::size_t id = 0; id < pieces.entries.size(); ++id) {
            const auto& [text, score, type] = pieces.entries[id];
            if (!isStrict || type == PieceType::Normal || type == PieceType::UserDefined || type == PieceType::Unused)
                addSplits(text, {ranks.at(score), static_cast<std::int32_t>(id)});
        }
    }

    MergeTable table() const
    {
        MergeTable table(m_merges.size());
        for (const auto& [left, right, merge] : m_merges)
            table.set(left, right, merge);
        return table;
    }

    std::vector<std::string> takeLoose() { return std::move(m_loose); }

private:
    struct Pair {
        std::int32_t left, right;
        Merge merge;
    };

    void addSplits(std::string_view text, Merge merge)
    {
        for (std::size_t middle = 0; middle < text.size();) {
            nextCodePoint(text, middle);
            if (middle == text.size())
                return;
            const std::int32_t left = symbolOf(text.substr(0, middle)), right = symbolOf(text.substr(middle));
            if (left >= 0 && right >= 0)
                m_merges.push_back({left, right, merge});
        }
    }

    std::int32_t symbolOf(std::string_view text)
    {
        if (const std::int32_t id = m_vocabulary.find(text); id >= 0)
            return id;
        if (text.size() != utf8Length(static_cast<unsigned char>(text[0])))
            return -1;
        const auto [place, isNew] = m_looseIds.try_emplace(
            std::string(text), m_vocabulary.size() + static_cast<std::int32_t>(m_loose.size()));
        if (isNew)
            m_loose.emplace_back(text);
        return place->second;
    }

    const Vocabulary& m_vocabulary;
    std::vector<Pair> m_merges;
    std::vector<std::string> m_loose;
    std::unordered_map<std::string, std::int32_t> m_looseIds;
};

class SentencePieceStep : public Decoder::Step {
public:
    explicit SentencePieceStep(const SentencePieces& pieces)
        : m_stripsPrefix(pieces.normalizer.addsDummyPrefix || pieces.normalizer.removesExtraSpaces),
          m_stripsAll(pieces.normalizer.removesExtraSpaces)
    {
        for (const auto& entry : pieces.entries)
            if (entry.type != PieceType::Normal)
                m_types.emplace(entry.text, entry.type);
    }

    Decoder::Tokens apply(Decoder::Tokens tokens) const override
    {
        std::string text, bytes;
        bool isAtStart = true, sawPrefix = false;
        for (const std::string& token : tokens) {
            const auto known = m_types.find(token);
            const PieceType type = known == m_types.end() ? PieceType::Normal : known->second;
            if (type == PieceType::Byte && token.size() == 6) {
                bytes += static_cast<char>(std::stoi(token.substr(3, 2), nullptr, 16));
                continue;
            }
            appendBytes(text, bytes);
            isAtStart = isAtStart && !sawPrefix && text.empty();
            sawPrefix = appendPiece(text, token, type, isAtStart);
        }
        appendBytes(text, bytes);
        return {std::move(text)};
    }

private:
    /// True if a prefix was taken off, which happens once, or, where extra spaces go, as long as there is no text.
    bool appendPiece(std::string& text, std::string_view piece, PieceType type, bool isAtStart) const
    {
        if (type == PieceType::Control)
            return false;
        if (type == PieceType::Unknown) {
            text += " \xe2\x81\x87 ";
            return false;
        }
        bool sawPrefix = false;
        if (isAtStart && m_stripsPrefix && piece.starts_with(kSpaceSign)) {
            piece.remove_prefix(kSpaceSign.size());
            sawPrefix = !m_stripsAll;
        }
        for (std::size_t at = 0; at < piece.size();) {
            const bool isSpaceSign = piece.substr(at).starts_with(kSpaceSign);
            text += isSpaceSign ? ' ' : piece[at];
            at += isSpaceSign ? kSpaceSign.size() : 1;
        }
        return sawPrefix;
    }

    /// Every byte that belongs to no character becomes U+FFFD.
    static void appendBytes(std::string& text, std::string& bytes)
    {
        for (std::size_t at = 0; at < bytes.size();) {
            const std::string_view character =
                std::string_view(bytes).substr(at, utf8Length(static_cast<unsigned char>(bytes[at])));
            const bool isValid = firstInvalidUtf8(character) == std::string_view::npos;
            text += isValid ? character : "\xef\xbf\xbd";
            at += isValid ? character.size() : 1;
        }
        bytes.clear();
    }

    std::unordered_map<std::string, PieceType> m_types;
    bool m_stripsPrefix, m_stripsAll;
};

} // namespace

Vocabulary vocabularyOf(const SentencePieces& pieces)
{
    if (pieces.entries.empty() || pieces.entries.size() > static_cast<std::size_t>(Vocabulary::kMaxId))
        throw Error::invalid("the vocabulary has an impossible size")
            .file(pieces.file.string()).field(pieces.field).found(std::to_string(pieces.entries.size()) + " pieces");
    Vocabulary vocabulary(pieces.entries.size());
    for (std::size_t id = 0; id < pieces.entries.size(); ++id) {
        const auto& [text, score, type] = pieces.entries[id];
        const auto refuse = [&](const char* what, std::string found) {
            throw Error::invalid(what).file(pieces.file.string()).field(placeOf(pieces, id)).found(std::move(found));
        };
        if (text.empty())
            refuse("a piece is empty", "\"\"");
        if (firstInvalidUtf8(text) != std::string_view::npos)
            refuse("a piece is not UTF-8", printable(text));
        if (!std::isfinite(score))
            refuse("the score of a piece is not a finite number", std::to_string(score));
        if (type == PieceType::Byte && !(text.size() == 6 && text.starts_with("<0x") && text.ends_with('>') &&
                                         std::isxdigit(static_cast<unsigned char>(text[3])) &&
                                         std::isxdigit(static_cast<unsigned char>(text[4]))))
            refuse("a piece for a byte names none", printable(text));
        if (!vocabulary.add(static_cast<std::int32_t>(id), text))
            refuse("a piece is in the vocabulary twice",
                   printable(text) + ", which has the id " + std::to_string(vocabulary.find(text)) + " too");
    }
    return vocabulary;
}

std::int32_t unknownIdOf(const SentencePieces& pieces)
{
    const auto found = std::find_if(pieces.entries.begin(), pieces.entries.end(),
                                    [](const auto& entry) { return entry.type == PieceType::Unknown; });
    if (found == pieces.entries.end())
        throw Error::invalid("no piece stands for unknown characters").file(pieces.file.string()).field(pieces.field)
            .expected("one of the type UNKNOWN");
    return static_cast<std::int32_t>(found - pieces.entries.begin());
}

std::shared_ptr<const TokenModel> makeScoredBpe(const SentencePieces& pieces, bool isStrict)
{
    Vocabulary vocabulary = vocabularyOf(pieces);
    ScoredMerges merges(pieces, vocabulary, isStrict);
    CharBpeModel::Options options{.ignoreMerges = false,
                                  .byteFallback = pieces.byteFallback,
                                  .unknownId = unknownIdOf(pieces),
                                  .fuseUnknown = true,
                                  .continuingPrefix = {},
                                  .endSuffix = {},
                                  .looseCharacters = merges.takeLoose(),
                                  .frozen = {}};
    for (std::size_t id = 0; isStrict && id < pieces.entries.size(); ++id)
        if (pieces.entries[id].type == PieceType::UserDefined)
            options.frozen.push_back({.id = static_cast<std::int32_t>(id), .content = pieces.entries[id].text});
    return std::make_shared<CharBpeModel>(std::move(vocabulary), merges.table(), std::move(options));
}

std::shared_ptr<const TokenModel> makeScoredUnigram(const SentencePieces& pieces, bool isStrict)
{
    constexpr float kPenalty = 10; // for a character without a piece
    // The library begins its search for the highest score at the least positive number.
    float least = std::numeric_limits<float>::max(), most = std::numeric_limits<float>::min();
    for (const auto& entry : pieces.entries) {
        if (entry.type != PieceType::Normal)
            continue;
        least = std::min(least, entry.score);
        most = std::max(most, entry.score);
    }
    std::vector<UnigramModel::Token> tokens;
    for (const auto& entry : pieces.entries) {
        const bool isUserDefined = entry.type == PieceType::UserDefined;
        UnigramModel::Token token{.score = entry.score,
                                  .isMatched = entry.type == PieceType::Normal || isUserDefined ||
                                               (!isStrict && entry.type == PieceType::Unused)};
        // Scores are negative, and below this: a user-defined piece always wins.
        if (isUserDefined)
            token.score =
                isStrict
                    ? static_cast<float>(static_cast<double>(static_cast<float>(entry.text.size()) * most) - 0.1)
                    : 0.0;
        tokens.push_back(token);
    }
    return std::make_shared<UnigramModel>(vocabularyOf(pieces), std::move(tokens),
                                          UnigramModel::Options{.unknownId = unknownIdOf(pieces),
                                                                .unknownScore = least - kPenalty,
                                                                .byteFallback = pieces.byteFallback,
                                                                .isSinglePrecision = isStrict});
}

std::shared_ptr<const Decoder::Step> makeSentencePieceDecoder(const SentencePieces& pieces)
{
    return std::make_shared<SentencePieceStep>(pieces);
}

} // namespace eigenquant
