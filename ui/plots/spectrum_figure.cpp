// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/spectrum_figure.h"

#include "ui/plots/figure_parts.h"
#include "ui/plots/series.h"
#include "ui/text/format.h"
#include "ui/text/translate.h"

#include <QApplication>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace eigenquant {

namespace {

/// All dimensions of a random basis are alike: none is a top one.
bool isRandom(Basis basis)
{
    return basis == Basis::Random || basis == Basis::HeadWiseRandom || basis == Basis::Hadamard;
}

} // namespace

SpectrumData makeSpectrumData(const SiteStatistics& site, const SiteSummary* summary, double energyShare)
{
    SpectrumData data{.site = site.id,
                      .eigenvalues = series::descending(site.eigenvalues),
                      .original = series::descending(site.channelEnergy),
                      .headWise = series::descending(site.headWiseEnergy)};
    if (summary && summary->basis == Basis::Global)
        data.global = series::descending(site.globalEnergy);
    if (summary && keepsSalient(summary->method)) {
        data.salient = summary->salient;
        data.keepsTop = summary->select == Select::Top && !isRandom(summary->basis);
        data.note = salientNote(summary->salient, energyShare, summary->predictedError);
    }
    return data;
}

QString salientNote(int salient, double energyShare, double predictedError)
{
    return tr("K = %1 · keeps %2 of the energy\npredicted error %3")
        .arg(salient)
        .arg(text::percent(energyShare), text::number(predictedError));
}

SpectrumPanel::SpectrumPanel(QCustomPlot& plot, const PlotTheme& theme, int row, int column, const SpectrumData& data,
                             const SpectrumStyle& style, bool withHeading)
    : m_data(data), m_theme(theme), m_channels(int(std::max(data.eigenvalues.size(), data.original.size())))
{
    m_rect = &addPanel(plot, theme, row, column, withHeading ? text::siteTitle(data.site.site) : QString());
    setLogarithmic(*m_rect->axis(QCPAxis::atBottom), style.logX);
    setLogarithmic(*m_rect->axis(QCPAxis::atLeft), style.logY);
    m_rect->axis(QCPAxis::atBottom)->setLabel(tr("Dimension or channel, by falling energy"));
    m_rect->axis(QCPAxis::atLeft)->setLabel(tr("Energy E[x²]"));
    drawCurves(theme, data, style);
    if (style.cumulative)
        drawCumulative(theme, data);
    if (data.salient)
        drawSalient(theme, data);
    m_glanceGraph = plot.addGraph(m_rect->axis(QCPAxis::atBottom), m_rect->axis(QCPAxis::atLeft));
    m_glanceGraph->setLayer(QStringLiteral("overlay"));
    m_glanceGraph->setPen(QPen(theme.text, 1));
    m_cursor.emplace(*m_rect, theme, PlotCursor::Direction::Upright);
}

void SpectrumPanel::drawCurves(const PlotTheme& theme, const SpectrumData& data, const SpectrumStyle& style)
{
    QCPAxis& x = *m_rect->axis(QCPAxis::atBottom);
    QCPAxis& y = *m_rect->axis(QCPAxis::atLeft);
    QCPLegend& legend = addLegend(*m_rect, theme, Qt::AlignTop | Qt::AlignRight);
    const auto curve = [&](const std::vector<double>& values, const QString& name, int index) {
        if (values.empty())
            return;
        QCPGraph& graph = addSeries(x, y, values, 1);
        graph.setPen(theme.seriesPen(index));
        graph.setName(name);
        graph.addToLegend(&legend);
    };
    curve(data.eigenvalues, tr("Rotated: eigenvalues"), 0);
    curve(data.original, tr("Original channels, sorted"), 1);
    curve(data.headWise, tr("Rotated head by head"), 2);
    curve(data.global, tr("Residual stream, rotated (before the norm's gain)"), 3);
    if (!data.compared.empty()) {
        QCPGraph& graph = addSeries(x, y, data.compared, 1);
        graph.setPen(QPen(theme.text, 1.5, Qt::DashDotDotLine));
        graph.setName(tr("Compared: %1").arg(data.comparedName));
        graph.addToLegend(&legend);
    }
    const std::vector<const std::vector<double>*> all{&data.eigenvalues, &data.original, &data.headWise,
                                                      &data.global, &data.compared};
    const auto [low, high] = style.logY ? series::logRange(all) : series::linearRange(all);
    y.setRange(low, high);
    const int longest = std::max({1, m_channels, int(data.compared.size())});
    x.setRange(style.logX ? 0.7 : 0, longest * (style.logX ? 1.2 : 1.0) + 0.5);
}

void SpectrumPanel::drawCumulative(const PlotTheme& theme, const SpectrumData& data)
{
    QCPAxis& x = *m_rect->axis(QCPAxis::atBottom);
    QCPAxis& share = *m_rect->axis(QCPAxis::atRight);
    share.setVisible(true);
    share.setTickLabels(true);
    share.setLabel(tr("Cumulative share of energy (thin lines)"));
    share.grid()->setVisible(false);
    share.setRange(0, 1.05);
    const auto curve = [&](const std::vector<double>& values, QPen pen) {
        if (values.empty())
            return;
        pen.setWidthF(1);
        addSeries(x, share, series::cumulativeShare(values), 1).setPen(pen);
    };
    curve(data.eigenvalues, theme.seriesPen(0));
    curve(data.original, theme.seriesPen(1));
    curve(data.compared, QPen(theme.text, 1, Qt::DashDotDotLine));
}

void SpectrumPanel::drawSalient(const PlotTheme& theme, const SpectrumData& data)
{
    QCustomPlot* plot = m_rect->parentPlot();
    QCPAxis* x = m_rect->axis(QCPAxis::atBottom);
    QCPAxis* y = m_rect->axis(QCPAxis::atLeft);
    if (data.keepsTop) {
        m_kept = new QCPItemRect(plot);
        for (QCPItemPosition* corner : {m_kept->topLeft, m_kept->bottomRight}) {
            corner->setAxisRect(m_rect);
            corner->setAxes(x, y);
            corner->setTypeY(QCPItemPosition::ptAxisRectRatio);
        }
        m_kept->topLeft->setTypeX(QCPItemPosition::ptAxisRectRatio);
        m_kept->topLeft->setCoords(0, 0);
        QColor shade = theme.series[0];
        shade.setAlphaF(0.14f);
        m_kept->setPen(Qt::NoPen);
        m_kept->setBrush(shade);
        m_kept->setClipAxisRect(m_rect);
    }
    m_line = new QCPItemStraightLine(plot);
    for (QCPItemPosition* point : {m_line->point1, m_line->point2}) {
        point->setAxisRect(m_rect);
        point->setAxes(x, y);
        point->setTypeY(QCPItemPosition::ptAxisRectRatio);
    }
    m_line->setPen(QPen(theme.accent, 2));
    m_line->setClipAxisRect(m_rect);
    m_note = new QCPItemText(plot);
    m_note->position->setAxisRect(m_rect);
    m_note->position->setAxes(x, y);
    m_note->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
    m_note->setColor(theme.text);
    QColor glass = theme.background;
    glass.setAlphaF(0.85f);
    m_note->setBrush(glass);
    m_note->setPadding({6, 3, 6, 3});
    m_note->setTextAlignment(Qt::AlignLeft);
    m_note->setClipToAxisRect(false);
    // On the overlay, so that a drag draws nothing but these.
    for (QCPLayerable* item : std::initializer_list<QCPLayerable*>{m_kept, m_line, m_note})
        if (item)
            item->setLayer(QStringLiteral("overlay"));
    setSalient(*data.salient, data.note);
}

int SpectrumPanel::rankAt(double pixelX) const
{
    const int rank = int(std::lround(m_rect->axis(QCPAxis::atBottom)->pixelToCoord(pixelX))) - 1;
    return rank >= 0 && rank < std::max(m_channels, int(m_data.compared.size())) ? rank : -1;
}

QString SpectrumPanel::wordsAt(std::size_t rank) const
{
    QStringList lines{tr("dimension %1 of %2").arg(rank + 1).arg(m_channels)};
    const auto add = [&](const QString& name, const std::vector<double>& values) {
        if (rank < values.size())
            lines << tr("%1 %2").arg(name, text::number(values[rank], 4));
    };
    add(tr("eigenvalue"), m_data.eigenvalues);
    add(tr("original channel"), m_data.original);
    add(tr("compared"), m_data.compared);
    add(m_glanceName, m_glance);
    return lines.join(QLatin1Char('\n'));
}

void SpectrumPanel::mark(int rank)
{
    if (rank < 0)
        m_cursor->hide();
    else
        m_cursor->show(rank + 1, wordsAt(std::size_t(rank)));
}

void SpectrumPanel::setGlance(const std::vector<double>& eigenvalues, const QString& name)
{
    m_glance = eigenvalues;
    m_glanceName = name;
    const bool logarithmic = m_rect->axis(QCPAxis::atLeft)->scaleType() == QCPAxis::stLogarithmic;
    QVector<QCPGraphData> points;
    for (std::size_t i = 0; i < eigenvalues.size(); ++i)
        if (!logarithmic || eigenvalues[i] > 0)
            points.append({double(i) + 1, eigenvalues[i]});
    m_glanceGraph->data()->set(points, true);
}

void SpectrumPanel::setFocused(bool focused)
{
    if (m_line)
        m_line->setPen(QPen(m_theme.accent, focused ? 4 : 2));
}

double SpectrumPanel::distanceToLine(double pixelX) const
{
    return std::abs(m_rect->axis(QCPAxis::atBottom)->coordToPixel(m_lineKey) - pixelX);
}

int SpectrumPanel::salientAt(double pixelX) const
{
    const double key = m_rect->axis(QCPAxis::atBottom)->pixelToCoord(pixelX);
    return std::clamp(int(std::lround(key - 0.5)), 0, m_channels);
}

void SpectrumPanel::setSalient(int salient, const QString& note)
{
    if (!m_line)
        return;
    // Dimension i is drawn at i = 1, 2, …: the line runs between the last one kept and the next.
    const double key = m_lineKey = salient + 0.5;
    m_line->point1->setCoords(key, 0);
    m_line->point2->setCoords(key, 1);
    if (m_kept)
        m_kept->bottomRight->setCoords(key, 1);
    const QCPAxis* x = m_rect->axis(QCPAxis::atBottom);
    const bool logX = x->scaleType() == QCPAxis::stLogarithmic;
    const double reach = logX ? std::log(key / x->range().lower) / std::log(x->range().upper / x->range().lower)
                              : key / x->range().upper;
    m_note->setPositionAlignment((reach > 0.55 ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignBottom);
    m_note->position->setCoords(key, 0.98);
    m_note->setText(note);
}

} // namespace eigenquant
