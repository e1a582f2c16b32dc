// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/strict_json.h"
#include "core/model/config.h"

namespace eigenquant {

/// Not a key that transformers knows: it keeps a packed checkpoint of a GGUF model with rope_freqs exact.
inline constexpr const char* kRopeFactorsKey = "eigenquant_rope_factors";

/// Reads all that config.json says of rotary positions, as transformers 4 (`rope_scaling`) or 5 (`rope_parameters`)
/// writes it.
void readRope(ModelConfig& config, const Architecture& architecture, const JsonObject& json);
/// Error::invalid where scalings and factors do not fit the heads.
void checkRope(const ModelConfig& config, const std::string& source);
/// Writes it as transformers 4 does, which 5 reads too.
void writeRope(const ModelConfig& config, const Architecture& architecture, nlohmann::json& json);

} // namespace eigenquant
