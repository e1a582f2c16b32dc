// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace eigenquant {

/// One tensor as it lies in the file.
struct TensorInfo {
    std::string name;
    std::string dtype;                ///< the file's own word: "F32", "BF16", "Q4_1", …
    std::vector<std::int64_t> shape;  ///< slowest dimension first: a linear is [out, in]
    std::uint64_t bytes = 0;
    std::string file;                 ///< the file (shard) that holds it
};

/// What a model is, from its config and tensor table alone.
struct ModelInfo {
    std::string path;
    std::string name;           ///< for titles: "SmolLM2 135M Instruct" or the folder's name
    std::string architecture;   ///< e.g. "LlamaForCausalLM"
    std::string sourceFormat;   ///< "safetensors", "gguf" or "eigenquant" (a packed checkpoint)
    std::string fingerprint;    ///< 32 hex digits over the tensor table and samples of each tensor
    int layers = 0;
    int hiddenSize = 0;
    int intermediateSize = 0;
    int heads = 0;
    int kvHeads = 0;
    int headDim = 0;
    int vocabSize = 0;
    int contextLength = 0;      ///< tokens the model was made for
    bool tiedEmbeddings = false;
    bool gatedMlp = true;       ///< the MLP is down(f(gate(x)) · up(x)); else down(f(up(x)))
    bool hasTokenizer = false;
    std::int64_t parameters = 0;
    std::vector<TensorInfo> tensors;
};

} // namespace eigenquant
