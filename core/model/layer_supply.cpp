// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/layer_supply.h"

namespace eigenquant {

LayerSupply::LayerSupply(const Decoder& whole) : m_whole(&whole) {}

LayerSupply::LayerSupply(const WeightSource& source, ComputeTarget target, EndsPlace ends)
    : m_source(&source), m_streamed(Decoder::withoutLayers(source, target, ends))
{
}

const Decoder& LayerSupply::layer(int index)
{
    if (m_whole || m_held == index)
        return ends();
    release(); // before the next is read: there are never two
    m_streamed->replaceLayer(index, m_source->layer(index));
    m_held = index;
    return *m_streamed;
}

at::Tensor hiddenOf(LayerSupply& supply, std::span<const std::int32_t> ids, const RunContext& context)
{
    const RopeTable rope = ropeTable(supply.config(), static_cast<int>(ids.size()), supply.target().device,
                                     supply.target().dtype);
    at::Tensor hidden = supply.ends().embed(ids);
    for (int layer = 0; layer < supply.config().layers; ++layer) {
        context.report("running layers", "layers", layer, supply.config().layers);
        hidden = supply.layer(layer).layer(layer, hidden, rope);
    }
    return supply.ends().lastNorm(hidden);
}

void LayerSupply::release()
{
    if (m_whole || m_held < 0)
        return;
    m_streamed->dropLayer(m_held);
    m_held = -1;
    giveBackFreedMemory();
}

} // namespace eigenquant
