// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/weight_ranges.h"
#include "ui/plots/plot_view.h"

#include <memory>

class QCPAxis;
class QCPBars;
class QCPGraph;

namespace eigenquant {

/// How far the weights reach in each group of columns that shares a scale: as they are beside the basis that they are
/// rounded in, and as they are stored.
class WeightRangePlot : public PlotView {
    Q_OBJECT

public:
    explicit WeightRangePlot(QWidget* parent = nullptr);

    void setRanges(std::shared_ptr<const WeightRanges> ranges, const QString& message = {});
    TableData table() const override;

protected:
    void draw(const PlotTheme& theme) override;

private:
    QCPBars* drawBars(const PlotTheme& theme, QCPAxis& x, QCPAxis& y, const WeightDistribution& weights,
                      int series, double shift);
    QCPGraph* drawLine(const PlotTheme& theme, QCPAxis& x, QCPAxis& y, const WeightDistribution& weights,
                       int series);

    std::shared_ptr<const WeightRanges> m_ranges;
    QString m_message;
};

} // namespace eigenquant
