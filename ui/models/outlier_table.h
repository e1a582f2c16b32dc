// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/statistics.h"
#include "ui/models/cell_table.h"

namespace eigenquant {

/// One channel that stands out of its site.
struct OutlierChannel {
    int channel = 0;
    double rootMeanSquare = 0;
    double largest = 0;      ///< max |x|
    double energyShare = 0;  ///< of the site's whole energy
    double timesMedian = 0;  ///< its RMS against the site's median RMS
};

/// The `count` channels with the most energy, by falling energy; values that are not finite count as 0.
std::vector<OutlierChannel> topOutliers(const SiteStatistics& site, int count);

/// Lists outlier channels with their numbers.
class OutlierTable : public CellTable {
    Q_OBJECT

public:
    explicit OutlierTable(QObject* parent = nullptr);
    void setOutliers(std::vector<OutlierChannel> outliers);
    int channelAt(int row) const { return m_outliers[std::size_t(row)].channel; }

protected:
    int rows() const override { return int(m_outliers.size()); }
    QVariant cell(int row, int column, int role) const override;

private:
    std::vector<OutlierChannel> m_outliers;
};

} // namespace eigenquant
