// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/io/gguf.h"
#include "core/io/printable.h"
#include "core/tokenizer/bpe_builder.h"
#include "core/tokenizer/byte_bpe_model.h"
#include "core/tokenizer/gguf_pre_tokenizers.h"
#include "core/tokenizer/gguf_vocabulary.h"

namespace eigenquant {

namespace {

std::shared_ptr<const PreTokenizer> makePreTokenizer(const GgufPreTokenizer& name)
{
    std::vector<std::shared_ptr<const PreTokenizer>> steps;
    if (name.splitsDigits)
        steps.push_back(digits(true));
    for (const std::string_view pattern : name.patterns)
        steps.push_back(isolate(pattern));
    return steps.size() == 1 ? steps.front() : std::make_shared<PreTokenizerSequence>(std::move(steps));
}

Vocabulary readVocabulary(const GgufStore& gguf)
{
    const auto& tokens = gguf.texts("tokenizer.ggml.tokens");
    if (tokens.empty() || tokens.size() > static_cast<std::size_t>(Vocabulary::kMaxId))
        throw Error::invalid("the vocabulary has an impossible size")
            .file(fileOf(gguf)).field("tokenizer.ggml.tokens").found(std::to_string(tokens.size()) + " tokens");
    Vocabulary vocabulary(tokens.size());
    for (std::size_t id = 0; id < tokens.size(); ++id) {
        if (!vocabulary.add(static_cast<std::int32_t>(id), tokens[id]))
            throw Error::invalid("a token is in the vocabulary twice")
                .file(fileOf(gguf))
                .field("tokenizer.ggml.tokens[" + std::to_string(id) + "]")
                .found(printable(tokens[id]) + ", which has the id " +
                       std::to_string(vocabulary.find(tokens[id])) + " too");
    }
    return vocabulary;
}

MergeTable readMerges(const GgufStore& gguf, const Vocabulary& vocabulary)
{
    const auto& merges = gguf.texts("tokenizer.ggml.merges");
    MergeTableBuilder builder(vocabulary, merges.size(), fileOf(gguf), "tokenizer.ggml.merges");
    for (const std::string& merge : merges)
        builder.add(merge);
    return builder.take();
}

/// Tokens of the types control and user-defined are looked for in the text.
std::vector<AddedToken> readAddedTokens(const GgufStore& gguf, const Vocabulary& vocabulary)
{
    constexpr std::int64_t kControl = 3, kUserDefined = 4;
    std::vector<AddedToken> added;
    const auto* const types = gguf.integersIf("tokenizer.ggml.token_type");
    if (!types)
        return added;
    if (types->size() != static_cast<std::size_t>(vocabulary.size()))
        throw Error::invalid("there are not as many token types as tokens")
            .file(fileOf(gguf)).field("tokenizer.ggml.token_type").found(std::to_string(types->size()))
            .expected(std::to_string(vocabulary.size()));
    for (std::int32_t id = 0; id < vocabulary.size(); ++id) {
        const std::int64_t type = (*types)[static_cast<std::size_t>(id)];
        if (type != kControl && type != kUserDefined)
            continue;
        const bool isControl = type == kControl;
        added.push_back({.id = id,
                         .content = std::string(vocabulary.text(id)),
                         .special = isControl,
                         .normalized = !isControl});
    }
    return added;
}

/// The id under `key`, if the flag under `flagKey` (or, without it, `isDefault`) asks for it.
std::vector<std::int32_t> readEdge(const GgufStore& gguf, std::string_view flagKey, bool isDefault,
                                   std::string_view key, int size)
{
    if (!gguf.flagIf(flagKey).value_or(isDefault))
        return {};
    const std::int64_t id = gguf.integer(key);
    if (id < 0 || id >= size)
        throw Error::invalid("the id of a special token is not in the vocabulary")
            .file(fileOf(gguf)).field(std::string(key)).found(std::to_string(id))
            .expected("an id from 0 to " + std::to_string(size - 1));
    return {static_cast<std::int32_t>(id)};
}

std::shared_ptr<const Tokenizer> loadByteLevel(const GgufStore& gguf)
{
    const GgufPreTokenizer& name = ggufPreTokenizer(gguf);
    Vocabulary vocabulary = readVocabulary(gguf);
    MergeTable merges = readMerges(gguf, vocabulary);
    const int size = vocabulary.size();
    std::vector<AddedToken> added = readAddedTokens(gguf, vocabulary);
    return std::make_shared<PipelineTokenizer>(TokenizerParts{
        .normalizer = name.isNfc ? std::make_shared<UnicodeNormalizer>(UnicodeForm::Nfc) : nullptr,
        .preTokenizer = makePreTokenizer(name),
        .model = std::make_shared<ByteBpeModel>(std::move(vocabulary), std::move(merges),
                                                ByteBpeModel::Options{.ignoreMerges = name.ignoreMerges}),
        .addedTokens = std::move(added),
        .postProcessing = readEdges(gguf, name.addsBos, false, size),
        .decoder = Decoder({std::make_shared<ByteLevelStep>()})});
}

} // namespace

std::string fileOf(const GgufStore& gguf)
{
    return gguf.files().empty() ? std::string() : gguf.files().front().string();
}

PostProcessing readEdges(const GgufStore& gguf, bool addsBos, bool addsEos, int vocabularySize)
{
    return {readEdge(gguf, "tokenizer.ggml.add_bos_token", addsBos, "tokenizer.ggml.bos_token_id", vocabularySize),
            readEdge(gguf, "tokenizer.ggml.add_eos_token", addsEos, "tokenizer.ggml.eos_token_id", vocabularySize)};
}

std::shared_ptr<const Tokenizer> loadTokenizerGguf(const GgufStore& gguf)
{
    const std::string kind = gguf.text("tokenizer.ggml.model");
    if (kind == "gpt2")
        return loadByteLevel(gguf);
    if (kind == "llama" || kind == "t5")
        return loadGgufSentencePiece(gguf, kind == "t5");
    throw Error::unsupported("this file has a tokenizer model that is not known here")
        .file(fileOf(gguf)).field("tokenizer.ggml.model").found(printable(kind))
        .expected("gpt2 (byte-level byte-pair encoding), llama or t5 (SentencePiece)");
}

} // namespace eigenquant
