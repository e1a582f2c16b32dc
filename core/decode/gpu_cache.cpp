// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/gpu_cache.h"

#include <cstddef>

namespace eigenquant {

GpuCache::Shape GpuCache::shapeOf(const ModelConfig& config, int sequences, int length, KvPrecision precision)
{
    return {config.layers, config.kvHeads, config.headDim, sequences, length, precision};
}

GpuCache::GpuCache(const ModelConfig& config, int sequences, int length, KvPrecision precision)
    : m_shape(shapeOf(config, sequences, length, precision))
{
    const auto rows = static_cast<std::size_t>(sequences) * static_cast<std::size_t>(config.kvHeads) *
                      static_cast<std::size_t>(length);
    const bool small = precision == KvPrecision::Int8;
    const std::size_t bytes = rows * static_cast<std::size_t>(config.headDim) * (small ? 1 : 2);
    const std::size_t scaleBytes = small ? rows * sizeof(float) : 0;
    for (int layer = 0; layer < config.layers; ++layer)
        m_layers.push_back({kernels::GpuBuffer(bytes), kernels::GpuBuffer(bytes), kernels::GpuBuffer(scaleBytes),
                            kernels::GpuBuffer(scaleBytes)});
}

bool GpuCache::fits(const ModelConfig& config, int sequences, int length, KvPrecision precision) const
{
    return m_shape == shapeOf(config, sequences, length, precision);
}

kernels::KvCache GpuCache::layer(int index) const
{
    const Layer& layer = m_layers[static_cast<std::size_t>(index)];
    kernels::KvCache cache{};
    cache.keys = layer.keys.data();
    cache.values = layer.values.data();
    cache.keyScales = layer.keyScales.as<float>();
    cache.valueScales = layer.valueScales.as<float>();
    cache.type = m_shape.precision == KvPrecision::Int8 ? kernels::KvType::Int8 : kernels::KvType::Same;
    cache.kvHeads = m_shape.kvHeads;
    cache.headDim = m_shape.headDim;
    cache.capacity = m_shape.length;
    return cache;
}

std::uint64_t GpuCache::bytes() const
{
    std::uint64_t total = 0;
    for (const Layer& layer : m_layers)
        total += layer.keys.size() + layer.values.size() + layer.keyScales.size() + layer.valueScales.size();
    return total;
}

std::uint64_t GpuCache::bytesOfToken(const ModelConfig& config, KvPrecision precision)
{
    const auto heads = 2ull * static_cast<std::uint64_t>(config.layers) * static_cast<std::uint64_t>(config.kvHeads);
    const auto width = static_cast<std::uint64_t>(config.headDim);
    return heads * (precision == KvPrecision::Int8 ? width + sizeof(float) : 2 * width);
}

} // namespace eigenquant
