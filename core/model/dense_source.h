// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/gguf.h"
#include "core/io/tensor_store.h"
#include "core/model/weights.h"

#include <memory>
#include <string>

namespace eigenquant {

/// What a tensor of the model is called in a file format: Hugging Face's and GGUF's tables.
struct TensorNames {
    std::string embedding, finalNorm, head;
    std::string layerPrefix;                 ///< "model.layers.{}." with {} for the layer
    std::string attentionNorm, mlpNorm;      ///< behind the prefix
    std::array<std::string, kAllRoles.size()> linears; ///< without ".weight" or ".bias"

    static const TensorNames& huggingFace();
    static const TensorNames& gguf();
    std::string layer(int index, const std::string& tail) const;
    std::string linear(LinearId id, const std::string& tail) const;
};

/// The unquantized model in a tensor store. The tensor table is checked against the config when it is
/// made: missing tensors, wrong shapes (both named) and tensors that the model does not have are refused.
class DenseSource : public WeightSource {
public:
    static std::shared_ptr<const DenseSource> fromHuggingFace(std::shared_ptr<const TensorStore> store,
                                                              ModelConfig config);
    static std::shared_ptr<const DenseSource> fromGguf(std::shared_ptr<const GgufStore> store);

    const ModelConfig& config() const override { return m_config; }
    OuterWeights outer() const override;
    LayerWeights layer(int index) const override;
    const TensorStore& store() const { return *m_store; }

private:
    DenseSource(std::shared_ptr<const TensorStore> store, ModelConfig config, const TensorNames& names,
                bool interleavedRope);
    void checkTensors() const;
    at::Tensor read(const std::string& name) const;

    std::shared_ptr<const TensorStore> m_store;
    ModelConfig m_config;
    const TensorNames& m_names;
    bool m_interleavedRope; ///< GGUF stores q and k with the two halves of each head interleaved
};

} // namespace eigenquant
