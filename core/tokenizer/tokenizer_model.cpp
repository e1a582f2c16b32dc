// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/pipeline.h"
#include "core/tokenizer/sentencepiece_file.h"
#include "core/tokenizer/tokenizer_settings.h"

namespace eigenquant {

std::shared_ptr<const Tokenizer> loadTokenizerModel(const std::filesystem::path& file)
{
    const SentencePieces pieces = readSentencePieceFile(file);
    std::vector<std::string> userDefined;
    for (const auto& entry : pieces.entries)
        if (entry.type == PieceType::UserDefined)
            userDefined.push_back(entry.text);
    std::shared_ptr<const TokenModel> model =
        pieces.isUnigram ? makeScoredUnigram(pieces, true) : makeScoredBpe(pieces, true);
    CharacterMap map(pieces.characterMap, file, "normalizer_spec.precompiled_charsmap");
    TokenizerSettings settings = readTokenizerSettings(file.parent_path(), model->vocabulary());
    SentencePieceNormalizer::Options options = pieces.normalizer;
    options.isPrefixedOnce = settings.isPrefixedOnce;
    return std::make_shared<PipelineTokenizer>(TokenizerParts{
        .normalizer = std::make_shared<SentencePieceNormalizer>(std::move(map), userDefined, options),
        .preTokenizer = nullptr,
        .model = std::move(model),
        .addedTokens = std::move(settings.added),
        .postProcessing = std::move(settings.edges),
        .decoder = Decoder({makeSentencePieceDecoder(pieces)})});
}

} // namespace eigenquant
