// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/figure_parts.h"

#include <qcustomplot.h>

#include <cmath>
#include <limits>

namespace eigenquant {

QCPAxisRect& addPanel(QCustomPlot& plot, const PlotTheme& theme, int row, int column, const QString& heading)
{
    auto* cell = new QCPLayoutGrid;
    auto* rect = new QCPAxisRect(&plot, true);
    if (!heading.isEmpty()) {
        QFont font = theme.font;
        font.setBold(true);
        auto* title = new QCPTextElement(&plot, heading, font);
        title->setTextColor(theme.text);
        title->setMargins({0, 4, 0, 4});
        cell->addElement(0, 0, title);
    }
    cell->addElement(heading.isEmpty() ? 0 : 1, 0, rect);
    cell->setRowSpacing(0);
    plot.plotLayout()->addElement(row, column, cell);
    // Its background must lie below the grid.
    rect->setLayer(QStringLiteral("background"));
    for (QCPAxis* axis : rect->axes()) {
        axis->setLayer(QStringLiteral("axes"));
        axis->grid()->setLayer(QStringLiteral("grid"));
    }
    theme.apply(*rect);
    return *rect;
}

QCPLegend& addLegend(QCPAxisRect& rect, const PlotTheme& theme, Qt::Alignment corner)
{
    auto* legend = new QCPLegend;
    rect.insetLayout()->addElement(legend, corner);
    rect.insetLayout()->setMargins({10, 10, 10, 10});
    legend->setLayer(QStringLiteral("legend"));
    theme.apply(*legend);
    return *legend;
}

void setLogarithmic(QCPAxis& axis, bool logarithmic)
{
    if (!logarithmic) {
        axis.setScaleType(QCPAxis::stLinear);
        axis.setTicker(QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
        axis.setNumberFormat(QStringLiteral("gb"));
        axis.setNumberPrecision(4);
        return;
    }
    axis.setScaleType(QCPAxis::stLogarithmic);
    axis.setTicker(QSharedPointer<QCPAxisTickerLog>(new QCPAxisTickerLog));
    axis.setNumberFormat(QStringLiteral("eb"));
    axis.setNumberPrecision(0);
}

QCPGraph& addSeries(QCPAxis& keyAxis, QCPAxis& valueAxis, const std::vector<double>& values, int first)
{
    auto* graph = keyAxis.parentPlot()->addGraph(&keyAxis, &valueAxis);
    const bool logarithmic = valueAxis.scaleType() == QCPAxis::stLogarithmic;
    QVector<QCPGraphData> points;
    points.reserve(qsizetype(values.size()));
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bool drawable = std::isfinite(values[i]) && (!logarithmic || values[i] > 0);
        points.append({double(first) + double(i), drawable ? values[i] : std::numeric_limits<double>::quiet_NaN()});
    }
    graph->data()->set(points, true);
    return *graph;
}

void styleColorScale(QCPColorScale& scale, QCPColorMap& map, QCPAxisRect& rect, const PlotTheme& theme)
{
    const QCPColorGradient gradient = map.gradient();
    const QCPRange range = map.dataRange();
    map.setColorScale(&scale); // which takes the scale's own for the map's
    scale.setGradient(gradient);
    scale.setDataRange(range);
    scale.setBarWidth(12);
    auto* margins = new QCPMarginGroup(rect.parentPlot());
    rect.setMarginGroup(QCP::msTop | QCP::msBottom, margins);
    scale.setMarginGroup(QCP::msTop | QCP::msBottom, margins);
    QCPAxis* axis = scale.axis();
    axis->setTickLabelColor(theme.text);
    axis->setLabelColor(theme.text);
    axis->setBasePen(QPen(theme.axis));
    axis->setTickPen(QPen(theme.axis));
    axis->setSubTickPen(QPen(theme.axis));
    axis->setTickLabelFont(rect.axis(QCPAxis::atBottom)->tickLabelFont());
    axis->setLabelFont(rect.axis(QCPAxis::atBottom)->labelFont());
}

} // namespace eigenquant
