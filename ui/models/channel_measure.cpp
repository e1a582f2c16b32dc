// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/channel_measure.h"

#include "ui/plots/series.h"
#include "ui/text/translate.h"

#include <algorithm>
#include <limits>

namespace eigenquant {

namespace {

double strongestShare(const SiteStatistics& site)
{
    const double whole = series::sum(site.channelEnergy);
    return whole > 0 ? *std::ranges::max_element(site.channelEnergy) / whole : 0;
}

} // namespace

QString measureTitle(ChannelMeasure measure)
{
    switch (measure) {
    case ChannelMeasure::RootMeanSquare:
        return tr("RMS");
    case ChannelMeasure::MeanSquare:
        return tr("Mean square E[x²]");
    case ChannelMeasure::Largest:
        return tr("max |x|");
    case ChannelMeasure::Kurtosis:
        return tr("Kurtosis");
    }
    return {};
}

QString measureName(ChannelMeasure measure)
{
    switch (measure) {
    case ChannelMeasure::RootMeanSquare:
        return QStringLiteral("rms");
    case ChannelMeasure::MeanSquare:
        return QStringLiteral("mean_square");
    case ChannelMeasure::Largest:
        return QStringLiteral("max");
    case ChannelMeasure::Kurtosis:
        return QStringLiteral("kurtosis");
    }
    return {};
}

std::vector<double> valuesOf(const ChannelMeasures& measures, ChannelMeasure measure)
{
    switch (measure) {
    case ChannelMeasure::RootMeanSquare:
        return series::rootMeanSquare(measures.meanSquare);
    case ChannelMeasure::MeanSquare:
        return measures.meanSquare;
    case ChannelMeasure::Largest:
        return measures.largest;
    case ChannelMeasure::Kurtosis:
        return measures.kurtosis;
    }
    return {};
}

ChannelMeasures originalMeasures(const SiteStatistics& site, std::vector<double> kurtosis)
{
    // In files, 0 stands for a channel that never changes, which has no kurtosis.
    for (double& value : kurtosis)
        if (value == 0)
            value = std::numeric_limits<double>::quiet_NaN();
    return {site.channelMax, site.channelEnergy, std::move(kurtosis)};
}

ChannelMeasures rotatedMeasures(const SiteStatistics& site)
{
    return {{}, site.eigenvalues, {}};
}

SiteId mostUnevenSite(const ModelStatistics& statistics)
{
    const auto most = std::ranges::max_element(statistics.sites, {}, strongestShare);
    return most == statistics.sites.end() ? SiteId() : most->id;
}

} // namespace eigenquant
