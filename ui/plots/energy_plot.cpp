// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/energy_plot.h"

#include "ui/plots/figure_parts.h"
#include "ui/plots/series.h"

#include <qcustomplot.h>

namespace eigenquant {

EnergyPlot::EnergyPlot(QWidget* parent) : PlotView(tr("Energy before and after the rotation"), parent)
{
    setFileStem(QStringLiteral("energy"));
}

void EnergyPlot::setSite(std::optional<SiteStatistics> site, int salient)
{
    m_site = std::move(site);
    m_salient = salient;
    scheduleDraw();
}

void EnergyPlot::draw(const PlotTheme& theme)
{
    if (!m_site || m_site->eigenvalues.empty()) {
        showMessage(theme, m_site ? tr("These statistics have channel norms only, and no eigenvalues")
                                  : tr("No statistics are open"));
        return;
    }
    const std::vector<double> original = series::descending(m_site->channelEnergy);
    const std::vector<double> rotated = series::descending(m_site->eigenvalues);
    QCPAxisRect& energies = addPanel(canvas(), theme, 0, 0, tr("each one's energy, sorted"));
    QCPAxis& y = *energies.axis(QCPAxis::atLeft);
    setLogarithmic(y, true);
    const auto [low, high] = series::logRange({&original, &rotated}, 7);
    y.setRange(low, high);
    y.setLabel(tr("Mean square"));
    drawPair(theme, energies, original, rotated, true);
    QCPAxisRect& shares = addPanel(canvas(), theme, 1, 0, tr("what the first K hold together"));
    shares.axis(QCPAxis::atLeft)->setLabel(tr("Share of the energy"));
    shares.axis(QCPAxis::atLeft)->setRange(0, 1.03);
    drawPair(theme, shares, series::cumulativeShare(original), series::cumulativeShare(rotated), false);
}

void EnergyPlot::drawPair(const PlotTheme& theme, QCPAxisRect& rect, const std::vector<double>& original,
                          const std::vector<double>& rotated, bool named)
{
    QCPAxis& x = *rect.axis(QCPAxis::atBottom);
    QCPAxis& y = *rect.axis(QCPAxis::atLeft);
    x.setLabel(tr("Rank"));
    setLogarithmic(x, true);
    x.setRange(1, double(rotated.size()));
    QCPGraph& turned = addSeries(x, y, rotated, 1);
    turned.setPen(theme.seriesPen(0));
    turned.setName(tr("rotated dimensions"));
    QCPGraph& own = addSeries(x, y, original, 1);
    own.setPen(theme.seriesPen(1));
    own.setName(tr("original channels"));
    if (named) {
        QCPLegend& legend = addLegend(rect, theme, Qt::AlignTop | Qt::AlignRight);
        turned.addToLegend(&legend);
        own.addToLegend(&legend);
    }
    markSalient(theme, rect);
}

void EnergyPlot::markSalient(const PlotTheme& theme, QCPAxisRect& rect)
{
    if (m_salient <= 0)
        return;
    auto* line = new QCPItemStraightLine(&canvas());
    line->setPen(QPen(theme.accent, 1.8, Qt::DashLine));
    line->setClipAxisRect(&rect);
    for (auto* point : {line->point1, line->point2})
        point->setAxes(rect.axis(QCPAxis::atBottom), rect.axis(QCPAxis::atLeft));
    // Its upright course is fixed by two values that exist on both kinds of scale.
    line->point1->setCoords(m_salient, rect.axis(QCPAxis::atLeft)->range().upper);
    line->point2->setCoords(m_salient, rect.axis(QCPAxis::atLeft)->range().center());
    auto* label = new QCPItemText(&canvas());
    label->setText(tr("K = %1").arg(m_salient));
    label->setFont(theme.scaledFont(0.95));
    label->setColor(theme.text);
    label->setBrush(theme.background);
    label->setPadding({5, 1, 5, 1});
    label->setPositionAlignment(Qt::AlignLeft | Qt::AlignBottom);
    label->setClipAxisRect(&rect);
    label->position->setTypeX(QCPItemPosition::ptPlotCoords);
    label->position->setAxes(rect.axis(QCPAxis::atBottom), rect.axis(QCPAxis::atLeft));
    label->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
    label->position->setAxisRect(&rect);
    label->position->setCoords(m_salient, 0.97);
}

TableData EnergyPlot::table() const
{
    TableData data;
    data.headings = {tr("rank"), tr("original"), tr("rotated"), tr("original_share"), tr("rotated_share")};
    if (!m_site || m_site->eigenvalues.empty())
        return data;
    const std::vector<double> original = series::descending(m_site->channelEnergy);
    const std::vector<double> rotated = series::descending(m_site->eigenvalues);
    const auto originalShare = series::cumulativeShare(original);
    const auto rotatedShare = series::cumulativeShare(rotated);
    for (std::size_t i = 0; i < std::min(original.size(), rotated.size()); ++i)
        data.rows.push_back({int(i) + 1, original[i], rotated[i], originalShare[i], rotatedShare[i]});
    return data;
}

} // namespace eigenquant
