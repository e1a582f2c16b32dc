// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/plot_cursor.h"
#include "ui/plots/plot_view.h"
#include "ui/state/site_summary.h"

#include <optional>
#include <vector>

namespace eigenquant {

/// The plan's predicted error: a bar a layer (the mean of its four sites), and a marker a site.
class ErrorPlot : public PlotView {
    Q_OBJECT

public:
    explicit ErrorPlot(QWidget* parent = nullptr);

    void setSummaries(std::vector<SiteSummary> summaries);
    TableData table() const override;

signals:
    void layerClicked(int layer);

protected:
    void draw(const PlotTheme& theme) override;
    Pointed under(const QPointF& position) const override;
    void mark(const Pointed& pointed) override;

private:
    std::optional<PlotCursor> m_cursor;
    std::vector<SiteSummary> m_summaries;
};

} // namespace eigenquant
