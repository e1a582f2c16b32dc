// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/latency.h"
#include "ui/plots/plot_view.h"

class QCheckBox;
class QCPAxis;

namespace eigenquant {

/// The time of a decoding step: a pair of bars a batch size, ours beside FP16, with the speed-up above and the roofline
/// across.
class LatencyPlot : public PlotView {
    Q_OBJECT

public:
    explicit LatencyPlot(QWidget* parent = nullptr);

    void setLatency(LatencyResult latency);
    void setLogarithmic(bool logarithmic);
    TableData table() const override;

protected:
    void draw(const PlotTheme& theme) override;

private:
    void setUpAxes(QCPAxis& x, QCPAxis& y) const;
    void labelSpeedups(const PlotTheme& theme, QCPAxis& x, QCPAxis& y);

    LatencyResult m_latency;
    QCheckBox* m_logarithmic = nullptr;
};

} // namespace eigenquant
