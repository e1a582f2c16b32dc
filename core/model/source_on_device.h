// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/weights.h"

#include <memory>

namespace eigenquant {

/// A model whose layers' linears are read to a GPU, float32 as always, where it can be without a copy in the machine's
/// memory. Vectors, biases and what is outside of the layers stay there.
class SourceOnDevice : public WeightSource {
public:
    SourceOnDevice(std::shared_ptr<const WeightSource> source, c10::Device device);

    const ModelConfig& config() const override { return m_source->config(); }
    OuterWeights smallOuter() const override { return m_source->smallOuter(); }
    at::Tensor rows(OuterRole matrix, Words words) const override { return m_source->rows(matrix, words); }
    LayerWeights layer(int index) const override;

private:
    std::shared_ptr<const WeightSource> m_source;
    c10::Device m_device;
};

/// The source itself for a CPU.
std::shared_ptr<const WeightSource> sourceOn(c10::Device device, std::shared_ptr<const WeightSource> source);

} // namespace eigenquant
