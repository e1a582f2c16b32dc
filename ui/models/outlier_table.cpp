// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/outlier_table.h"

#include "ui/plots/series.h"
#include "ui/text/format.h"

#include <cmath>
#include <limits>

namespace eigenquant {

namespace {

std::vector<CellTable::Column> outlierColumns(const QString& what)
{
    const auto tr = [](const char* text) { return OutlierTable::tr(text); };
    return {{tr("Rank"), tr("By the chosen measure"), true},
            {what, tr("Index in the order of its space"), true},
            {tr("RMS"), tr("Root mean square over the tokens"), true},
            {tr("max |x|"), tr("Largest magnitude over the tokens"), true},
            {tr("Kurtosis"), tr("E[(x − mean)⁴] / variance²; 3 for a Gaussian"), true},
            {tr("Energy"), tr("Share of the site's whole energy"), true},
            {tr("× median"), tr("RMS against the median RMS of the site"), true}};
}

double at(const std::vector<double>& values, int index)
{
    return index < int(values.size()) ? values[std::size_t(index)] : std::numeric_limits<double>::quiet_NaN();
}

} // namespace

std::vector<OutlierChannel> topOutliers(const ChannelMeasures& measures, ChannelMeasure by, int count)
{
    const std::vector<double> rms = series::rootMeanSquare(measures.meanSquare);
    const double total = series::sum(measures.meanSquare);
    const double median = series::median(rms);
    std::vector<OutlierChannel> result;
    for (const int channel : series::topIndices(valuesOf(measures, by), count)) {
        const double value = at(rms, channel);
        result.push_back({.channel = channel,
                          .rootMeanSquare = value,
                          .largest = at(measures.largest, channel),
                          .kurtosis = at(measures.kurtosis, channel),
                          .energyShare = total > 0 ? value * value / total : 0,
                          .timesMedian = median > 0 ? value / median : 0});
    }
    return result;
}

std::vector<OutlierChannel> topOutliers(const SiteStatistics& site, int count)
{
    return topOutliers(originalMeasures(site, {}), ChannelMeasure::RootMeanSquare, count);
}

OutlierTable::OutlierTable(QObject* parent, const QString& what) : CellTable(outlierColumns(what), parent) {}

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
        return raw ? QVariant(outlier.kurtosis) : text::fixed(outlier.kurtosis, 1);
    case 5:
        return raw ? QVariant(outlier.energyShare) : text::percent(outlier.energyShare);
    default:
        return raw ? QVariant(outlier.timesMedian) : text::fixed(outlier.timesMedian, 1);
    }
}

} // namespace eigenquant
