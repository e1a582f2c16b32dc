// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/io/text_file.h"
#include "core/tokenizer/json_parts.h"

#include <algorithm>

namespace eigenquant {

std::shared_ptr<const Tokenizer> loadTokenizerJson(const std::filesystem::path& file)
{
    const nlohmann::json json = parseStrictJson(readFile(file), file);
    const JsonObject root(json, file);
    // "truncation" and "padding" are settings of a caller that were saved along; they cut and fill and are
    // no part of what the ids of a text are.
    BpeModel model = readModel(root.getObject("model"));
    std::vector<AddedToken> added = readAddedTokens(root, model.vocabulary());
    int size = model.vocabulary().size();
    for (const AddedToken& token : added)
        size = std::max(size, token.id + 1);
    if (!root.has("pre_tokenizer"))
        throw Error::unsupported("this tokenizer is not byte-level: it has no pre-tokenizer")
            .file(file.string()).field("pre_tokenizer").expected("ByteLevel, or a Sequence that ends with it");
    TokenizerParts parts{.normalizer = root.has("normalizer") ? readNormalizer(root.getObject("normalizer")) : nullptr,
                         .preTokenizer = readPreTokenizer(root.getObject("pre_tokenizer")),
                         .model = std::move(model),
                         .addedTokens = std::move(added),
                         .postProcessing = {},
                         .decoder = Decoder(root.has("decoder") ? readDecoder(root.getObject("decoder"))
                                                                : std::vector<Decoder::Step>())};
    if (root.has("post_processor"))
        parts.postProcessing = readPostProcessor(root.getObject("post_processor"), size);
    return std::make_shared<PipelineTokenizer>(std::move(parts));
}

} // namespace eigenquant
