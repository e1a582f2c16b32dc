// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/site_dimensions.h"

#include "core/quant/salient.h"

namespace eigenquant {

SiteDimensions::SiteDimensions(const SiteStatistics& site, Basis basis, Select select, std::uint64_t seed)
    : m_basis(basis), m_select(select), m_seed(seed)
{
    const std::vector<double> energy = site.energy(basis);
    m_channels = saliencyOrder(energy, select, seed, site.id);
    m_energy.reserve(energy.size());
    for (const int channel : m_channels)
        m_energy.push_back(energy[static_cast<std::size_t>(channel)]);
    m_sums = {m_energy.size(), [this](std::size_t i) { return m_energy[i]; }};
}

double SiteDimensions::energyFrom(std::size_t salient) const
{
    return m_sums.from(salient, [this](std::size_t i) { return m_energy[i]; });
}

double SiteDimensions::shareOf(std::size_t salient) const
{
    const double total = energyFrom(0);
    return total > 0 ? (total - energyFrom(salient)) / total : 0;
}

} // namespace eigenquant
