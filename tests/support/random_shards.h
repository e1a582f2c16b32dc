// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/llama_layout.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace eigenquant::test {

/// llama-2-7b, llama-2-13b, llama-3-8b, llama-3.2-1b, tinyllama-1.1b and some that are smaller.
const std::vector<ModelShape>& modelShapes();

/// Writes a Hugging Face folder of that shape with random F16 weights: config.json, shards of at most `shardBytes` with
/// their index, and the tiny models' tokenizer, whose words the vocabulary holds among others. Holds some MB, however
/// large the model is. The same bytes for the same seed on every machine.
void writeRandomShards(const std::filesystem::path& folder, const ModelShape& shape, std::uint64_t seed,
                       std::uint64_t shardBytes);

} // namespace eigenquant::test
