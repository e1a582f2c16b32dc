// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/io/strict_json.h"
#include "core/io/text_file.h"
#include "core/tokenizer/pipeline.h"
#include "core/tokenizer/sentencepiece_file.h"

#include <algorithm>
#include <optional>

namespace eigenquant {

namespace {

/// What tokenizer_config.json says about the ends of a text; without the file nothing is added.
class EdgeSettings {
public:
    EdgeSettings(const std::filesystem::path& config, const Vocabulary& vocabulary) : m_vocabulary(vocabulary)
    {
        if (!std::filesystem::exists(config))
            return;
        const nlohmann::json json = parseStrictJson(readFile(config), config);
        const JsonObject root(json, config);
        // Classes that add one where the file does not say.
        const std::string type = root.getStringOr("tokenizer_class", "");
        const bool isLlama = type.starts_with("Llama") || type.starts_with("CodeLlama") || type.starts_with("Gemma");
        if (root.getBoolOr("add_bos_token", isLlama))
            m_edges.before.push_back(idOf(root, "bos_token", "<s>"));
        if (root.getBoolOr("add_eos_token", type.starts_with("T5")))
            m_edges.after.push_back(idOf(root, "eos_token", "</s>"));
    }

    const PostProcessing& edges() const { return m_edges; }

private:
    /// A token is written as its text, or as an object with its "content".
    std::int32_t idOf(const JsonObject& root, const char* key, const char* usual) const
    {
        const bool isObject = root.has(key) && root.raw()[key].is_object();
        const std::string text = isObject ? root.getObject(key).getString("content") : root.getStringOr(key, usual);
        const std::int32_t id = m_vocabulary.find(text);
        if (id < 0)
            throw Error::invalid("a token that begins or ends texts is not in the vocabulary")
                .file(root.source().string()).field(root.fieldName(key)).found(text).expected("a piece of tokenizer.model");
        return id;
    }

    const Vocabulary& m_vocabulary;
    PostProcessing m_edges;
};

} // namespace

std::shared_ptr<const Tokenizer> loadTokenizerModel(const std::filesystem::path& file)
{
    const SentencePieces pieces = readSentencePieceFile(file);
    std::vector<std::string> userDefined;
    for (const auto& entry : pieces.entries)
        if (entry.type == PieceType::UserDefined)
            userDefined.push_back(entry.text);
    std::shared_ptr<const TokenModel> model = pieces.isUnigram ? makeScoredUnigram(pieces) : makeScoredBpe(pieces, true);
    CharacterMap map(pieces.characterMap, file, "normalizer_spec.precompiled_charsmap");
    PostProcessing edges = EdgeSettings(file.parent_path() / "tokenizer_config.json", model->vocabulary()).edges();
    return std::make_shared<PipelineTokenizer>(TokenizerParts{
        .normalizer = std::make_shared<SentencePieceNormalizer>(std::move(map), userDefined, pieces.normalizer),
        .preTokenizer = nullptr,
        .model = std::move(model),
        .addedTokens = {},
        .postProcessing = std::move(edges),
        .decoder = Decoder({makeSentencePieceDecoder(pieces)})});
}

} // namespace eigenquant
