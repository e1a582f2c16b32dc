// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/json_parts.h"

#include "core/base/error.h"
#include "core/io/printable.h"

namespace eigenquant {

void refusePart(const JsonObject& part, std::string_view kind, const std::string& type, std::string_view known)
{
    throw Error::unsupported("this tokenizer has a " + std::string(kind) + " that is not known here")
        .file(part.source().string()).field(part.fieldName("type")).found(printable(type)).expected(std::string(known));
}

std::vector<JsonObject> readObjects(const JsonObject& part, std::string_view key)
{
    const auto& array = part.getArray(key);
    std::vector<JsonObject> objects;
    for (std::size_t i = 0; i < array.size(); ++i)
        objects.emplace_back(array[i], part.source(), part.fieldName(key) + "[" + std::to_string(i) + "].");
    return objects;
}

Regex readPattern(const JsonObject& part)
{
    const JsonObject pattern = part.getObject("pattern");
    try {
        return pattern.has("Regex") ? Regex::fromPattern(pattern.getString("Regex"))
                                    : Regex::fromLiteral(pattern.getString("String"));
    } catch (Error& error) {
        if (error.field().empty())
            error.file(part.source().string()).field(part.fieldName("pattern"));
        throw;
    }
}

std::shared_ptr<const Normalizer> readNormalizer(const JsonObject& part)
{
    const std::string type = part.getString("type");
    if (type == "NFC")
        return std::make_shared<UnicodeNormalizer>(UnicodeForm::Nfc);
    if (type == "NFD")
        return std::make_shared<UnicodeNormalizer>(UnicodeForm::Nfd);
    if (type == "NFKC")
        return std::make_shared<UnicodeNormalizer>(UnicodeForm::Nfkc);
    if (type == "NFKD")
        return std::make_shared<UnicodeNormalizer>(UnicodeForm::Nfkd);
    if (type == "Prepend")
        return std::make_shared<PrependNormalizer>(part.getString("prepend"));
    if (type == "Replace")
        return std::make_shared<ReplaceNormalizer>(readPattern(part), part.getString("content"));
    if (type != "Sequence")
        refusePart(part, "normalizer", type, "NFC, NFD, NFKC, NFKD, Prepend, Replace, Sequence");
    std::vector<std::shared_ptr<const Normalizer>> steps;
    for (const JsonObject& step : readObjects(part, "normalizers"))
        steps.push_back(readNormalizer(step));
    return std::make_shared<NormalizerSequence>(std::move(steps));
}

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
            .file(part.source().string()).field(part.fieldName("single")).expected("special tokens around one Sequence A");
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
    if (type != "Sequence")
        refusePart(part, "post-processor", type, "ByteLevel, TemplateProcessing, Sequence");
    PostProcessing post;
    for (const JsonObject& step : readObjects(part, "processors")) {
        const PostProcessing outer = readPostProcessor(step, vocabularySize);
        post.before.insert(post.before.begin(), outer.before.begin(), outer.before.end());
        post.after.insert(post.after.end(), outer.after.begin(), outer.after.end());
    }
    return post;
}

std::vector<Decoder::Step> readDecoder(const JsonObject& part)
{
    const std::string type = part.getString("type");
    if (type == "ByteLevel")
        return {Decoder::Step::ByteLevel};
    if (type == "Fuse")
        return {Decoder::Step::Fuse};
    if (type != "Sequence")
        refusePart(part, "decoder", type, "ByteLevel, Fuse, Sequence");
    std::vector<Decoder::Step> steps;
    for (const JsonObject& step : readObjects(part, "decoders"))
        for (const Decoder::Step inner : readDecoder(step))
            steps.push_back(inner);
    // A decoder that does nothing joins its tokens without spaces, unlike no decoder.
    return steps.empty() ? std::vector{Decoder::Step::Fuse} : steps;
}

} // namespace eigenquant
