// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/statistics.h"
#include "ui/plots/plot_view.h"

#include <optional>

namespace eigenquant {

/// The RMS magnitude of every channel of one site in channel order, the strongest of them marked.
class ChannelPlot : public PlotView {
    Q_OBJECT

public:
    explicit ChannelPlot(QWidget* parent = nullptr);
    void setSite(std::optional<SiteStatistics> site, int marked);
    TableData table() const override;

protected:
    void draw(const PlotTheme& theme) override;

private:
    std::optional<SiteStatistics> m_site;
    int m_marked = 0;
};

} // namespace eigenquant
