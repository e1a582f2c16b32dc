// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/plot_view.h"
#include "ui/state/run_report.h"

class QCheckBox;
class QCPAxis;
class QCPAxisRect;

namespace eigenquant {

/// Perplexity against effective bits of all variants, with its standard error, and the line of those that none
/// beats.
class ParetoPlot : public PlotView {
    Q_OBJECT

public:
    explicit ParetoPlot(QWidget* parent = nullptr);

    void setEntries(std::vector<RunEntry> entries);
    /// Marks one of the entries; -1: none.
    void setSelected(int entry);
    TableData table() const override;

signals:
    void entryClicked(int entry);

protected:
    void draw(const PlotTheme& theme) override;

private:
    /// Entries of one report and method share a colour and a marker.
    void drawPoints(const PlotTheme& theme, QCPAxis& x, QCPAxis& y, QCPLegend& legend);
    void drawFront(const PlotTheme& theme, QCPAxis& x, QCPAxis& y, QCPLegend& legend);
    void drawFloat(const PlotTheme& theme, QCPAxis& x, QCPAxis& y, QCPLegend& legend);
    void drawSelected(const PlotTheme& theme, QCPAxis& x, QCPAxis& y);
    void setRanges(QCPAxis& x, QCPAxis& y) const;
    void takeClick(QPointF position);
    double bitsOf(const RunEntry& entry) const;

    std::vector<RunEntry> m_entries;
    int m_selected = -1;
    QCPAxisRect* m_rect = nullptr;
    QCheckBox* m_withRotations = nullptr;
};

} // namespace eigenquant
