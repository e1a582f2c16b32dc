// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/strict_json.h"
#include "core/tokenizer/pipeline.h"

#include <memory>
#include <string>
#include <vector>

namespace eigenquant {

// The parts of a tokenizer.json. Each throws Error::unsupported naming what is not known and listing what is,
// and Error::invalid for what makes no sense.

std::shared_ptr<const Normalizer> readNormalizer(const JsonObject& part);

/// A pre-tokenizer. One whose last step turns bytes into the letters of the byte alphabet can leave that to the model.
struct JsonPreTokenizer {
    std::shared_ptr<const PreTokenizer> steps; ///< without that last step; null: none
    bool endsInBytes = false;
};
JsonPreTokenizer readPreTokenizer(const JsonObject& part);

/// `pre` loses endsInBytes: it gets the step if the model needs it.
std::shared_ptr<const TokenModel> readModel(const JsonObject& part, JsonPreTokenizer& pre);
std::vector<AddedToken> readAddedTokens(const JsonObject& root, const Vocabulary& vocabulary);
PostProcessing readPostProcessor(const JsonObject& part, int vocabularySize);
std::vector<std::shared_ptr<const Decoder::Step>> readDecoder(const JsonObject& part);

/// The error for a part of a type that is not known here.
[[noreturn]] void refusePart(const JsonObject& part, std::string_view kind, const std::string& type,
                             std::string_view known);

/// A "pattern" member: {"Regex": …} or {"String": …}.
Regex readPattern(const JsonObject& part);

/// A string of exactly one character.
std::string readCharacter(const JsonObject& part, std::string_view key);

/// The elements of an array of objects, with names for messages: "normalizers[1].".
std::vector<JsonObject> readObjects(const JsonObject& part, std::string_view key);

} // namespace eigenquant
