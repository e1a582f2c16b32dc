// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/results/statistics.h"

#include "core/base/error.h"

namespace eigenquant {

std::string_view name(Basis basis)
{
    switch (basis) {
    case Basis::Original:
        return "none";
    case Basis::Pca:
        return "pca";
    case Basis::HeadWise:
        break;
    }
    return "head-wise";
}

const std::vector<double>& SiteStatistics::energy(Basis basis) const
{
    switch (basis) {
    case Basis::Original:
        return channelEnergy;
    case Basis::Pca:
        return eigenvalues;
    case Basis::HeadWise:
        break;
    }
    if (headWiseEnergy.empty())
        throw Error::usage("the head-wise basis exists only at attn_out").field(id.name());
    return headWiseEnergy;
}

const SiteStatistics& ModelStatistics::site(SiteId id) const
{
    const auto index = static_cast<std::size_t>(id.layer) * kAllSites.size() + static_cast<std::size_t>(id.site);
    if (id.layer < 0 || index >= sites.size())
        throw Error::usage("the model has no such layer")
            .found("layer " + std::to_string(id.layer))
            .expected("0 to " + std::to_string(static_cast<int>(sites.size() / kAllSites.size()) - 1));
    return sites[index];
}

const LinearStatistics& ModelStatistics::linear(LinearId id) const
{
    const auto index = static_cast<std::size_t>(id.layer) * kAllRoles.size() + static_cast<std::size_t>(id.role);
    if (id.layer < 0 || index >= linears.size())
        throw Error::usage("the model has no such layer")
            .found("layer " + std::to_string(id.layer))
            .expected("0 to " + std::to_string(static_cast<int>(linears.size() / kAllRoles.size()) - 1));
    return linears[index];
}

} // namespace eigenquant
