// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/rounded_group.h"
#include "ui/plots/plot_view.h"

namespace eigenquant {

/// A group of weights on its grid: where each of them goes above, and what it loses by that below.
class GridPlot : public PlotView {
    Q_OBJECT

public:
    explicit GridPlot(QWidget* parent = nullptr);
    void setGroup(std::vector<float> weights, RoundedGroup group);
    TableData table() const override;

protected:
    void draw(const PlotTheme& theme) override;

private:
    void drawLevels(const PlotTheme& theme);
    void drawErrors(const PlotTheme& theme);

    std::vector<float> m_weights;
    RoundedGroup m_group;
};

} // namespace eigenquant
