// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/io/printable.h"
#include "core/tokenizer/json_parts.h"

namespace eigenquant {

namespace {

std::int32_t checkedId(const JsonObject& part, std::string_view key, const nlohmann::json& value, int vocabularySize)
{
    if (!value.is_number_integer() || value < 0 || value >= vocabularySize)
        throw Error::invalid("the id of a special token is not in the vocabulary")
            .file(part.source().string()).field(printable(part.fieldName(key))).found(printable(value.dump()))
            .expected("an id from 0 to " + std::to_string(vocabularySize - 1));
    return value.get<std::int32_t>();
}

void appendSpecial(const JsonObject& part, const std::string& name, int vocabularySize, std::vector<std::int32_t>& ids)
{
    const JsonObject special = part.getObject("special_tokens").getObject(name);
    for (const auto& id : special.getArray("ids"))
        ids.push_back(checkedId(special, "ids", id, vocabularySize));
}

PostProcessing readTemplate(const JsonObject& part, int vocabularySize)
{
    PostProcessing post;
    bool isPastText = false;
    for (const JsonObject& piece : readObjects(part, "single")) {
        if (piece.has("SpecialToken")) {
            const std::string name = piece.getObject("SpecialToken").getString("id");
            appendSpecial(part, name, vocabularySize, isPastText ? post.after : post.before);
            continue;
        }
        const std::string sequence = piece.getObject("Sequence").getString("id");
        if (sequence != "A" || isPastText)
            throw Error::unsupported("the template of the post-processor does not hold the text exactly once")
                .file(part.source().string()).field(part.fieldName("single")).found("Sequence " + printable(sequence))
                .expected("special tokens around one Sequence A");
        isPastText = true;
    }
    if (!isPastText)
        throw Error::unsupported("the template of the post-processor does not hold the text")
            .file(part.source().string())
            .field(part.fieldName("single"))
            .expected("special tokens around one Sequence A");
    return post;
}

/// The members "sep" and "cls" of the older kinds: a token and its id.
std::int32_t readEdge(const JsonObject& part, std::string_view key, int vocabularySize)
{
    const auto& pair = part.getArray(key);
    if (pair.size() != 2)
        throw Error::invalid("a special token is written as its text and its id")
            .file(part.source().string()).field(part.fieldName(key)).found(printable(pair.dump()));
    return checkedId(part, key, pair[1], vocabularySize);
}

/// Each step puts its tokens around those of the one before.
PostProcessing readSequence(const JsonObject& part, int vocabularySize)
{
    PostProcessing post;
    for (const JsonObject& step : readObjects(part, "processors")) {
        const PostProcessing outer = readPostProcessor(step, vocabularySize);
        post.before.insert(post.before.begin(), outer.before.begin(), outer.before.end());
        post.after.insert(post.after.end(), outer.after.begin(), outer.after.end());
    }
    return post;
}

} // namespace

PostProcessing readPostProcessor(const JsonObject& part, int vocabularySize)
{
    const std::string type = part.getString("type");
    if (type == "ByteLevel") // moves offsets, which are not kept here
        return {};
    if (type == "TemplateProcessing")
        return readTemplate(part, vocabularySize);
    if (type == "RobertaProcessing" || type == "BertProcessing")
        return {{readEdge(part, "cls", vocabularySize)}, {readEdge(part, "sep", vocabularySize)}};
    if (type == "Sequence")
        return readSequence(part, vocabularySize);
    refusePart(part, "post-processor", type,
               "ByteLevel, TemplateProcessing, RobertaProcessing, BertProcessing, Sequence");
}

} // namespace eigenquant
