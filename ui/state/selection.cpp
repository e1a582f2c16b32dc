// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/selection.h"

#include <algorithm>

namespace eigenquant {

void Selection::setLayerCount(int layers)
{
    m_layerCount = std::max(0, layers);
    emit layerCountChanged(m_layerCount);
    setSite(m_site);
}

void Selection::setSite(SiteId site)
{
    site.layer = std::clamp(site.layer, 0, std::max(0, m_layerCount - 1));
    if (site == m_site)
        return;
    m_site = site;
    setChannel(-1);
    emit siteChanged(m_site);
}

void Selection::setChannel(int channel)
{
    if (channel == m_channel)
        return;
    m_channel = channel;
    emit channelChanged(m_channel);
}

void Selection::setPointed(const Pointed& pointed)
{
    if (pointed == m_pointed)
        return;
    m_pointed = pointed;
    emit pointedChanged(m_pointed);
}

} // namespace eigenquant
