// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/io/text_file.h"
#include "core/tokenizer/json_parts.h"

#include <algorithm>

namespace eigenquant {

namespace {

/// With the letters of the byte alphabet spelt out where the model does not read bytes itself.
std::shared_ptr<const PreTokenizer> wholePreTokenizer(JsonPreTokenizer pre)
{
    if (!pre.endsInBytes)
        return std::move(pre.steps);
    std::vector<std::shared_ptr<const PreTokenizer>> steps;
    if (pre.steps)
        steps.push_back(std::move(pre.steps));
    steps.push_back(std::make_shared<ByteLetters>());
    return std::make_shared<PreTokenizerSequence>(std::move(steps));
}

} // namespace

std::shared_ptr<const Tokenizer> loadTokenizerJson(const std::filesystem::path& file)
{
    const nlohmann::json json = parseStrictJson(readFile(file), file);
    const JsonObject root(json, file);
    // "truncation" and "padding" are settings of a caller that were saved along; they cut and fill and are
    // no part of what the ids of a text are.
    JsonPreTokenizer pre;
    if (root.has("pre_tokenizer"))
        pre = readPreTokenizer(root.getObject("pre_tokenizer"));
    std::shared_ptr<const TokenModel> model = readModel(root.getObject("model"), pre);
    std::vector<AddedToken> added = readAddedTokens(root, model->vocabulary());
    int size = model->vocabulary().size();
    for (const AddedToken& token : added)
        size = std::max(size, token.id + 1);
    TokenizerParts parts{.normalizer = root.has("normalizer") ? readNormalizer(root.getObject("normalizer")) : nullptr,
                         .preTokenizer = wholePreTokenizer(std::move(pre)),
                         .model = std::move(model),
                         .addedTokens = std::move(added),
                         .postProcessing = {},
                         .decoder = Decoder(root.has("decoder") ? readDecoder(root.getObject("decoder"))
                                                                : std::vector<std::shared_ptr<const Decoder::Step>>())};
    if (root.has("post_processor"))
        parts.postProcessing = readPostProcessor(root.getObject("post_processor"), size);
    return std::make_shared<PipelineTokenizer>(std::move(parts));
}

} // namespace eigenquant
