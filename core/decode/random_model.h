// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/weights.h"
#include "core/quant/quantize_layer.h"
#include "core/results/latency.h"

#include <cstdint>
#include <string>

namespace eigenquant {

/// A model of a shape whose weights are random, stored as a plan says: for measuring speed, which does not depend on
/// what weights are. All its layers are the same one. Activations keep their size from layer to layer.
class RandomModel : public WeightSource {
public:
    /// Quantized as the options say of a shape; with Method::Float as it is. Error::usage for settings that the shape
    /// cannot take.
    RandomModel(const ModelConfig& config, const LatencyOptions& options);

    const ModelConfig& config() const override { return m_config; }
    OuterWeights smallOuter() const override;
    /// F16.
    at::Tensor rows(OuterRole matrix, Words words) const override;
    LayerWeights layer(int index) const override;
    PackedLayer packedLayer() const;
    const Plan& plan() const { return m_plan; }
    /// Over all linears, rotations included.
    double effectiveBits() const;

private:
    ModelConfig m_config;
    std::uint64_t m_seed;
    Plan m_plan; ///< of layer 0
};

} // namespace eigenquant
