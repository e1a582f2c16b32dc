// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/architecture.h"

#include <optional>
#include <string>
#include <string_view>

namespace eigenquant {

/// Not a key that transformers knows: a packed checkpoint whose residual stream was turned has RMS norms where its
/// architecture has layer norms.
inline constexpr const char* kNormKindKey = "eigenquant_norm";
inline constexpr const char* kLayerNormWord = "layer";
inline constexpr const char* kRmsNormWord = "rms";

/// The words of config.json for activations; nothing for one that is not known.
std::optional<Activation> activationFromName(std::string_view word);
std::string_view name(Activation activation);
std::string activationNames();

} // namespace eigenquant
