// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/statistics.h"
#include "ui/plots/plot_view.h"

#include <memory>
#include <vector>

namespace eigenquant {

/// Layers × dimensions: how far each eigenvalue lies above or below its site's mean, in powers of ten.
/// One panel a site.
class EnergyHeatmap : public PlotView {
    Q_OBJECT

public:
    explicit EnergyHeatmap(QWidget* parent = nullptr);

    void setStatistics(std::shared_ptr<const ModelStatistics> statistics, std::vector<Site> sites);
    TableData table() const override;

signals:
    void layerClicked(int layer);

protected:
    void draw(const PlotTheme& theme) override;

private:
    void drawPanel(const PlotTheme& theme, int row, int column, Site site);

    std::shared_ptr<const ModelStatistics> m_statistics;
    std::vector<Site> m_sites;
};

/// The eigenvalues' mean over each of `bins` equal stretches of their ranks, against the mean of all,
/// as log10; NaN where there is nothing to compare.
std::vector<double> relativeSpectrum(const std::vector<double>& eigenvalues, int bins);

} // namespace eigenquant
