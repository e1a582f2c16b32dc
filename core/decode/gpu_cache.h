// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/config.h"
#include "core/results/latency.h"
#include "kernels/decode/decode_kernels.h"

#include <cstdint>
#include <vector>

namespace eigenquant {

/// Keys and values of all layers in GPU memory. Engines of one shape may use it in turns.
class GpuCache {
public:
    GpuCache(const ModelConfig& config, int sequences, int length, KvPrecision precision);

    bool fits(const ModelConfig& config, int sequences, int length, KvPrecision precision) const;
    kernels::KvCache layer(int index) const;
    std::uint64_t bytes() const;

    /// What a token of one sequence takes, bytes.
    static std::uint64_t bytesOfToken(const ModelConfig& config, KvPrecision precision);

private:
    struct Shape {
        int layers, kvHeads, headDim, sequences, length;
        KvPrecision precision;
        bool operator==(const Shape&) const = default;
    };
    static Shape shapeOf(const ModelConfig& config, int sequences, int length, KvPrecision precision);

    struct Layer {
        kernels::GpuBuffer keys, values, keyScales, valueScales;
    };
    Shape m_shape;
    std::vector<Layer> m_layers;
};

} // namespace eigenquant
