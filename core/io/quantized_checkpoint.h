// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_store.h"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace eigenquant {

/// Throws Error::unsupported, naming the method and what to open in its place, if a model's `config.json` says
/// that its weights are quantized already, as GPTQ, AWQ, bitsandbytes, compressed-tensors and FP8 checkpoints do.
void refuseQuantizedConfig(const nlohmann::json& config, const std::filesystem::path& file);

/// The same for a folder that has such a method's own file of settings beside the config.
void refuseQuantizedFolder(const std::filesystem::path& folder);

/// The same for tensors that only such checkpoints have, whatever the config says.
void refuseQuantizedTensors(const TensorStore& store);

} // namespace eigenquant
