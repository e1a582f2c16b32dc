// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/statistics.h"
#include "ui/models/cell_table.h"
#include "ui/models/channel_measure.h"

namespace eigenquant {

/// One channel that stands out of its site; NaN for what was not measured.
struct OutlierChannel {
    int channel = 0;
    double rootMeanSquare = 0;
    double largest = 0;      ///< max |x|
    double kurtosis = 0;
    double energyShare = 0;  ///< of the site's whole energy
    double timesMedian = 0;  ///< its RMS against the site's median RMS
};

/// The `count` channels with the largest measure, falling; energies that are not finite count as 0.
std::vector<OutlierChannel> topOutliers(const ChannelMeasures& measures, ChannelMeasure by, int count);
/// By energy, of the site's own channels.
std::vector<OutlierChannel> topOutliers(const SiteStatistics& site, int count);

/// Lists outlier channels with their numbers.
class OutlierTable : public CellTable {
    Q_OBJECT

public:
    /// `what` names a row: "Channel", "Dimension".
    explicit OutlierTable(QObject* parent = nullptr, const QString& what = tr("Channel"));
    void setOutliers(std::vector<OutlierChannel> outliers);
    int channelAt(int row) const { return m_outliers[std::size_t(row)].channel; }

protected:
    int rows() const override { return int(m_outliers.size()); }
    QVariant cell(int row, int column, int role) const override;

private:
    std::vector<OutlierChannel> m_outliers;
};

} // namespace eigenquant
