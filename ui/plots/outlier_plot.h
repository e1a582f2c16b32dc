// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/statistics.h"
#include "ui/plots/plot_view.h"

#include <vector>

class QCPAxisRect;

namespace eigenquant {

/// Magnitude by channel in the model's own basis, beside magnitude by dimension after the rotation, on
/// one scale; the strongest channels are marked and named. One row of two panels a site.
class OutlierPlot : public PlotView {
    Q_OBJECT

public:
    explicit OutlierPlot(QWidget* parent = nullptr);

    void setSites(std::vector<SiteStatistics> sites, int labelled);
    /// Draws a ring round this channel; -1: none.
    void setHighlight(int channel);
    TableData table() const override;

signals:
    void channelClicked(int channel);

protected:
    void draw(const PlotTheme& theme) override;

private:
    void drawRow(const PlotTheme& theme, int row, const SiteStatistics& site);
    void drawMagnitudes(const PlotTheme& theme, QCPAxisRect& rect, const std::vector<double>& values, int first,
                        int series);
    void labelOutliers(const PlotTheme& theme, QCPAxisRect& rect, const std::vector<double>& values);
    void pickChannel(const QPointF& position);

    std::vector<SiteStatistics> m_sites;
    int m_labelled = 5;
    int m_highlight = -1;
    QCPAxisRect* m_channelPanel = nullptr;
};

} // namespace eigenquant
