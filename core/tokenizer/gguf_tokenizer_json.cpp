// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/gguf_tokenizer_json.h"

#include "core/base/error.h"
#include "core/io/gguf.h"
#include "core/tokenizer/gguf_pre_tokenizers.h"
#include "core/tokenizer/gguf_vocabulary.h"
#include "core/tokenizer/pre_tokenizer.h"
#include "core/tokenizer/utf8.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <numeric>
#include <optional>

namespace eigenquant {
namespace {

using Json = nlohmann::ordered_json;

// Kinds of tokens in `tokenizer.ggml.token_type`.
constexpr std::int64_t kUnknown = 2;
constexpr std::int64_t kControl = 3;
constexpr std::int64_t kUserDefined = 4;

Json byteLevel(bool useRegex)
{
    return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", useRegex}};
}

Json split(std::string_view pattern)
{
    return {{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
}

Json sequence(Json steps)
{
    return {{"type", "Sequence"}, {"pretokenizers", std::move(steps)}};
}

/// ByteLevel does GPT-2's splitting itself, and comes last in any case.
Json preTokenizer(const GgufPreTokenizer& name)
{
    Json steps = Json::array();
    if (name.splitsDigits)
        steps.push_back({{"type", "Digits"}, {"individual_digits", true}});
    const bool endsInGpt2 = name.patterns.back() == kGpt2Pattern;
    for (const std::string_view pattern : name.patterns.first(name.patterns.size() - (endsInGpt2 ? 1 : 0)))
        steps.push_back(split(pattern));
    steps.push_back(byteLevel(endsInGpt2));
    return steps.size() == 1 ? steps.front() : sequence(std::move(steps));
}

std::optional<std::string> tokenText(const GgufStore& gguf, const char* idKey)
{
    const auto id = gguf.integerIf(idKey);
    const auto& tokens = gguf.texts("tokenizer.ggml.tokens");
    if (!id || *id < 0 || *id >= static_cast<std::int64_t>(tokens.size()))
        return std::nullopt;
    return tokens[static_cast<std::size_t>(*id)];
}

Json addedTokens(const GgufStore& gguf)
{
    Json list = Json::array();
    const auto& tokens = gguf.texts("tokenizer.ggml.tokens");
    const auto* types = gguf.integersIf("tokenizer.ggml.token_type");
    for (std::size_t id = 0; types && id < tokens.size() && id < types->size(); ++id) {
        const std::int64_t type = (*types)[id];
        if (type == kControl || type == kUserDefined || type == kUnknown)
            list.push_back({{"id", id},
                            {"content", tokens[id]},
                            {"single_word", false},
                            {"lstrip", false},
                            {"rstrip", false},
                            {"normalized", type == kUserDefined},
                            {"special", type != kUserDefined}});
    }
    return list;
}

/// Puts the BOS token before a text, where the file says so.
Json postProcessor(const GgufStore& gguf, bool addsBos)
{
    const auto bos = tokenText(gguf, "tokenizer.ggml.bos_token_id");
    if (!gguf.flagIf("tokenizer.ggml.add_bos_token").value_or(addsBos) || !bos)
        return nullptr;
    const Json special{{"SpecialToken", {{"id", *bos}, {"type_id", 0}}}};
    auto part = [](const char* id, int type) { return Json{{"Sequence", {{"id", id}, {"type_id", type}}}}; };
    return {{"type", "TemplateProcessing"},
            {"single", Json::array({special, part("A", 0)})},
            {"pair", Json::array({special, part("A", 0), special, part("B", 1)})},
            {"special_tokens",
             {{*bos,
               {{"id", *bos},
                {"ids", Json::array({gguf.integer("tokenizer.ggml.bos_token_id")})},
                {"tokens", Json::array({*bos})}}}}}};
}

Json vocabularyOf(const std::vector<std::string>& tokens)
{
    Json vocabulary = Json::object();
    for (std::size_t id = 0; id < tokens.size(); ++id)
        vocabulary.get_ref<Json::object_t&>().emplace_back(tokens[id], id);
    return vocabulary;
}

Json bpeModel(const GgufStore& gguf, Json merges)
{
    return {{"type", "BPE"},
            {"dropout", nullptr},
            {"unk_token", nullptr},
            {"continuing_subword_prefix", nullptr},
            {"end_of_word_suffix", nullptr},
            {"fuse_unk", false},
            {"byte_fallback", false},
            {"ignore_merges", false},
            {"vocab", vocabularyOf(gguf.texts("tokenizer.ggml.tokens"))},
            {"merges", std::move(merges)}};
}

Json byteLevelJson(const GgufStore& gguf)
{
    const GgufPreTokenizer& pre = ggufPreTokenizer(gguf);
    Json model = bpeModel(gguf, gguf.texts("tokenizer.ggml.merges"));
    model["ignore_merges"] = pre.ignoreMerges;
    return {{"version", "1.0"},
            {"truncation", nullptr},
            {"padding", nullptr},
            {"added_tokens", addedTokens(gguf)},
            {"normalizer", pre.isNfc ? Json{{"type", "NFC"}} : Json(nullptr)},
            {"pre_tokenizer", preTokenizer(pre)},
            {"post_processor", postProcessor(gguf, pre.addsBos)},
            {"decoder", byteLevel(true)},
            {"model", std::move(model)}};
}

/// The ways to put each piece together from two, those of the highest score first: how transformers writes a
/// SentencePiece model of byte-pair encoding.
Json scoredMerges(const SentencePieces& pieces)
{
    const Vocabulary vocabulary = vocabularyOf(pieces);
    std::vector<std::size_t> order(pieces.entries.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return pieces.entries[a].score > pieces.entries[b].score; });
    Json merges = Json::array();
    for (const std::size_t id : order) {
        const std::string_view text = pieces.entries[id].text;
        for (std::size_t middle = 0; middle < text.size();) {
            nextCodePoint(text, middle);
            const std::string_view left = text.substr(0, middle), right = text.substr(middle);
            if (!right.empty() && vocabulary.find(left) >= 0 && vocabulary.find(right) >= 0)
                merges.push_back({left, right});
        }
    }
    return merges;
}

Json scoredBpeJson(const GgufStore& gguf)
{
    const SentencePieces pieces = readGgufPieces(gguf, false);
    const auto replace = [](std::string_view from, std::string_view to) {
        return Json{{"type", "Replace"}, {"pattern", {{"String", from}}}, {"content", to}};
    };
    Json normalizers = Json::array(), decoders = Json::array();
    if (pieces.normalizer.addsDummyPrefix)
        normalizers.push_back({{"type", "Prepend"}, {"prepend", kSpaceSign}});
    normalizers.push_back(replace(" ", kSpaceSign));
    decoders.push_back(replace(kSpaceSign, " "));
    decoders.push_back({{"type", "ByteFallback"}});
    decoders.push_back({{"type", "Fuse"}});
    if (pieces.normalizer.addsDummyPrefix)
        decoders.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
    Json added = addedTokens(gguf);
    for (Json& token : added)
        token["normalized"] = false;
    Json model = bpeModel(gguf, scoredMerges(pieces));
    model["unk_token"] = pieces.entries[static_cast<std::size_t>(unknownIdOf(pieces))].text;
    model["fuse_unk"] = model["byte_fallback"] = true;
    return {{"version", "1.0"},
            {"truncation", nullptr},
            {"padding", nullptr},
            {"added_tokens", std::move(added)},
            {"normalizer", {{"type", "Sequence"}, {"normalizers", std::move(normalizers)}}},
            {"pre_tokenizer", nullptr},
            {"post_processor", postProcessor(gguf, true)},
            {"decoder", {{"type", "Sequence"}, {"decoders", std::move(decoders)}}},
            {"model", std::move(model)}};
}

} // namespace

std::string ggufTokenizerJson(const GgufStore& gguf)
{
    const std::string model = gguf.text("tokenizer.ggml.model");
    if (model == "gpt2")
        return byteLevelJson(gguf).dump() + '\n';
    if (model == "llama")
        return scoredBpeJson(gguf).dump() + '\n';
    throw Error::unsupported("this kind of tokenizer cannot be written as a tokenizer.json")
        .file(gguf.files().front().string())
        .field("tokenizer.ggml.model")
        .found("\"" + model + "\"")
        .expected("gpt2 or llama");
}

std::string ggufTokenizerConfig(const GgufStore& gguf)
{
    Json json{{"tokenizer_class", "PreTrainedTokenizerFast"}, {"clean_up_tokenization_spaces", false}};
    if (const auto bos = tokenText(gguf, "tokenizer.ggml.bos_token_id"))
        json["bos_token"] = *bos;
    if (const auto eos = tokenText(gguf, "tokenizer.ggml.eos_token_id"))
        json["eos_token"] = *eos;
    if (const auto chat = gguf.textIf("tokenizer.chat_template"))
        json["chat_template"] = *chat; // carried, never executed
    return json.dump(2) + '\n';
}

} // namespace eigenquant
