// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/strict_json.h"
#include "core/tokenizer/pipeline.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace eigenquant {

// The parts of a tokenizer.json. Each throws Error::unsupported naming what is not known and listing what is,
// and Error::invalid for what makes no sense.

std::shared_ptr<const Normalizer> readNormalizer(const JsonObject& part);
/// Of a byte-level tokenizer: its last step is ByteLevel.
std::shared_ptr<const PreTokenizer> readPreTokenizer(const JsonObject& part);
BpeModel readModel(const JsonObject& part);
std::vector<AddedToken> readAddedTokens(const JsonObject& root, const Vocabulary& vocabulary);
PostProcessing readPostProcessor(const JsonObject& part, int vocabularySize);
std::vector<Decoder::Step> readDecoder(const JsonObject& part);

/// The error for a part of a type that is not known here.
[[noreturn]] void refusePart(const JsonObject& part, std::string_view kind, const std::string& type,
                             std::string_view known);

/// A "pattern" member: {"Regex": …} or {"String": …}.
Regex readPattern(const JsonObject& part);

/// The elements of an array of objects, with names for messages: "normalizers[1].".
std::vector<JsonObject> readObjects(const JsonObject& part, std::string_view key);

} // namespace eigenquant
