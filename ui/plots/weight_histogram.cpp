// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/weight_histogram.h"

#include "ui/plots/figure_parts.h"
#include "ui/text/format.h"

#include <qcustomplot.h>

#include <algorithm>
#include <limits>

namespace eigenquant {

namespace {

double middleOf(const WeightRanges& ranges, std::size_t bin)
{
    const auto bins = double(ranges.original.histogram.size());
    return ranges.lower + (double(bin) + 0.5) * (ranges.upper - ranges.lower) / bins;
}

} // namespace

WeightHistogram::WeightHistogram(QWidget* parent) : PlotView(tr("Distribution of the weights"), parent) {}

void WeightHistogram::setRanges(std::shared_ptr<const WeightRanges> ranges, const QString& message)
{
    m_ranges = std::move(ranges);
    m_message = message;
    scheduleDraw();
}

void WeightHistogram::draw(const PlotTheme& theme)
{
    if (!m_ranges || m_ranges->original.histogram.empty()) {
        showMessage(theme, m_message.isEmpty() ? tr("No weights were measured") : m_message);
        return;
    }
    QCPAxisRect& rect = addPanel(canvas(), theme, 0, 0, {});
    QCPAxis &x = *rect.axis(QCPAxis::atBottom), &y = *rect.axis(QCPAxis::atLeft);
    setLogarithmic(y, true);
    QCPLegend& legend = addLegend(rect, theme, Qt::AlignTop | Qt::AlignRight);
    double highest = 1;
    const auto curve = [&](const WeightDistribution& weights, const QString& name, int series) {
        auto* graph = canvas().addGraph(&x, &y);
        QVector<QCPGraphData> points;
        for (std::size_t bin = 0; bin < weights.histogram.size(); ++bin) {
            const auto count = double(weights.histogram[bin]);
            points.append({middleOf(*m_ranges, bin), count > 0 ? count : std::numeric_limits<double>::quiet_NaN()});
            highest = std::max(highest, count);
        }
        graph->data()->set(points, true);
        graph->setLineStyle(QCPGraph::lsStepCenter);
        graph->setPen(theme.seriesPen(series));
        graph->setName(tr("%1, kurtosis %2").arg(name, text::fixed(weights.kurtosis, 1)));
        graph->addToLegend(&legend);
    };
    curve(m_ranges->original, tr("original W"), 1);
    if (m_ranges->basis != Basis::Original)
        curve(m_ranges->turned, tr("rotated WR (%1)").arg(text::basisTitle(m_ranges->basis)), 0);
    curve(m_ranges->stored, tr("as stored"), 2);
    x.setLabel(tr("Weight"));
    y.setLabel(tr("Weights in a bin"));
    const double reach = m_ranges->upper > m_ranges->lower ? m_ranges->upper : 1;
    x.setRange(-reach, reach);
    y.setRange(0.7, highest * 12); // room for the legend
}

TableData WeightHistogram::table() const
{
    TableData data;
    data.headings = {tr("weight"), tr("original"), tr("rotated"), tr("stored")};
    for (std::size_t bin = 0; m_ranges && bin < m_ranges->original.histogram.size(); ++bin)
        data.rows.push_back({middleOf(*m_ranges, bin), qlonglong(m_ranges->original.histogram[bin]),
                             qlonglong(m_ranges->turned.histogram[bin]), qlonglong(m_ranges->stored.histogram[bin])});
    return data;
}

} // namespace eigenquant
