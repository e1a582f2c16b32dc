// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/pipeline.h"
#include "core/tokenizer/sentencepiece_normalizer.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace eigenquant {

/// The numbers are those of SentencePiece's file format and of GGUF's token types.
enum class PieceType { Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6 };

/// A SentencePiece model, wherever it was read from.
struct SentencePieces {
    struct Entry {
        std::string text;
        float score = 0;
        PieceType type = PieceType::Normal;
    };
    std::vector<Entry> entries; ///< by id
    bool isUnigram = false;     ///< else byte-pair encoding
    bool byteFallback = false;
    SentencePieceNormalizer::Options normalizer;
    std::string characterMap;     ///< the table of replacements; empty: none
    std::filesystem::path file;   ///< for messages, as
    std::string field;            ///< the name of the list of pieces
};

/// The vocabulary of the pieces. Error::invalid for one that comes twice, a score that is no number, invalid UTF-8.
Vocabulary vocabularyOf(const SentencePieces& pieces);

/// The id of the piece of type Unknown; Error::invalid where there is none.
std::int32_t unknownIdOf(const SentencePieces& pieces);

/// Byte-pair encoding as SentencePiece does it: of all neighbours that together are a piece those with the highest
/// score are joined first. `isStrict`: user-defined pieces are found before that, and control pieces never; llama.cpp,
/// which cuts a text at both beforehand, makes no such difference.
std::shared_ptr<const TokenModel> makeScoredBpe(const SentencePieces& pieces, bool isStrict);

/// The unigram model. `isStrict`: with SentencePiece's sums in single precision, and without unused pieces;
/// otherwise as llama.cpp and tokenizers have it, who sum in double precision and find unused pieces too.
std::shared_ptr<const TokenModel> makeScoredUnigram(const SentencePieces& pieces, bool isStrict);

/// SentencePiece's way back: control pieces vanish, the unknown one is a question mark, a dummy prefix is taken off.
std::shared_ptr<const Decoder::Step> makeSentencePieceDecoder(const SentencePieces& pieces);

} // namespace eigenquant
