// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/source_on_device.h"

#include "core/model/dense_source.h"

#include <utility>

namespace eigenquant {

SourceOnDevice::SourceOnDevice(std::shared_ptr<const WeightSource> source, c10::Device device)
    : m_source(std::move(source)), m_device(device)
{
}

LayerWeights SourceOnDevice::layer(int index) const
{
    if (const auto* dense = dynamic_cast<const DenseSource*>(m_source.get()))
        return dense->layer(index, m_device);
    LayerWeights weights = m_source->layer(index);
    for (const LinearRole role : layerRoles(config().gatedMlp))
        weights.linear(role).weight = weights.linear(role).weight.to(m_device);
    return weights;
}

std::shared_ptr<const WeightSource> sourceOn(c10::Device device, std::shared_ptr<const WeightSource> source)
{
    if (device.is_cpu())
        return source;
    return std::make_shared<SourceOnDevice>(std::move(source), device);
}

} // namespace eigenquant
