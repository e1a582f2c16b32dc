// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/io/printable.h"
#include "core/tokenizer/bpe_builder.h"
#include "core/tokenizer/json_parts.h"

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
    MergeTableBuilder builder(vocabulary, merges.size(), part.source(), part.fieldName("merges"));
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

/// An option that byte-level models leave alone; any other value would change the ids.
void refuseUnless(bool isTrivial, const JsonObject& part, const std::string& option, const std::string& expected)
{
    if (isTrivial)
        return;
    throw Error::unsupported("the model of this tokenizer has an option that is not known here")
        .file(part.source().string()).field(part.fieldName(option)).found(printable(part.raw()[option].dump()))
        .expected(expected);
}

BpeModel::Options readOptions(const JsonObject& part, const Vocabulary& vocabulary)
{
    refuseUnless(part.getNumberOr("dropout", 0) == 0, part, "dropout", "null or 0");
    for (const char* const option : {"continuing_subword_prefix", "end_of_word_suffix"})
        refuseUnless(part.getStringOr(option, "").empty(), part, option, "null or \"\"");
    BpeModel::Options options;
    options.ignoreMerges = part.getBoolOr("ignore_merges", false);
    options.fuseUnknown = part.getBoolOr("fuse_unk", false);
    if (part.has("unk_token"))
        options.unknownId = vocabulary.find(part.getString("unk_token"));
    return options;
}

} // namespace

BpeModel readModel(const JsonObject& part)
{
    // Files of before 2020 name no type; they are told by what they hold.
    const std::string type = part.getStringOr("type", part.has("merges") ? "BPE" : "(none)");
    if (type != "BPE")
        refusePart(part, "model", type, "BPE");
    Vocabulary vocabulary = readVocabulary(part);
    MergeTable merges = readMerges(part, vocabulary);
    const BpeModel::Options options = readOptions(part, vocabulary);
    BpeModel model(std::move(vocabulary), std::move(merges), options);
    // What happens to bytes without a token matters only where there are such bytes.
    refuseUnless(!part.getBoolOr("byte_fallback", false) || model.knowsEveryByte(), part, "byte_fallback",
                 "false, or a vocabulary with every byte");
    if (part.has("unk_token") && options.unknownId < 0 && !model.knowsEveryByte())
        throw Error::invalid("the unknown token is not in the vocabulary")
            .file(part.source().string()).field(part.fieldName("unk_token")).found(printable(part.getString("unk_token")));
    return model;
}

std::vector<AddedToken> readAddedTokens(const JsonObject& root, const Vocabulary& vocabulary)
{
    std::vector<AddedToken> tokens;
    if (!root.has("added_tokens"))
        return tokens;
    std::unordered_map<std::int32_t, std::string> seen;
    for (const JsonObject& entry : readObjects(root, "added_tokens")) {
        AddedToken token{.id = static_cast<std::int32_t>(entry.getInteger("id", 0, Vocabulary::kMaxId)),
                         .content = entry.getString("content"),
                         .special = entry.getBoolOr("special", false),
                         .singleWord = entry.getBoolOr("single_word", false),
                         .leftStrip = entry.getBoolOr("lstrip", false),
                         .rightStrip = entry.getBoolOr("rstrip", false)};
        token.normalized = entry.getBoolOr("normalized", !token.special);
        const std::int32_t known = vocabulary.find(token.content);
        const bool isTaken = vocabulary.has(token.id) && vocabulary.text(token.id) != token.content;
        if ((known >= 0 && known != token.id) || isTaken || !seen.emplace(token.id, token.content).second)
            throw Error::invalid("an added token has an id that the vocabulary gives to another token")
                .file(entry.source().string()).field(entry.fieldName("id"))
                .found(std::to_string(token.id) + " for " + printable(token.content));
        tokens.push_back(std::move(token));
    }
    return tokens;
}

} // namespace eigenquant
