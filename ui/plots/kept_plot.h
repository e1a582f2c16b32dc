// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/plot_view.h"

namespace eigenquant {

/// The perplexity of one way to choose what stays FP16.
struct KeptRow {
    QString name;
    double perplexity = 0;
    double standardError = 0; ///< 0: not known
    double weightBits = 0;    ///< effective bits without run-time rotations; 0: not known
};

/// A bar for each choice of kept dimensions, and the float model across them.
class KeptPlot : public PlotView {
    Q_OBJECT

public:
    explicit KeptPlot(QWidget* parent = nullptr);
    /// `reference` is the perplexity of the float model; NaN: not known.
    void setRows(std::vector<KeptRow> rows, double reference);
    const std::vector<KeptRow>& rows() const { return m_rows; }
    TableData table() const override;

protected:
    void draw(const PlotTheme& theme) override;

private:
    std::vector<KeptRow> m_rows;
    double m_reference = 0;
};

} // namespace eigenquant
