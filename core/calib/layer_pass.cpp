// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/layer_pass.h"

namespace eigenquant {

LayerPass::LayerPass(LayerSupply& supply, const Windows& windows, const States& states, const RunContext& context)
    : m_supply(supply), m_windows(windows),
      m_states(windows.count(), windows.context(), supply.config().hiddenSize, supply.target(), states.place,
               states.folder),
      m_rope(ropeTable(supply.config(), windows.context(), supply.target().device, supply.target().dtype))
{
    for (int window = 0; window < windows.count(); ++window) {
        context.checkpoint();
        m_states.put(window, supply.ends().embed(windows[window]));
    }
}

void LayerPass::advance(const char* stage, const RunContext& context, const SiteObserver& observe)
{
    const int layers = m_supply.config().layers;
    context.report(stage, "layers", m_next, layers);
    const Decoder& decoder = m_supply.layer(m_next);
    for (int window = 0; window < m_windows.count(); ++window) {
        context.report(stage, "layers", m_next, layers);
        m_states.put(window, decoder.layer(m_next, m_states.get(window), m_rope, observe));
    }
    ++m_next;
}

template <class Gathered>
std::vector<Gathered> LayerPass::gather(const char* stage, const RunContext& context)
{
    std::vector<Gathered> sites;
    for (const Site site : kAllSites)
        sites.emplace_back(SiteId{m_next, site}, siteChannels(m_supply.config(), site), m_supply.target().device);
    advance(stage, context, [&](SiteId id, const at::Tensor& x) {
        context.checkpoint();
        sites[static_cast<std::size_t>(id.site)].add(x);
    });
    return sites;
}

std::vector<SecondMoment> LayerPass::advanceForMoments(const char* stage, const RunContext& context)
{
    return gather<SecondMoment>(stage, context);
}

std::vector<ChannelNorms> LayerPass::advanceForNorms(const char* stage, const RunContext& context)
{
    return gather<ChannelNorms>(stage, context);
}

} // namespace eigenquant
