// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/error_plot.h"

#include "ui/plots/figure_parts.h"
#include "ui/plots/series.h"
#include "ui/text/format.h"

#include <qcustomplot.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace eigenquant {

namespace {

constexpr std::array kErrorMarkers{QCPScatterStyle::ssDisc, QCPScatterStyle::ssSquare, QCPScatterStyle::ssTriangle,
                              QCPScatterStyle::ssDiamond};

std::vector<double> layerMeans(const std::vector<SiteSummary>& summaries)
{
    std::vector<double> sums;
    std::vector<int> counts;
    for (const SiteSummary& site : summaries) {
        if (site.id.layer < 0 || !std::isfinite(site.predictedError))
            continue;
        const auto layer = std::size_t(site.id.layer);
        if (layer >= sums.size()) {
            sums.resize(layer + 1);
            counts.resize(layer + 1);
        }
        sums[layer] += site.predictedError;
        ++counts[layer];
    }
    for (std::size_t i = 0; i < sums.size(); ++i)
        sums[i] /= std::max(1, counts[i]);
    return sums;
}

} // namespace

ErrorPlot::ErrorPlot(QWidget* parent) : PlotView(tr("Predicted error by layer"), parent)
{
    canvas().setInteractions(QCP::iNone);
    connect(&canvas(), &QCustomPlot::mouseRelease, this, [this](QMouseEvent* event) {
        if (const auto* rect = canvas().axisRectAt(event->position()); rect && !m_summaries.empty())
            emit layerClicked(int(std::lround(rect->axis(QCPAxis::atBottom)->pixelToCoord(event->position().x()))));
    });
}

void ErrorPlot::setSummaries(std::vector<SiteSummary> summaries)
{
    m_summaries = std::move(summaries);
    scheduleDraw();
}

void ErrorPlot::draw(const PlotTheme& theme)
{
    m_cursor.reset();
    if (m_summaries.empty()) {
        showMessage(theme, tr("No plan yet"));
        return;
    }
    QCPAxisRect& rect = addPanel(canvas(), theme, 0, 0, {});
    QCPAxis& x = *rect.axis(QCPAxis::atBottom);
    QCPAxis& y = *rect.axis(QCPAxis::atLeft);
    QCPLegend& legend = addLegend(rect, theme, Qt::AlignTop | Qt::AlignRight);
    legend.setFillOrder(QCPLegend::foColumnsFirst);
    legend.setWrap(3);
    const std::vector<double> means = layerMeans(m_summaries);
    auto* bars = new QCPBars(&x, &y);
    for (std::size_t layer = 0; layer < means.size(); ++layer)
        bars->addData(double(layer), means[layer]);
    QColor fill = theme.text;
    fill.setAlphaF(0.16f);
    bars->setBrush(fill);
    bars->setPen(QPen(theme.axis, 1));
    bars->setWidth(0.8);
    bars->setName(tr("mean of the layer"));
    bars->addToLegend(&legend);
    double highest = 0;
    for (const Site site : kAllSites) {
        auto* graph = canvas().addGraph(&x, &y);
        const auto style = std::size_t(site);
        graph->setLineStyle(QCPGraph::lsNone);
        graph->setPen(QPen(theme.series[style], 1));
        graph->setScatterStyle(
            QCPScatterStyle(kErrorMarkers[style], QPen(theme.series[style], 1), theme.series[style], 6));
        for (const SiteSummary& summary : m_summaries) {
            if (summary.id.site != site || !std::isfinite(summary.predictedError))
                continue;
            graph->addData(summary.id.layer, summary.predictedError);
            highest = std::max(highest, summary.predictedError);
        }
        graph->setName(text::siteName(site));
        graph->addToLegend(&legend);
    }
    x.setLabel(tr("Layer"));
    y.setLabel(tr("Predicted error ‖XΔW‖² / ‖XW‖²"));
    x.setRange(-0.7, std::max(1.0, double(means.size())) - 0.3);
    // The upper quarter stays free for the legend.
    y.setRange(0, highest > 0 ? highest * 1.35 : 1);
    auto ticker = QSharedPointer<QCPAxisTickerFixed>(new QCPAxisTickerFixed);
    ticker->setTickStep(1);
    ticker->setScaleStrategy(QCPAxisTickerFixed::ssMultiples);
    x.setTicker(ticker);
    y.setNumberPrecision(3);
    m_cursor.emplace(rect, theme, PlotCursor::Direction::Upright);
}

Pointed ErrorPlot::under(const QPointF& position) const
{
    if (!m_cursor || !m_cursor->rect().rect().contains(position.toPoint()))
        return {};
    const int layer = int(std::lround(m_cursor->rect().axis(QCPAxis::atBottom)->pixelToCoord(position.x())));
    const bool exists = std::ranges::any_of(m_summaries, [&](const auto& site) { return site.id.layer == layer; });
    return exists ? Pointed{.layer = layer} : Pointed{};
}

void ErrorPlot::mark(const Pointed& pointed)
{
    if (!m_cursor)
        return;
    QStringList lines{tr("layer %1").arg(pointed.layer)};
    for (const SiteSummary& site : m_summaries)
        if (site.id.layer == pointed.layer)
            lines << tr("%1 %2").arg(text::siteName(site.id.site), text::number(site.predictedError));
    if (lines.size() > 1)
        m_cursor->show(pointed.layer, lines.join(QLatin1Char('\n')));
    else
        m_cursor->hide();
}

TableData ErrorPlot::table() const
{
    TableData data;
    data.headings = {tr("layer"), tr("site"), tr("predicted_error"), tr("effective_bits")};
    for (const SiteSummary& site : m_summaries)
        data.rows.push_back({site.id.layer, text::siteName(site.id.site), site.predictedError, site.effectiveBits});
    return data;
}

} // namespace eigenquant
