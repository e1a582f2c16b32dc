// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/results/statistics.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace eigenquant {

namespace {

constexpr std::array<std::pair<Basis, std::string_view>, 7> kBases{{{Basis::Original, "none"},
                                                                    {Basis::Pca, "pca"},
                                                                    {Basis::HeadWise, "head-wise"},
                                                                    {Basis::Global, "global"},
                                                                    {Basis::Random, "random"},
                                                                    {Basis::HeadWiseRandom, "head-wise-random"},
                                                                    {Basis::Hadamard, "hadamard"}}};

std::vector<double> evenly(const std::vector<double>& energy)
{
    const double sum = std::accumulate(energy.begin(), energy.end(), 0.0);
    return std::vector<double>(energy.size(), sum / static_cast<double>(std::max<std::size_t>(energy.size(), 1)));
}

const std::vector<double>& measured(const std::vector<double>& energy, const SiteStatistics& site, Basis basis)
{
    if (energy.empty())
        throw Error::usage("the statistics have no energies of this site in this basis")
            .field(site.id.name())
            .found("basis " + std::string(name(basis)))
            .hint("statistics of channel norms alone have none but the original basis; analyze without --norms-only");
    return energy;
}

} // namespace

std::string_view name(Basis basis)
{
    for (const auto& [candidate, text] : kBases)
        if (candidate == basis)
            return text;
    return "?";
}

std::optional<Basis> basisFromName(std::string_view text)
{
    for (const auto& [candidate, word] : kBases)
        if (word == text)
            return candidate;
    return std::nullopt;
}

std::vector<double> SiteStatistics::energy(Basis basis) const
{
    switch (basis) {
    case Basis::Original:
        return channelEnergy;
    case Basis::Pca:
        return measured(eigenvalues, *this, basis);
    case Basis::HeadWise:
        return measured(headWiseEnergy, *this, basis);
    case Basis::Global:
        return measured(globalEnergy, *this, basis);
    case Basis::Random:
    case Basis::HeadWiseRandom:
    case Basis::Hadamard:
        break;
    }
    return evenly(channelEnergy);
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
    const auto index = id.index(layerRoles(model.gatedMlp).size());
    if (!index || *index >= linears.size())
        throw Error::usage("the model has no such linear")
            .found(id.name())
            .expected("layers 0 to " + std::to_string(model.layers - 1) + (model.gatedMlp ? "" : ", and no gate"));
    return linears[*index];
}

std::string caution(const ModelStatistics& statistics)
{
    int widest = 0;
    for (const SiteStatistics& site : statistics.sites)
        widest = std::max(widest, site.channels);
    if (statistics.tokens >= widest)
        return {};
    return "the calibration text has " + std::to_string(statistics.tokens) + " tokens, and the widest site " +
           std::to_string(widest) + " channels: its second moment is singular; take more text";
}

} // namespace eigenquant
