// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/io/gguf.h"
#include "core/tokenizer/gguf_vocabulary.h"

#include <algorithm>
#include <cctype>

namespace eigenquant {

namespace {

template <typename List>
const List& sized(const GgufStore& gguf, const List* list, const char* key, std::size_t expected)
{
    if (!list || list->size() != expected)
        throw Error::invalid("the vocabulary's lists differ in length")
            .file(fileOf(gguf)).field(key).found(list ? std::to_string(list->size()) : "no list")
            .expected(std::to_string(expected) + ", as there are tokens");
    return *list;
}

std::string readCharacterMap(const GgufStore& gguf)
{
    std::string bytes;
    if (const auto* const list = gguf.integersIf("tokenizer.ggml.precompiled_charsmap"))
        for (const std::int64_t byte : *list)
            bytes += static_cast<char>(byte);
    return bytes;
}

/// llama.cpp goes by the name here: most control tokens of Phi-3 take the white space behind them along.
bool stripsBehind(const GgufStore& gguf, const std::string& token)
{
    std::string name = gguf.textIf("general.name").value_or("");
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (name.find("phi-3") == std::string::npos && name.find("phi3") == std::string::npos)
        return false;
    return token != "<unk>" && token != "<s>" && token != "<|endoftext|>";
}

/// Found in the text as it is, before anything else.
std::vector<AddedToken> readSpecialPieces(const GgufStore& gguf, const SentencePieces& pieces)
{
    std::vector<AddedToken> added;
    for (std::size_t id = 0; id < pieces.entries.size(); ++id) {
        const auto& [text, score, type] = pieces.entries[id];
        if (type == PieceType::Control || type == PieceType::UserDefined || type == PieceType::Unknown)
            added.push_back({.id = static_cast<std::int32_t>(id),
                             .content = text,
                             .special = type != PieceType::UserDefined,
                             .rightStrip = stripsBehind(gguf, text),
                             .normalized = false});
    }
    return added;
}

std::shared_ptr<const Normalizer> scoredBpeNormalizer(const SentencePieces& pieces)
{
    std::vector<std::shared_ptr<const Normalizer>> steps;
    if (pieces.normalizer.addsDummyPrefix)
        steps.push_back(std::make_shared<PrependNormalizer>(std::string(kSpaceSign)));
    steps.push_back(std::make_shared<ReplaceNormalizer>(Regex::fromLiteral(" "), std::string(kSpaceSign)));
    return std::make_shared<NormalizerSequence>(std::move(steps));
}

Decoder pieceDecoder(const SentencePieces& pieces)
{
    std::vector<std::shared_ptr<const Decoder::Step>> steps{
        std::make_shared<ReplaceStep>(Regex::fromLiteral(kSpaceSign), " "), std::make_shared<ByteFallbackStep>(),
        std::make_shared<FuseStep>()};
    if (pieces.normalizer.addsDummyPrefix)
        steps.push_back(std::make_shared<StripStep>(" ", 1, 0));
    return Decoder(std::move(steps));
}

} // namespace

SentencePieces readGgufPieces(const GgufStore& gguf, bool isUnigram)
{
    const auto& tokens = gguf.texts("tokenizer.ggml.tokens");
    const auto& scores = sized(gguf, gguf.realsIf("tokenizer.ggml.scores"), "tokenizer.ggml.scores", tokens.size());
    const auto& types =
        sized(gguf, gguf.integersIf("tokenizer.ggml.token_type"), "tokenizer.ggml.token_type", tokens.size());
    SentencePieces pieces{
        .entries = {},
        .isUnigram = isUnigram,
        .byteFallback = !isUnigram,
        .normalizer = {.addsDummyPrefix = gguf.flagIf("tokenizer.ggml.add_space_prefix").value_or(!isUnigram),
                       .removesExtraSpaces =
                           isUnigram && gguf.flagIf("tokenizer.ggml.remove_extra_whitespaces").value_or(false)},
        .characterMap = isUnigram ? readCharacterMap(gguf) : std::string(),
        .file = fileOf(gguf),
        .field = "tokenizer.ggml.tokens"};
    for (std::size_t id = 0; id < tokens.size(); ++id) {
        if (types[id] < 1 || types[id] > 6)
            throw Error::invalid("a token is of a type that does not exist")
                .file(fileOf(gguf)).field("tokenizer.ggml.token_type[" + std::to_string(id) + "]")
                .found(std::to_string(types[id])).expected("1 to 6");
        pieces.entries.push_back({tokens[id], static_cast<float>(scores[id]), static_cast<PieceType>(types[id])});
    }
    // Old converters wrote no type for it.
    const std::int64_t unknown = gguf.integerIf("tokenizer.ggml.unknown_token_id").value_or(isUnigram ? 2 : 0);
    const auto isUnknown = [](const auto& entry) { return entry.type == PieceType::Unknown; };
    const bool isNamed = unknown >= 0 && unknown < static_cast<std::int64_t>(tokens.size());
    if (isNamed && std::none_of(pieces.entries.begin(), pieces.entries.end(), isUnknown))
        pieces.entries[static_cast<std::size_t>(unknown)].type = PieceType::Unknown;
    return pieces;
}

std::shared_ptr<const Tokenizer> loadGgufSentencePiece(const GgufStore& gguf, bool isUnigram)
{
    const SentencePieces pieces = readGgufPieces(gguf, isUnigram);
    const int size = static_cast<int>(pieces.entries.size());
    auto edges = readEdges(gguf, !isUnigram, isUnigram, size);
    if (!isUnigram)
        return std::make_shared<PipelineTokenizer>(TokenizerParts{.normalizer = scoredBpeNormalizer(pieces),
                                                                  .preTokenizer = nullptr,
                                                                  .model = makeScoredBpe(pieces, false),
                                                                  .addedTokens = readSpecialPieces(gguf, pieces),
                                                                  .postProcessing = std::move(edges),
                                                                  .decoder = pieceDecoder(pieces)});
    std::vector<std::string> userDefined;
    for (const auto& entry : pieces.entries)
        if (entry.type == PieceType::UserDefined)
            userDefined.push_back(entry.text);
    CharacterMap map(pieces.characterMap, fileOf(gguf), "tokenizer.ggml.precompiled_charsmap");
    return std::make_shared<PipelineTokenizer>(TokenizerParts{
        .normalizer = std::make_shared<SentencePieceNormalizer>(std::move(map), userDefined, pieces.normalizer),
        .preTokenizer = nullptr,
        .model = makeScoredUnigram(pieces, false),
        .addedTokens = readSpecialPieces(gguf, pieces),
        .postProcessing = std::move(edges),
        .decoder = pieceDecoder(pieces)});
}

} // namespace eigenquant
