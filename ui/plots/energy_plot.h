// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/statistics.h"
#include "ui/plots/plot_view.h"

#include <optional>

class QCPAxisRect;

namespace eigenquant {

/// The energies of one site in its own channels and in the rotated dimensions, each sorted, and what the first K of
/// both hold together.
class EnergyPlot : public PlotView {
    Q_OBJECT

public:
    explicit EnergyPlot(QWidget* parent = nullptr);
    void setSite(std::optional<SiteStatistics> site, int salient);
    TableData table() const override;

protected:
    void draw(const PlotTheme& theme) override;

private:
    void drawPair(const PlotTheme& theme, QCPAxisRect& rect, const std::vector<double>& original,
                  const std::vector<double>& rotated, bool named);
    void markSalient(const PlotTheme& theme, QCPAxisRect& rect);

    std::optional<SiteStatistics> m_site;
    int m_salient = 0;
};

} // namespace eigenquant
