// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/weight_range_plot.h"

#include "ui/plots/figure_parts.h"
#include "ui/text/format.h"

#include <qcustomplot.h>

#include <algorithm>
#include <array>

namespace eigenquant {

namespace {

/// A pair of bars in each group, side by side, or three.
struct Bars {
    const WeightDistribution* weights;
    QString name;
    int series;
};

/// As many groups have bars that can be told apart; more of them are a line.
constexpr std::size_t kMostBars = 400;

/// The width of each group; salient columns, in a group of their own, stand in front of the first one that is rounded.
QVector<QCPGraphData> widthsOf(const WeightDistribution& weights, double shift)
{
    QVector<QCPGraphData> points;
    points.reserve(qsizetype(weights.groups.size()));
    const int first = weights.groups.front().salient ? -1 : 0;
    for (std::size_t group = 0; group < weights.groups.size(); ++group)
        points.append({double(group) + first + shift, weights.groups[group].meanWidth});
    return points;
}

} // namespace

WeightRangePlot::WeightRangePlot(QWidget* parent) : PlotView(tr("Range of each group of columns"), parent) {}

void WeightRangePlot::setRanges(std::shared_ptr<const WeightRanges> ranges, const QString& message)
{
    m_ranges = std::move(ranges);
    m_message = message;
    scheduleDraw();
}

void WeightRangePlot::draw(const PlotTheme& theme)
{
    if (!m_ranges || m_ranges->original.groups.empty()) {
        showMessage(theme, m_message.isEmpty() ? tr("No weights were measured") : m_message);
        return;
    }
    QCPAxisRect& rect = addPanel(canvas(), theme, 0, 0, {});
    QCPAxis &x = *rect.axis(QCPAxis::atBottom), &y = *rect.axis(QCPAxis::atLeft);
    QCPLegend& legend = addLegend(rect, theme, Qt::AlignTop | Qt::AlignRight);
    legend.setFillOrder(QCPLegend::foColumnsFirst);
    std::vector<Bars> all{{&m_ranges->original, tr("original W"), 1}};
    if (m_ranges->basis != Basis::Original)
        all.push_back({&m_ranges->turned, tr("rotated WR"), 0});
    all.push_back({&m_ranges->stored, tr("as stored"), 2});
    double highest = 0;
    std::size_t groups = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const WeightDistribution& weights = *all[i].weights;
        groups = std::max(groups, weights.groups.size() - (weights.groups.front().salient ? 1 : 0));
        for (const GroupRange& group : weights.groups)
            highest = std::max(highest, group.meanWidth);
        if (weights.groups.size() > kMostBars) {
            drawLine(theme, x, y, weights, all[i].series)->setName(all[i].name);
        } else {
            const double width = 0.8 / double(all.size());
            const double shift = (double(i) - (double(all.size()) - 1) / 2) * width;
            QCPBars* bars = drawBars(theme, x, y, weights, all[i].series, shift);
            bars->setWidth(width * 0.9);
            bars->setName(all[i].name);
        }
        canvas().plottable()->addToLegend(&legend);
    }
    x.setLabel(tr("Group of %1 columns, in the order they are stored; −1: FP16 columns").arg(m_ranges->groupSize));
    y.setLabel(tr("max − min in a row, mean of the rows"));
    x.setRange(m_ranges->stored.groups.front().salient ? -1.6 : -0.6, std::max(1.0, double(groups)) - 0.4);
    y.setRange(0, highest > 0 ? highest * 1.3 : 1);
    auto ticker = QSharedPointer<QCPAxisTickerFixed>(new QCPAxisTickerFixed);
    ticker->setTickStep(1);
    ticker->setScaleStrategy(QCPAxisTickerFixed::ssMultiples);
    x.setTicker(ticker);
}

QCPBars* WeightRangePlot::drawBars(const PlotTheme& theme, QCPAxis& x, QCPAxis& y,
                                   const WeightDistribution& weights, int series, double shift)
{
    auto* bars = new QCPBars(&x, &y);
    for (const QCPGraphData& point : widthsOf(weights, shift))
        bars->addData(point.key, point.value);
    bars->setPen(QPen(theme.axis, 1));
    bars->setBrush(QBrush(theme.series[std::size_t(series)],
                          std::array{Qt::SolidPattern, Qt::BDiagPattern, Qt::Dense4Pattern}[std::size_t(series)]));
    return bars;
}

QCPGraph* WeightRangePlot::drawLine(const PlotTheme& theme, QCPAxis& x, QCPAxis& y,
                                    const WeightDistribution& weights, int series)
{
    QCPGraph* graph = canvas().addGraph(&x, &y);
    graph->data()->set(widthsOf(weights, 0), true);
    graph->setPen(theme.seriesPen(series));
    return graph;
}

TableData WeightRangePlot::table() const
{
    TableData data;
    data.headings = {tr("weights"), tr("group"), tr("salient"), tr("columns"), tr("min"), tr("max"), tr("mean_width")};
    if (!m_ranges)
        return data;
    const auto add = [&](const QString& name, const WeightDistribution& weights) {
        for (std::size_t i = 0; i < weights.groups.size(); ++i) {
            const GroupRange& group = weights.groups[i];
            data.rows.push_back(
                {name, int(i), int(group.salient), group.columns, group.least, group.largest, group.meanWidth});
        }
    };
    add(QStringLiteral("original"), m_ranges->original);
    add(QStringLiteral("rotated"), m_ranges->turned);
    add(QStringLiteral("stored"), m_ranges->stored);
    return data;
}

} // namespace eigenquant
