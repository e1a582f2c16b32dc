// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/tokenizer/character_map.h"
#include "core/tokenizer/json_parts.h"
#include "core/tokenizer/text_normalizers.h"

#include <optional>

namespace eigenquant {

namespace {

using Step = std::shared_ptr<const Normalizer>;

Step readPrecompiled(const JsonObject& part)
{
    constexpr const char* kKey = "precompiled_charsmap";
    const auto bytes = bytesOfBase64(part.getStringOr(kKey, ""));
    if (!bytes)
        throw Error::invalid("the table of replacements is no base64")
            .file(part.source().string()).field(part.fieldName(kKey));
    return std::make_shared<PrecompiledNormalizer>(CharacterMap(*bytes, part.source(), part.fieldName(kKey)));
}

Step readBert(const JsonObject& part)
{
    BertNormalizer::Options options{.cleansText = part.getBoolOr("clean_text", true),
                                    .spacesChinese = part.getBoolOr("handle_chinese_chars", true),
                                    .lowercases = part.getBoolOr("lowercase", true)};
    options.stripsAccents = part.getBoolOr("strip_accents", options.lowercases);
    return std::make_shared<BertNormalizer>(options);
}

std::optional<UnicodeForm> unicodeForm(const std::string& type)
{
    if (type == "NFC")
        return UnicodeForm::Nfc;
    if (type == "NFD")
        return UnicodeForm::Nfd;
    if (type == "NFKC")
        return UnicodeForm::Nfkc;
    if (type == "NFKD")
        return UnicodeForm::Nfkd;
    return std::nullopt;
}

/// One of those that look at a character at a time, or null.
Step readPlain(const JsonObject& part, const std::string& type)
{
    if (type == "Lowercase")
        return std::make_shared<LowercaseNormalizer>();
    if (type == "Strip")
        return std::make_shared<StripNormalizer>(part.getBoolOr("strip_left", true),
                                                 part.getBoolOr("strip_right", true));
    if (type == "StripAccents")
        return std::make_shared<StripAccentsNormalizer>();
    if (type == "Nmt")
        return std::make_shared<NmtNormalizer>();
    if (type == "ByteLevel")
        return std::make_shared<ByteLevelNormalizer>();
    return nullptr;
}

} // namespace

std::shared_ptr<const Normalizer> readNormalizer(const JsonObject& part)
{
    const std::string type = part.getString("type");
    if (const auto form = unicodeForm(type))
        return std::make_shared<UnicodeNormalizer>(*form);
    if (Step plain = readPlain(part, type))
        return plain;
    if (type == "BertNormalizer")
        return readBert(part);
    if (type == "Precompiled")
        return readPrecompiled(part);
    if (type == "Prepend")
        return std::make_shared<PrependNormalizer>(part.getString("prepend"));
    if (type == "Replace")
        return std::make_shared<ReplaceNormalizer>(readPattern(part), part.getString("content"));
    if (type != "Sequence")
        refusePart(part, "normalizer", type,
                   "NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, BertNormalizer, Nmt, Precompiled, Prepend, "
                   "Replace, ByteLevel, Sequence");
    std::vector<Step> steps;
    for (const JsonObject& step : readObjects(part, "normalizers"))
        steps.push_back(readNormalizer(step));
    return std::make_shared<NormalizerSequence>(std::move(steps));
}

} // namespace eigenquant
