// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/run_latency_plot.h"

#include "ui/plots/figure_parts.h"
#include "ui/text/format.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace eigenquant {

namespace {

constexpr double kBarHeight = 0.36;
constexpr double kVariantOffset = 0.19; // of a bar's middle from the variant's
constexpr double kRoomForText = 1.25;

} // namespace

RunLatencyPlot::RunLatencyPlot(QWidget* parent) : PlotView(tr("Time of a decoding step"), parent)
{
    canvas().setInteractions(QCP::iNone);
    setFileStem(QStringLiteral("run-latency"));
}

void RunLatencyPlot::setEntries(const std::vector<RunEntry>& entries)
{
    m_entries.clear();
    std::ranges::copy_if(entries, std::back_inserter(m_entries), [](const RunEntry& entry) {
        return entry.latency && std::isfinite(entry.latency->msPerStep);
    });
    scheduleDraw();
}

void RunLatencyPlot::draw(const PlotTheme& theme)
{
    if (m_entries.empty()) {
        showMessage(theme, tr("Choose a row and time its decoding"));
        return;
    }
    QCPAxisRect& rect = addPanel(canvas(), theme, 0, 0, {});
    QCPAxis& times = *rect.axis(QCPAxis::atBottom);
    QCPAxis& names = *rect.axis(QCPAxis::atLeft);
    auto* own = new QCPBars(&names, &times);
    auto* baseline = new QCPBars(&names, &times);
    own->setPen(QPen(theme.series[0], 1));
    own->setBrush(theme.series[0]);
    own->setName(tr("as it is stored"));
    QColor pale = theme.series[1];
    pale.setAlphaF(0.25f); // told apart by an outline, not by colour alone
    baseline->setPen(QPen(theme.series[1], 1.5));
    baseline->setBrush(pale);
    baseline->setName(tr("FP16 linears"));
    auto ticker = QSharedPointer<QCPAxisTickerText>(new QCPAxisTickerText);
    double longest = 0;
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        const LatencyRow& latency = *m_entries[i].latency;
        const double place = double(m_entries.size() - 1 - i); // the first at the top
        own->addData(place + kVariantOffset, latency.msPerStep);
        longest = std::max(longest, latency.msPerStep);
        if (std::isfinite(latency.baselineMsPerStep)) {
            baseline->addData(place - kVariantOffset, latency.baselineMsPerStep);
            longest = std::max(longest, latency.baselineMsPerStep);
        }
        ticker->addTick(place, text::fromStd(m_entries[i].result.name));
    }
    for (QCPBars* bars : {own, baseline})
        bars->setWidth(kBarHeight);
    QCPLegend& legend = addLegend(rect, theme, Qt::AlignTop | Qt::AlignRight);
    own->addToLegend(&legend);
    if (baseline->dataCount() > 0)
        baseline->addToLegend(&legend);
    names.setTicker(ticker);
    names.setTickLength(0);
    names.grid()->setVisible(false);
    names.setRange(-0.7, double(m_entries.size()) - 0.3);
    times.setRange(0, longest > 0 ? longest * kRoomForText : 1);
    times.setLabel(tr("ms a step, batch %1").arg(m_entries.front().latency->batch));
}

TableData RunLatencyPlot::table() const
{
    TableData data;
    data.headings = {tr("report"), tr("name"), tr("batch"), tr("ms_per_step"), tr("baseline_ms_per_step"),
                     tr("speedup")};
    for (const RunEntry& entry : m_entries)
        data.rows.push_back({entry.reportName, text::fromStd(entry.result.name), entry.latency->batch,
                             entry.latency->msPerStep, entry.latency->baselineMsPerStep, entry.latency->speedup});
    return data;
}

} // namespace eigenquant
