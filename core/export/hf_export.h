// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/io/tensor_store.h"
#include "core/quant/packed_checkpoint.h"

#include <filesystem>
#include <map>
#include <string>

namespace eigenquant {

/// Writes a packed checkpoint as a plain Hugging Face model into a folder that exists: weights dequantized and
/// brought back to the original basis, without a quantization_config, in `type` (F32, F16 or BF16). A head-wise
/// rotation stays merged in v and o, where it changes nothing. It loads in transformers, vLLM and llama.cpp's
/// converter, and is as large as the original: for evaluation. `extraFiles` (the tokenizer) are written beside.
/// Reads the result back and compares every value before it returns.
void writeHuggingFace(const PackedSource& source, const std::filesystem::path& folder, StoredType type,
                      const std::map<std::string, std::string>& extraFiles, const RunContext& context);

/// The bytes that the weights will take.
std::uint64_t huggingFaceBytes(const ModelConfig& config, StoredType type);

} // namespace eigenquant
