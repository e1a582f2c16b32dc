// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/io/printable.h"
#include "core/tokenizer/bpe_builder.h"
#include "core/tokenizer/byte_bpe_model.h"
#include "core/tokenizer/char_bpe_model.h"
#include "core/tokenizer/json_parts.h"
#include "core/tokenizer/unigram_model.h"
#include "core/tokenizer/word_models.h"

#include <algorithm>
#include <limits>

namespace eigenquant {

namespace {

Error wrongKind(const JsonObject& part, const std::string& field, std::string expected)
{
    return Error::invalid("the value is of the wrong kind")
        .file(part.source().string()).field(printable(part.fieldName(field))).expected(std::move(expected));
}

Vocabulary readVocabulary(const JsonObject& part)
{
    const JsonObject tokens = part.getObject("vocab");
    Vocabulary vocabulary(tokens.raw().size());
    for (const auto& [text, value] : tokens.raw().items()) {
        const auto id = static_cast<std::int32_t>(tokens.getInteger(text, 0, Vocabulary::kMaxId));
        if (vocabulary.has(id))
            throw Error::invalid("two tokens have the same id")
                .file(part.source().string()).field(printable(part.fieldName("vocab") + "." + text))
                .found(std::to_string(id) + ", which is the id of " + printable(vocabulary.text(id)) + " too");
        vocabulary.add(id, text);
    }
    if (vocabulary.size() == 0)
        throw Error::invalid("the vocabulary is empty").file(part.source().string()).field(part.fieldName("vocab"));
    return vocabulary;
}

MergeTable readMerges(const JsonObject& part, const Vocabulary& vocabulary)
{
    const auto& merges = part.getArray("merges");
    MergeTableBuilder builder(vocabulary, merges.size(), part.source(), part.fieldName("merges"),
                              part.getStringOr("continuing_subword_prefix", ""));
    for (std::size_t i = 0; i < merges.size(); ++i) {
        const auto& merge = merges[i];
        if (merge.is_string())
            builder.add(merge.get_ref<const std::string&>());
        else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string())
            builder.add(merge[0].get_ref<const std::string&>(), merge[1].get_ref<const std::string&>());
        else
            throw wrongKind(part, "merges[" + std::to_string(i) + "]", "\"left right\" or [\"left\", \"right\"]");
    }
    return builder.take();
}

/// The id of the token that `key` names; -1 without the key or, where that does no harm, without the token.
std::int32_t readUnknown(const JsonObject& part, const Vocabulary& vocabulary, bool isNeeded)
{
    if (!part.has("unk_token"))
        return -1;
    const std::string token = part.getString("unk_token");
    const std::int32_t id = vocabulary.find(token);
    if (id < 0 && isNeeded)
        throw Error::invalid("the unknown token is not in the vocabulary")
            .file(part.source().string()).field(part.fieldName("unk_token")).found(printable(token));
    return id;
}

std::shared_ptr<const TokenModel> readByteBpe(const JsonObject& part, Vocabulary vocabulary)
{
    MergeTable merges = readMerges(part, vocabulary);
    ByteBpeModel::Options options{.ignoreMerges = part.getBoolOr("ignore_merges", false),
                                  .fuseUnknown = part.getBoolOr("fuse_unk", false)};
    options.unknownId = readUnknown(part, vocabulary, !ByteBpeModel::knowsEveryByte(vocabulary));
    return std::make_shared<ByteBpeModel>(std::move(vocabulary), std::move(merges), options);
}

std::shared_ptr<const TokenModel> readCharBpe(const JsonObject& part, Vocabulary vocabulary)
{
    MergeTable merges = readMerges(part, vocabulary);
    CharBpeModel::Options options{.ignoreMerges = part.getBoolOr("ignore_merges", false),
                                  .byteFallback = part.getBoolOr("byte_fallback", false),
                                  .unknownId = readUnknown(part, vocabulary, true),
                                  .fuseUnknown = part.getBoolOr("fuse_unk", false),
                                  .continuingPrefix = part.getStringOr("continuing_subword_prefix", ""),
                                  .endSuffix = part.getStringOr("end_of_word_suffix", ""),
                                  .looseCharacters = {}};
    return std::make_shared<CharBpeModel>(std::move(vocabulary), std::move(merges), std::move(options));
}

std::shared_ptr<const TokenModel> readBpe(const JsonObject& part, JsonPreTokenizer& pre)
{
    if (part.getNumberOr("dropout", 0) != 0)
        throw Error::unsupported("this tokenizer leaves merges out at random")
            .file(part.source().string()).field(part.fieldName("dropout"))
            .found(printable(part.raw()["dropout"].dump())).expected("null or 0");
    Vocabulary vocabulary = readVocabulary(part);
    const bool isSpelt =
        part.getStringOr("continuing_subword_prefix", "") + part.getStringOr("end_of_word_suffix", "") != "";
    const bool fallsBack = part.getBoolOr("byte_fallback", false) && !ByteBpeModel::knowsEveryByte(vocabulary);
    if (!pre.endsInBytes || isSpelt || fallsBack)
        return readCharBpe(part, std::move(vocabulary));
    pre.endsInBytes = false;
    return readByteBpe(part, std::move(vocabulary));
}

/// One [piece, score] of a Unigram vocabulary.
void readScoredPiece(const JsonObject& part, std::size_t index, Vocabulary& vocabulary,
                     std::vector<UnigramModel::Token>& tokens)
{
    const auto& pair = part.getArray("vocab")[index];
    const std::string field = "vocab[" + std::to_string(index) + "]";
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_number())
        throw wrongKind(part, field, "[\"piece\", score]");
    const auto& text = pair[0].get_ref<const std::string&>();
    if (!vocabulary.add(static_cast<std::int32_t>(index), text))
        throw Error::invalid("a piece is in the vocabulary twice")
            .file(part.source().string()).field(part.fieldName(field))
            .found(printable(text) + ", which has the id " + std::to_string(vocabulary.find(text)) + " too");
    tokens.push_back({.score = pair[1].get<double>()});
}

std::shared_ptr<const TokenModel> readUnigram(const JsonObject& part)
{
    const std::size_t size = part.getArray("vocab").size();
    if (size == 0 || size > static_cast<std::size_t>(Vocabulary::kMaxId))
        throw Error::invalid("the vocabulary has an impossible size")
            .file(part.source().string()).field(part.fieldName("vocab")).found(std::to_string(size) + " pieces");
    Vocabulary vocabulary(size);
    std::vector<UnigramModel::Token> tokens;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < size; ++i) {
        readScoredPiece(part, i, vocabulary, tokens);
        least = std::min(least, tokens.back().score);
    }
    constexpr double kPenalty = 10; // SentencePiece's, for a character without a piece
    const UnigramModel::Options options{
        .unknownId = static_cast<std::int32_t>(part.getIntegerOr("unk_id", -1, 0, static_cast<std::int64_t>(size) - 1)),
        .unknownScore = least - kPenalty,
        .byteFallback = part.getBoolOr("byte_fallback", false)};
    return std::make_shared<UnigramModel>(std::move(vocabulary), std::move(tokens), options);
}

std::shared_ptr<const TokenModel> readWordPiece(const JsonObject& part)
{
    Vocabulary vocabulary = readVocabulary(part);
    const std::int32_t unknown = readUnknown(part, vocabulary, true);
    return std::make_shared<WordPieceModel>(
        std::move(vocabulary),
        WordPieceModel::Options{.unknownId = unknown,
                                .continuingPrefix = part.getStringOr("continuing_subword_prefix", "##"),
                                .mostCharacters = static_cast<std::size_t>(part.getIntegerOr(
                                    "max_input_chars_per_word", 100, 0, std::int64_t{1} << 40))});
}

std::shared_ptr<const TokenModel> readWordLevel(const JsonObject& part)
{
    Vocabulary vocabulary = readVocabulary(part);
    const std::int32_t unknown = readUnknown(part, vocabulary, false);
    return std::make_shared<WordLevelModel>(std::move(vocabulary), unknown);
}

/// Files of before 2020 name no type; they are told by what they hold.
std::string typeByMembers(const JsonObject& part)
{
    if (part.has("merges"))
        return "BPE";
    if (part.has("vocab") && part.raw()["vocab"].is_array())
        return "Unigram";
    return part.has("max_input_chars_per_word") ? "WordPiece" : part.has("vocab") ? "WordLevel" : "(none)";
}

} // namespace

std::shared_ptr<const TokenModel> readModel(const JsonObject& part, JsonPreTokenizer& pre)
{
    const std::string type = part.getStringOr("type", typeByMembers(part));
    if (type == "BPE")
        return readBpe(part, pre);
    if (type == "Unigram")
        return readUnigram(part);
    if (type == "WordPiece")
        return readWordPiece(part);
    if (type == "WordLevel")
        return readWordLevel(part);
    refusePart(part, "model", type, "BPE, Unigram, WordPiece, WordLevel");
}

} // namespace eigenquant
