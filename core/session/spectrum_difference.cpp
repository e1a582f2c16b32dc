// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/salient.h"
#include "core/session/session.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace eigenquant {
namespace {

const SiteStatistics& siteWithSpectrum(const ModelStatistics& statistics, SiteId id)
{
    const int layers = static_cast<int>(statistics.sites.size() / kAllSites.size());
    if (id.layer < 0 || id.layer >= layers)
        throw Error::usage("the statistics have no such layer")
            .file(statistics.path)
            .field(id.name())
            .found("layers 0 to " + std::to_string(layers - 1));
    const SiteStatistics& site = statistics.site(id);
    if (site.eigenvalues.empty())
        throw Error::usage("the statistics have no eigenvalues")
            .file(statistics.path)
            .field(id.name())
            .hint("analyze without --norms-only");
    return site;
}

SpectrumFigures figures(const ModelStatistics& statistics, const SiteStatistics& site, int salient)
{
    SpectrumFigures result{.model = statistics.model.name,
                           .text = statistics.textName,
                           .tokens = statistics.tokens,
                           .channels = site.channels};
    double squares = 0;
    for (const double value : site.eigenvalues) {
        result.energy += value;
        squares += value * value;
    }
    result.keptShare = salientEnergyShare(site, Basis::Pca, Select::Top, std::min(salient, site.channels));
    result.effectiveDimensions = squares > 0 ? result.energy * result.energy / squares : 0;
    return result;
}

double decadesApart(const SiteStatistics& first, double firstEnergy, const SiteStatistics& second, double secondEnergy)
{
    double sum = 0;
    int ranks = 0;
    for (std::size_t i = 0; i < std::min(first.eigenvalues.size(), second.eigenvalues.size()); ++i) {
        if (!(first.eigenvalues[i] > 0 && second.eigenvalues[i] > 0))
            continue;
        sum += std::abs(std::log10(first.eigenvalues[i] / firstEnergy) -
                        std::log10(second.eigenvalues[i] / secondEnergy));
        ++ranks;
    }
    return ranks > 0 ? sum / ranks : std::numeric_limits<double>::quiet_NaN();
}

int sharedOutliers(const SiteStatistics& first, const SiteStatistics& second, int salient)
{
    const auto strongest = [&](const SiteStatistics& site) {
        return salientChannels(site.channelEnergy, Select::Top, salient, 0, site.id); // by rising channel
    };
    std::vector<int> both;
    std::ranges::set_intersection(strongest(first), strongest(second), std::back_inserter(both));
    return static_cast<int>(both.size());
}

} // namespace

SpectrumDifference spectrumDifference(const ModelStatistics& first, const ModelStatistics& second, SiteId id,
                                      int salient)
{
    const SiteStatistics& left = siteWithSpectrum(first, id);
    const SiteStatistics& right = siteWithSpectrum(second, id);
    if (salient < 0 || salient > left.channels)
        throw Error::usage("K does not fit the site")
            .field(id.name())
            .found(std::to_string(salient))
            .expected("0 to " + std::to_string(left.channels));
    SpectrumDifference result{.site = id,
                              .salient = salient,
                              .first = figures(first, left, salient),
                              .second = figures(second, right, salient),
                              .sameModel = first.model.fingerprint == second.model.fingerprint,
                              .sameText = first.textHash == second.textHash};
    result.decadesApart = decadesApart(left, result.first.energy, right, result.second.energy);
    if (left.channels == right.channels)
        result.sharedOutliers = sharedOutliers(left, right, salient);
    return result;
}

} // namespace eigenquant
