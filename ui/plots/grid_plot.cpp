// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/grid_plot.h"

#include "ui/plots/figure_parts.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace eigenquant {

namespace {

constexpr std::size_t kMostLines = 64; // more levels than this would be a grey area
constexpr double kLineBreak = std::numeric_limits<double>::quiet_NaN();

QCPGraph& addMarks(QCPAxis& x, QCPAxis& y, const QCPScatterStyle& style)
{
    auto* marks = x.parentPlot()->addGraph(&x, &y);
    marks->setLineStyle(QCPGraph::lsNone);
    marks->setScatterStyle(style);
    return *marks;
}

} // namespace

GridPlot::GridPlot(QWidget* parent) : PlotView(tr("Weights and their grid"), parent)
{
    canvas().setInteractions(QCP::iNone);
    setFileStem(QStringLiteral("grid"));
}

void GridPlot::setGroup(std::vector<float> weights, RoundedGroup group)
{
    m_weights = std::move(weights);
    m_group = std::move(group);
    scheduleDraw();
}

void GridPlot::draw(const PlotTheme& theme)
{
    if (m_weights.empty() || m_group.rounded.size() != m_weights.size()) {
        showMessage(theme, tr("No weights"));
        return;
    }
    drawLevels(theme);
    drawErrors(theme);
    canvas().plotLayout()->setRowStretchFactor(0, 1.1);
}

void GridPlot::drawLevels(const PlotTheme& theme)
{
    QCPAxisRect& rect = addPanel(canvas(), theme, 0, 0, tr("each weight goes to the nearest level"));
    QCPAxis& x = *rect.axis(QCPAxis::atBottom);
    QCPAxis& y = *rect.axis(QCPAxis::atLeft);
    auto ticker = QSharedPointer<QCPAxisTickerText>(new QCPAxisTickerText);
    ticker->addTick(1, tr("weight"));
    ticker->addTick(0, tr("stored"));
    y.setTicker(ticker);
    y.setRange(-0.35, 1.35);
    y.grid()->setVisible(false);
    x.grid()->setVisible(false);
    x.setLabel(tr("Value"));
    const double low = m_group.levels.front(), high = m_group.levels.back();
    const double room = 0.04 * std::max(high - low, 1e-9);
    x.setRange(low - room, high + room);
    if (m_group.levels.size() <= kMostLines) {
        auto* lines = canvas().addGraph(&x, &y);
        lines->setPen(QPen(theme.axis, 1));
        for (const double level : m_group.levels)
            for (const double end : {-0.35, 1.35, kLineBreak})
                lines->addData(level, end);
    }
    // Points are kept in order of their keys, so that ways between rows are drawn as curves of their own.
    const auto isDrawn = [&](std::size_t i) {
        return std::isfinite(m_weights[i]) && std::isfinite(m_group.rounded[i]);
    };
    for (std::size_t i = 0; i < m_weights.size(); ++i) {
        if (!isDrawn(i))
            continue;
        auto* way = new QCPCurve(&x, &y);
        way->setPen(QPen(theme.series[1], 1.4));
        way->addData(m_weights[i], 1);
        way->addData(m_group.rounded[i], 0);
    }
    QCPGraph& weights = addMarks(x, y, {QCPScatterStyle::ssDisc, theme.series[0], theme.series[0], 8});
    QCPGraph& stored = addMarks(x, y, {QCPScatterStyle::ssDiamond, theme.series[1], theme.series[1], 9});
    for (std::size_t i = 0; i < m_weights.size(); ++i) {
        if (!isDrawn(i))
            continue;
        weights.addData(m_weights[i], 1);
        stored.addData(m_group.rounded[i], 0);
    }
}

void GridPlot::drawErrors(const PlotTheme& theme)
{
    QCPAxisRect& rect = addPanel(canvas(), theme, 1, 0, tr("what rounding does to each of them"));
    QCPAxis& x = *rect.axis(QCPAxis::atBottom);
    QCPAxis& y = *rect.axis(QCPAxis::atLeft);
    x.setLabel(tr("Weight, by rising value"));
    y.setLabel(tr("Error"));
    x.setRange(0, double(m_weights.size()) + 1);
    // The scale stays where it is, so that a finer grid is seen to have smaller errors; it only grows with need.
    double most = 0.5;
    std::vector<double> errors;
    for (std::size_t i = 0; i < m_weights.size(); ++i) {
        errors.push_back(m_group.rounded[i] - m_weights[i]);
        most = std::max(most, std::abs(errors.back()));
    }
    most = std::max(most, 0.5 * std::abs(m_group.scale));
    y.setRange(-1.15 * most, 1.3 * most);
    auto* bars = new QCPBars(&x, &y);
    bars->setWidth(0.7);
    bars->setPen(QPen(theme.series[1], 1));
    bars->setBrush(theme.series[1]);
    for (std::size_t i = 0; i < errors.size(); ++i)
        bars->addData(double(i) + 1, errors[i]);
    for (const double side : {-0.5, 0.5}) {
        auto* bound = canvas().addGraph(&x, &y);
        bound->setPen(QPen(theme.axis, 1.4, Qt::DashLine));
        bound->addData(0, side * std::abs(m_group.scale));
        bound->addData(double(m_weights.size()) + 1, side * std::abs(m_group.scale));
    }
    auto* label = new QCPItemText(&canvas());
    label->setText(tr("half a step"));
    label->setColor(theme.text);
    label->setFont(theme.scaledFont(0.9));
    label->setPositionAlignment(Qt::AlignLeft | Qt::AlignBottom);
    label->position->setAxes(&x, &y);
    label->setClipAxisRect(&rect);
    label->position->setCoords(0.2, 0.5 * std::abs(m_group.scale));
}

TableData GridPlot::table() const
{
    TableData data;
    data.headings = {tr("weight"), tr("stored"), tr("error")};
    for (std::size_t i = 0; i < std::min(m_weights.size(), m_group.rounded.size()); ++i)
        data.rows.push_back({double(m_weights[i]), m_group.rounded[i], m_group.rounded[i] - double(m_weights[i])});
    return data;
}

} // namespace eigenquant
