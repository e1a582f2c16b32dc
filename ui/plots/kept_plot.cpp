// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/kept_plot.h"

#include "ui/plots/figure_parts.h"
#include "ui/text/format.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace eigenquant {

KeptPlot::KeptPlot(QWidget* parent) : PlotView(tr("What stays in 16 bits"), parent)
{
    canvas().setInteractions(QCP::iNone);
    setFileStem(QStringLiteral("kept_dimensions"));
}

void KeptPlot::setRows(std::vector<KeptRow> rows, double reference)
{
    m_rows = std::move(rows);
    m_reference = reference;
    scheduleDraw();
}

void KeptPlot::draw(const PlotTheme& theme)
{
    if (m_rows.empty()) {
        showMessage(theme, tr("Not measured yet"));
        return;
    }
    QCPAxisRect& rect = addPanel(canvas(), theme, 0, 0, {});
    QCPAxis& x = *rect.axis(QCPAxis::atBottom);
    QCPAxis& y = *rect.axis(QCPAxis::atLeft);
    auto ticker = QSharedPointer<QCPAxisTickerText>(new QCPAxisTickerText);
    double highest = std::isfinite(m_reference) ? m_reference : 0;
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        ticker->addTick(double(i), QString(m_rows[i].name).replace(QLatin1String(", "), QLatin1String(",\n")));
        if (std::isfinite(m_rows[i].perplexity))
            highest = std::max(highest, m_rows[i].perplexity + m_rows[i].standardError);
    }
    x.setTicker(ticker);
    x.setTickLength(0);
    x.grid()->setVisible(false);
    x.setRange(-0.6, double(m_rows.size()) - 0.4);
    y.setLabel(tr("Perplexity (lower is better)"));
    y.setRange(0, highest > 0 ? 1.22 * highest : 1);
    auto* bars = new QCPBars(&x, &y);
    bars->setWidth(0.62);
    bars->setPen(QPen(theme.series[0], 1.5));
    QColor fill = theme.series[0];
    fill.setAlphaF(0.75f);
    bars->setBrush(fill);
    auto* errors = new QCPErrorBars(&x, &y);
    errors->setDataPlottable(bars);
    errors->setPen(QPen(theme.text, 1.4));
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        const KeptRow& row = m_rows[i];
        if (!std::isfinite(row.perplexity))
            continue;
        bars->addData(double(i), row.perplexity);
        errors->addData(row.standardError > 0 ? row.standardError : std::nan(""));
        auto* label = new QCPItemText(&canvas());
        label->setText(text::fixed(row.perplexity, 2));
        QFont font = theme.font;
        font.setBold(true);
        label->setFont(font);
        label->setColor(theme.text);
        label->setPositionAlignment(Qt::AlignHCenter | Qt::AlignBottom);
        label->setPadding({0, 0, 0, 3});
        label->position->setAxes(&x, &y);
        label->setClipAxisRect(&rect);
        label->position->setCoords(double(i), row.perplexity + row.standardError);
    }
    if (!std::isfinite(m_reference) || m_reference <= 0)
        return;
    auto* line = canvas().addGraph(&x, &y);
    line->setPen(QPen(theme.series[1], 2, Qt::DashLine));
    line->addData(-0.6, m_reference);
    line->addData(double(m_rows.size()) - 0.4, m_reference);
    line->setName(tr("model in 16 or 32 bits: %1").arg(text::fixed(m_reference, 2)));
    line->addToLegend(&addLegend(rect, theme, Qt::AlignTop | Qt::AlignLeft));
}

TableData KeptPlot::table() const
{
    TableData data;
    data.headings = {tr("kept"), tr("perplexity"), tr("stderr"), tr("weight_bits")};
    for (const KeptRow& row : m_rows)
        data.rows.push_back({row.name, row.perplexity,
                             row.standardError > 0 ? QVariant(row.standardError) : QVariant(),
                             row.weightBits > 0 ? QVariant(row.weightBits) : QVariant()});
    return data;
}

} // namespace eigenquant
