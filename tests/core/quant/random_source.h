// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/weights.h"
#include "core/quant/random.h"
#include "tests/core/quant/gaussian.h"

#include <ATen/TensorOperators.h>

#include <cmath>
#include <vector>

namespace eigenquant::test {

/// A small model of random weights in memory: gains with outliers, biases where the config has them.
class RandomSource : public WeightSource {
public:
    explicit RandomSource(ModelConfig config, std::uint64_t seed = 1) : m_config(std::move(config))
    {
        Random random(seed);
        for (const OuterSpec& spec : outerSpecs(m_config))
            m_outer.tensor(spec.role) = isGain(spec.role)      ? gain(random)
                                        : spec.shape.size() > 1 ? gaussian(spec.shape[0], spec.shape[1], random)
                                                                : gaussian(1, spec.shape[0], random).squeeze(0);
        if (m_config.tiedEmbeddings)
            m_outer.head = m_outer.embedding;
        for (int layer = 0; layer < m_config.layers; ++layer)
            m_layers.push_back(makeLayer(random));
    }

    const ModelConfig& config() const override { return m_config; }
    OuterWeights smallOuter() const override
    {
        OuterWeights weights = m_outer;
        weights.embedding = weights.head = at::Tensor();
        return weights;
    }
    at::Tensor rows(OuterRole matrix, Words words) const override
    {
        return m_outer.tensor(matrix).narrow(0, words.begin, words.count);
    }
    LayerWeights layer(int index) const override { return m_layers.at(static_cast<std::size_t>(index)); }

    /// What config a test starts from: 2 layers, 4 heads of 8 on 2 key/value heads.
    static ModelConfig smallConfig()
    {
        ModelConfig config;
        config.architecture = "LlamaForCausalLM";
        config.modelType = "llama";
        config.layers = 2;
        config.hiddenSize = 32;
        config.intermediateSize = 56;
        config.heads = 4;
        config.kvHeads = 2;
        config.headDim = 8;
        config.vocabSize = 61;
        config.contextLength = 256;
        return config;
    }

private:
    /// Near 1, one channel large, one large and negative, as trained models have them.
    at::Tensor gain(Random& random) const
    {
        at::Tensor values = 1 + 0.2 * gaussian(1, m_config.hiddenSize, random).squeeze(0);
        values[m_config.hiddenSize / 3] = 9;
        values[m_config.hiddenSize / 2] = -5;
        return values;
    }

    LayerWeights makeLayer(Random& random) const
    {
        LayerWeights weights;
        for (const VectorSpec& spec : vectorSpecs(m_config))
            weights.vector(spec.role) = spec.size == m_config.hiddenSize && isGain(spec.role)
                                            ? gain(random)
                                            : 1 + 0.2 * gaussian(1, spec.size, random).squeeze(0);
        for (const LinearRole role : layerRoles(m_config.gatedMlp)) {
            const auto [out, in] = linearShape(m_config, role);
            weights.linear(role).weight = gaussian(out, in, random) / std::sqrt(static_cast<double>(in));
            if (hasBias(m_config, role))
                weights.linear(role).bias = gaussian(1, out, random).squeeze(0);
        }
        return weights;
    }

    ModelConfig m_config;
    OuterWeights m_outer;
    std::vector<LayerWeights> m_layers;
};

} // namespace eigenquant::test
