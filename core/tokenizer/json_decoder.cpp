// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/tokenizer/json_parts.h"

#include <limits>

namespace eigenquant {

namespace {

using Steps = std::vector<std::shared_ptr<const Decoder::Step>>;

std::shared_ptr<const Decoder::Step> readStrip(const JsonObject& part)
{
    const auto count = [&](std::string_view key) {
        return static_cast<std::size_t>(part.getInteger(key, 0, std::numeric_limits<std::int32_t>::max()));
    };
    return std::make_shared<StripStep>(readCharacter(part, "content"), count("start"), count("stop"));
}

std::shared_ptr<const Decoder::Step> readMetaspace(const JsonObject& part)
{
    const bool wasPrepended = part.getStringOr("prepend_scheme", "always") != "never";
    return std::make_shared<MetaspaceStep>(readCharacter(part, "replacement"),
                                           wasPrepended && part.getBoolOr("add_prefix_space", true));
}

/// Null if no step has this name.
std::shared_ptr<const Decoder::Step> readStep(const JsonObject& part, const std::string& type)
{
    if (type == "ByteLevel")
        return std::make_shared<ByteLevelStep>();
    if (type == "Fuse")
        return std::make_shared<FuseStep>();
    if (type == "ByteFallback")
        return std::make_shared<ByteFallbackStep>();
    if (type == "Replace")
        return std::make_shared<ReplaceStep>(readPattern(part), part.getString("content"));
    if (type == "Strip")
        return readStrip(part);
    if (type == "Metaspace")
        return readMetaspace(part);
    if (type == "WordPiece")
        return std::make_shared<WordPieceStep>(part.getStringOr("prefix", "##"), part.getBoolOr("cleanup", true));
    if (type == "BPEDecoder")
        return std::make_shared<WordEndStep>(part.getStringOr("suffix", "</w>"));
    return nullptr;
}

} // namespace

Steps readDecoder(const JsonObject& part)
{
    const std::string type = part.getString("type");
    if (auto step = readStep(part, type))
        return {std::move(step)};
    if (type != "Sequence")
        refusePart(part, "decoder", type,
                   "ByteLevel, Replace, Fuse, Strip, ByteFallback, Metaspace, WordPiece, BPEDecoder, Sequence");
    Steps steps;
    for (const JsonObject& inner : readObjects(part, "decoders"))
        for (auto& step : readDecoder(inner))
            steps.push_back(std::move(step));
    // A decoder that does nothing joins its tokens without spaces, unlike no decoder.
    return steps.empty() ? Steps{std::make_shared<FuseStep>()} : steps;
}

} // namespace eigenquant
