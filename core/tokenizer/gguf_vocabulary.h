// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/pipeline.h"
#include "core/tokenizer/sentencepiece_parts.h"

#include <memory>
#include <string>

namespace eigenquant {

class GgufStore;

// Pieces of `tokenizer.ggml.*` that the kinds of vocabularies share.

/// The name of the file, for messages.
std::string fileOf(const GgufStore& gguf);

/// BOS and EOS as the file's flags say, or, without them, as the kind of vocabulary usually has them.
PostProcessing readEdges(const GgufStore& gguf, bool addsBos, bool addsEos, int vocabularySize);

/// The vocabularies that came from SentencePiece: `tokenizer.ggml.model` "llama" (byte-pair encoding with scores) and
/// "t5" (unigram).
SentencePieces readGgufPieces(const GgufStore& gguf, bool isUnigram);
std::shared_ptr<const Tokenizer> loadGgufSentencePiece(const GgufStore& gguf, bool isUnigram);

} // namespace eigenquant
