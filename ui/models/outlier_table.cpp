// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/outlier_table.h"

#include "ui/plots/series.h"
#include "ui/text/format.h"

#include <cmath>

namespace eigenquant {

namespace {

std::vector<CellTable::Column> outlierColumns()
{
    const auto tr = [](const char* text) { return OutlierTable::tr(text); };
    return {{tr("Rank"), tr("By energy"), true},
            {tr("Channel"), tr("Index in the model's own order"), true},
            {tr("RMS"), tr("Root mean square over the calibration text"), true},
            {tr("max |x|"), tr("Largest magnitude over the calibration text"), true},
            {tr("Energy"), tr("Share of the site's whole energy"), true},
            {tr("× median"), tr("RMS against the median RMS of the site"), true}};
}

} // namespace

std::vector<OutlierChannel> topOutliers(const SiteStatistics& site, int count)
{
    const std::vector<double> rms = series::rootMeanSquare(site.channelEnergy);
    const double total = series::sum(site.channelEnergy);
    const double median = series::median(rms);
    std::vector<OutlierChannel> result;
    for (const int channel : series::topIndices(rms, count)) {
        const auto at = std::size_t(channel);
        const double value = rms[at];
        result.push_back({.channel = channel,
                          .rootMeanSquare = value,
                          .largest = at < site.channelMax.size() ? site.channelMax[at] : 0,
                          .energyShare = total > 0 ? value * value / total : 0,
                          .timesMedian = median > 0 ? value / median : 0});
    }
    return result;
}

OutlierTable::OutlierTable(QObject* parent) : CellTable(outlierColumns(), parent) {}

void OutlierTable::setOutliers(std::vector<OutlierChannel> outliers)
{
    beginResetModel();
    m_outliers = std::move(outliers);
    endResetModel();
}

QVariant OutlierTable::cell(int row, int column, int role) const
{
    const OutlierChannel& outlier = m_outliers[std::size_t(row)];
    const bool raw = role == kRawValueRole;
    if (!raw && role != Qt::DisplayRole)
        return {};
    switch (column) {
    case 0:
        return row + 1;
    case 1:
        return outlier.channel;
    case 2:
        return raw ? QVariant(outlier.rootMeanSquare) : text::number(outlier.rootMeanSquare);
    case 3:
        return raw ? QVariant(outlier.largest) : text::number(outlier.largest);
    case 4:
        return raw ? QVariant(outlier.energyShare) : text::percent(outlier.energyShare);
    default:
        return raw ? QVariant(outlier.timesMedian) : text::fixed(outlier.timesMedian, 1);
    }
}

} // namespace eigenquant
