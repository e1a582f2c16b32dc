// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/config.h"

#include <string>
#include <vector>

namespace eigenquant {

/// The shapes of well-known models by name, and "tiny", which a CPU decodes in no time.
const std::vector<ModelConfig>& shapeConfigs();
/// Throws Error::usage, listing the shapes there are.
const ModelConfig& shapeConfig(const std::string& name);

} // namespace eigenquant
