// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/added_tokens.h"
#include "core/tokenizer/decoder.h"
#include "core/tokenizer/normalizer.h"
#include "core/tokenizer/pre_tokenizer.h"
#include "core/tokenizer/token_model.h"
#include "core/tokenizer/tokenizer.h"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace eigenquant {

/// The ids that the post-processor puts around those of a text.
struct PostProcessing {
    std::vector<std::int32_t> before, after;
};

/// What a tokenizer is made of; the loaders fill it in.
struct TokenizerParts {
    std::shared_ptr<const Normalizer> normalizer;     ///< null: none
    std::shared_ptr<const PreTokenizer> preTokenizer; ///< null: none
    std::shared_ptr<const TokenModel> model;
    std::vector<AddedToken> addedTokens;
    PostProcessing postProcessing;
    Decoder decoder;
};

/// normalizer → added tokens → pre-tokenizer → model → post-processor, and the decoder. Added tokens that
/// are not `normalized` are taken out of the text before the normalizer, the others after it.
class PipelineTokenizer : public Tokenizer {
public:
    explicit PipelineTokenizer(TokenizerParts parts);

    std::vector<std::int32_t> encode(std::string_view text) const override;
    std::string decode(const std::vector<std::int32_t>& ids) const override;
    int vocabularySize() const override { return m_size; }

private:
    void encodePlain(Piece text, ModelScratch& scratch, std::vector<std::int32_t>& ids) const;
    std::string_view textOf(std::int32_t id) const;

    TokenizerParts m_parts;
    AddedTokenSplitter m_rawTokens, m_normalizedTokens;
    std::unordered_map<std::int32_t, std::string> m_addedTexts;
    int m_size = 0;
};

} // namespace eigenquant
