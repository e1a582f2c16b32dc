// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/plot_view.h"
#include "ui/state/run_report.h"

namespace eigenquant {

/// A bar for the decoding step of each variant whose latency was measured, FP16 linears beside it.
class RunLatencyPlot : public PlotView {
    Q_OBJECT

public:
    explicit RunLatencyPlot(QWidget* parent = nullptr);

    void setEntries(const std::vector<RunEntry>& entries);
    bool isEmpty() const { return m_entries.empty(); }
    TableData table() const override;

protected:
    void draw(const PlotTheme& theme) override;

private:
    std::vector<RunEntry> m_entries; ///< those with a latency
};

} // namespace eigenquant
