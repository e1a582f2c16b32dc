// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/sentencepiece_parts.h"

#include <filesystem>

namespace eigenquant {

/// Reads a `tokenizer.model`, SentencePiece's protocol buffer, without that library's own reader: every length is
/// held against what is left of the file. Error::unsupported says what else the file is (such as the text of tiktoken),
/// or names a kind of model that is not known here; Error::invalid names the field that is damaged.
SentencePieces readSentencePieceFile(const std::filesystem::path& file);

} // namespace eigenquant
