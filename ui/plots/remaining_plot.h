// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/plot_view.h"

namespace eigenquant {

/// What remains of a site's error with K kept dimensions, for one width.
struct RemainingCurve {
    int bits = 0;
    std::vector<int> salient;
    std::vector<double> error;      ///< ‖XΔW‖² / ‖XW‖²
    std::vector<double> weightBits; ///< effective bits without the rotation
};

/// The expected error of a site against K, a curve for each width.
class RemainingPlot : public PlotView {
    Q_OBJECT

public:
    explicit RemainingPlot(QWidget* parent = nullptr);
    void setCurves(std::vector<RemainingCurve> curves, int salient);
    const std::vector<RemainingCurve>& curves() const { return m_curves; }
    TableData table() const override;

protected:
    void draw(const PlotTheme& theme) override;

private:
    std::vector<RemainingCurve> m_curves;
    int m_salient = 0;
};

} // namespace eigenquant
