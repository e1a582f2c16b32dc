// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/outlier_plot.h"

#include "ui/plots/figure_parts.h"
#include "ui/plots/label_places.h"
#include "ui/plots/series.h"
#include "ui/text/format.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace eigenquant {

namespace {

/// What a channel's number takes of a panel.
constexpr QSizeF kOutlierLabel{0.055, 0.08};

} // namespace

OutlierPlot::OutlierPlot(QWidget* parent) : PlotView(tr("Outliers before and after the rotation"), parent)
{
    connect(&canvas(), &QCustomPlot::mouseRelease, this,
            [this](QMouseEvent* event) { pickChannel(event->position()); });
}

void OutlierPlot::setSites(const std::vector<SiteStatistics>& sites, int labelled)
{
    std::vector<OutlierSeries> series;
    for (const SiteStatistics& site : sites)
        series.push_back({.site = site.id,
                          .original = series::rootMeanSquare(site.channelEnergy),
                          .rotated = series::rootMeanSquare(site.eigenvalues),
                          .whyNotRotated = tr("No eigenvalues were measured")});
    setSeries(std::move(series), tr("RMS magnitude"), QStringLiteral("rms"), labelled);
}

void OutlierPlot::setSeries(std::vector<OutlierSeries> sites, const QString& measure, const QString& name, int labelled)
{
    m_sites = std::move(sites);
    m_measure = measure;
    m_name = name;
    m_labelled = labelled;
    scheduleDraw();
}

void OutlierPlot::setLogarithmic(bool logarithmic)
{
    m_logarithmic = logarithmic;
    scheduleDraw();
}

void OutlierPlot::setHighlight(int channel)
{
    if (channel == m_highlight)
        return;
    m_highlight = channel;
    scheduleDraw();
}

void OutlierPlot::draw(const PlotTheme& theme)
{
    m_rows.clear();
    if (m_sites.empty()) {
        showMessage(theme, tr("No statistics for this site"));
        return;
    }
    for (std::size_t i = 0; i < m_sites.size(); ++i)
        drawRow(theme, int(i), m_sites[i]);
}

void OutlierPlot::drawRow(const PlotTheme& theme, int row, const OutlierSeries& site)
{
    const QString where = m_sites.size() > 1 ? text::siteName(site.site.site) + QStringLiteral(": ") : QString();
    const std::vector<const std::vector<double>*> both{&site.original, &site.rotated};
    const auto [low, high] = m_logarithmic ? series::logRange(both, 6) : series::linearRange(both);
    const auto panel = [&](int column, const QString& title, const QString& label) -> QCPAxisRect& {
        QCPAxisRect& rect = addPanel(canvas(), theme, row, column, where + title);
        eigenquant::setLogarithmic(*rect.axis(QCPAxis::atLeft), m_logarithmic);
        eigenquant::setLogarithmic(*rect.axis(QCPAxis::atBottom), false);
        rect.axis(QCPAxis::atBottom)->setLabel(label);
        rect.axis(QCPAxis::atLeft)->setLabel(m_measure);
        rect.axis(QCPAxis::atLeft)->setRange(low, high * (m_logarithmic ? 1.5 : 1.08));
        return rect;
    };
    QCPAxisRect& left = panel(0, tr("original channels"), tr("Channel index"));
    QCPAxisRect& right = panel(1, tr("after the PCA rotation"), tr("Dimension index, by falling eigenvalue"));
    drawMagnitudes(theme, left, site.original, 1);
    drawMagnitudes(theme, right, site.rotated, 0);
    labelOutliers(theme, left, site.original);
    if (site.original.empty())
        writeInto(theme, left, site.whyNotOriginal);
    if (site.rotated.empty())
        writeInto(theme, right, site.whyNotRotated);
    m_rows.push_back({PlotCursor(left, theme, PlotCursor::Direction::Upright),
                      PlotCursor(right, theme, PlotCursor::Direction::Upright)});
}

void OutlierPlot::writeInto(const PlotTheme& theme, QCPAxisRect& rect, const QString& message)
{
    auto* words = new QCPItemText(&canvas());
    words->position->setAxisRect(&rect);
    words->position->setType(QCPItemPosition::ptAxisRectRatio);
    words->position->setCoords(0.5, 0.5);
    words->setText(message);
    words->setColor(theme.axis);
}

void OutlierPlot::drawMagnitudes(const PlotTheme& theme, QCPAxisRect& rect, const std::vector<double>& values,
                                 int series)
{
    QCPGraph& graph = addSeries(*rect.axis(QCPAxis::atBottom), *rect.axis(QCPAxis::atLeft), values, 0);
    graph.setLineStyle(QCPGraph::lsImpulse);
    graph.setAntialiased(false);
    QPen pen(theme.series[std::size_t(series)], values.size() > 400 ? 1 : 2);
    graph.setPen(pen);
    const double room = std::max(1.0, double(values.size()) * 0.015);
    rect.axis(QCPAxis::atBottom)->setRange(-room, std::max(1.0, double(values.size())) - 1 + room);
}

Pointed OutlierPlot::under(const QPointF& position) const
{
    for (std::size_t i = 0; i < m_rows.size(); ++i)
        for (const bool isRotated : {false, true}) {
            const QCPAxisRect& rect = (isRotated ? m_rows[i].rotated : m_rows[i].original).rect();
            if (!rect.rect().contains(position.toPoint()))
                continue;
            const auto& values = isRotated ? m_sites[i].rotated : m_sites[i].original;
            const int index = int(std::lround(rect.axis(QCPAxis::atBottom)->pixelToCoord(position.x())));
            Pointed pointed{.layer = m_sites[i].site.layer, .site = m_sites[i].site.site};
            if (index >= 0 && index < int(values.size()))
                (isRotated ? pointed.dimension : pointed.channel) = index;
            return pointed;
        }
    return {};
}

void OutlierPlot::mark(const Pointed& pointed)
{
    const auto show = [&](PlotCursor& cursor, const std::vector<double>& values, int index, const QString& words) {
        if (index >= 0 && index < int(values.size()))
            cursor.show(index, words.arg(index).arg(text::number(values[std::size_t(index)], 4)));
        else
            cursor.hide();
    };
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        const OutlierSeries& site = m_sites[i];
        const bool isHere = (pointed.layer < 0 || pointed.layer == site.site.layer) &&
                            (!pointed.site || *pointed.site == site.site.site);
        show(m_rows[i].original, site.original, isHere ? pointed.channel : -1, tr("channel %1\n%2"));
        show(m_rows[i].rotated, site.rotated, isHere ? pointed.dimension : -1, tr("dimension %1\n%2"));
    }
}

void OutlierPlot::labelOutliers(const PlotTheme& theme, QCPAxisRect& rect, const std::vector<double>& values)
{
    QCPAxis* x = rect.axis(QCPAxis::atBottom);
    QCPAxis* y = rect.axis(QCPAxis::atLeft);
    std::vector<int> marked = series::topIndices(values, m_labelled);
    std::erase_if(marked, [&](int channel) { return m_logarithmic && !(values[std::size_t(channel)] > 0); });
    if (m_highlight >= 0 && m_highlight < int(values.size()) &&
        std::find(marked.begin(), marked.end(), m_highlight) == marked.end())
        marked.push_back(m_highlight);
    auto* markers = canvas().addGraph(x, y);
    markers->setLineStyle(QCPGraph::lsNone);
    markers->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDiamond, theme.text, theme.series[1], 7));
    std::vector<QPointF> places;
    for (const int channel : marked) {
        const double value = values[std::size_t(channel)];
        markers->addData(channel, value);
        const QCPRange& heights = y->range();
        places.emplace_back((channel - x->range().lower) / x->range().size(),
                            m_logarithmic ? std::log(std::max(value, heights.lower) / heights.lower) /
                                                std::log(heights.upper / heights.lower)
                                          : (value - heights.lower) / heights.size());
    }
    const std::vector<LabelSide> sides = placeLabels(places, kOutlierLabel);
    for (std::size_t i = 0; i < marked.size(); ++i) {
        const int channel = marked[i];
        // What finds no room stays without a name: the table beside the plot names them all.
        if (sides[i] == LabelSide::Nowhere && channel != m_highlight)
            continue;
        const double value = values[std::size_t(channel)];
        const bool atRightEdge = sides[i] == LabelSide::Left;
        auto* label = new QCPItemText(&canvas());
        label->position->setAxisRect(&rect);
        label->position->setAxes(x, y);
        label->setPositionAlignment((atRightEdge ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
        label->setPadding({7, 0, 7, 0});
        label->position->setCoords(channel, value);
        label->setText(QString::number(channel));
        label->setColor(theme.text);
        QFont font = label->font();
        font.setBold(channel == m_highlight);
        label->setFont(font);
        label->setClipToAxisRect(false);
    }
}

void OutlierPlot::pickChannel(const QPointF& position)
{
    if (const Pointed pointed = placeAt(position); m_sites.size() == 1 && pointed.channel >= 0)
        emit channelClicked(pointed.channel);
}

TableData OutlierPlot::table() const
{
    TableData data;
    data.headings = {tr("layer"), tr("site"), tr("index"), tr("original_%1").arg(m_name), tr("rotated_%1").arg(m_name)};
    const auto at = [](const std::vector<double>& values, std::size_t i) {
        return i < values.size() ? QVariant(values[i]) : QVariant();
    };
    for (const OutlierSeries& site : m_sites)
        for (std::size_t i = 0; i < std::max(site.original.size(), site.rotated.size()); ++i)
            data.rows.push_back({site.site.layer, text::siteName(site.site.site), int(i), at(site.original, i),
                                 at(site.rotated, i)});
    return data;
}

} // namespace eigenquant
