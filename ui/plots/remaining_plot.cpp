// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/remaining_plot.h"

#include "ui/plots/figure_parts.h"
#include "ui/plots/series.h"

#include <qcustomplot.h>

#include <algorithm>

namespace eigenquant {

RemainingPlot::RemainingPlot(QWidget* parent) : PlotView(tr("What remains of the error"), parent)
{
    setFileStem(QStringLiteral("remaining_error"));
}

void RemainingPlot::setCurves(std::vector<RemainingCurve> curves, int salient)
{
    m_curves = std::move(curves);
    m_salient = salient;
    scheduleDraw();
}

void RemainingPlot::draw(const PlotTheme& theme)
{
    if (m_curves.empty()) {
        showMessage(theme, tr("No eigenvalues to tell it from"));
        return;
    }
    QCPAxisRect& rect = addPanel(canvas(), theme, 0, 0, {});
    QCPAxis& x = *rect.axis(QCPAxis::atBottom);
    QCPAxis& y = *rect.axis(QCPAxis::atLeft);
    x.setLabel(tr("K, dimensions kept in 16 bits"));
    y.setLabel(tr("Expected error of the output, relative"));
    setLogarithmic(y, true);
    std::vector<const std::vector<double>*> all;
    int most = 1;
    QCPLegend& legend = addLegend(rect, theme, Qt::AlignTop | Qt::AlignRight);
    for (std::size_t i = 0; i < m_curves.size(); ++i) {
        const RemainingCurve& curve = m_curves[i];
        all.push_back(&curve.error);
        auto* graph = canvas().addGraph(&x, &y);
        graph->setPen(theme.seriesPen(int(i)));
        graph->setName(tr("%1 bits").arg(curve.bits));
        graph->addToLegend(&legend);
        QVector<QCPGraphData> points;
        for (std::size_t j = 0; j < curve.salient.size(); ++j) {
            points.append({double(curve.salient[j]), curve.error[j] > 0 ? curve.error[j] : std::nan("")});
            most = std::max(most, curve.salient[j]);
        }
        graph->data()->set(points);
    }
    x.setRange(0, most);
    const auto [low, high] = series::logRange(all, 6);
    y.setRange(low, high);
    auto* line = new QCPItemStraightLine(&canvas());
    line->setPen(QPen(theme.accent, 1.8, Qt::DashLine));
    line->setClipAxisRect(&rect);
    for (auto* point : {line->point1, line->point2})
        point->setAxes(&x, &y);
    line->point1->setCoords(m_salient, low);
    line->point2->setCoords(m_salient, high);
}

TableData RemainingPlot::table() const
{
    TableData data;
    data.headings = {tr("bits"), tr("salient"), tr("predicted_error")};
    for (const RemainingCurve& curve : m_curves)
        for (std::size_t i = 0; i < curve.salient.size(); ++i)
            data.rows.push_back({curve.bits, curve.salient[i], curve.error[i]});
    return data;
}

} // namespace eigenquant
