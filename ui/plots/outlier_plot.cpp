// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/outlier_plot.h"

#include "ui/plots/figure_parts.h"
#include "ui/plots/series.h"
#include "ui/text/format.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace eigenquant {

OutlierPlot::OutlierPlot(QWidget* parent) : PlotView(tr("Outliers before and after the rotation"), parent)
{
    connect(&canvas(), &QCustomPlot::mouseRelease, this,
            [this](QMouseEvent* event) { pickChannel(event->position()); });
}

void OutlierPlot::setSites(std::vector<SiteStatistics> sites, int labelled)
{
    m_sites = std::move(sites);
    m_labelled = labelled;
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
    m_channelPanel = nullptr;
    if (m_sites.empty()) {
        showMessage(theme, tr("No statistics for this site"));
        return;
    }
    for (std::size_t i = 0; i < m_sites.size(); ++i)
        drawRow(theme, int(i), m_sites[i]);
}

void OutlierPlot::drawRow(const PlotTheme& theme, int row, const SiteStatistics& site)
{
    const std::vector<double> before = series::rootMeanSquare(site.channelEnergy);
    const std::vector<double> after = series::rootMeanSquare(site.eigenvalues);
    const QString where = m_sites.size() > 1 ? text::siteName(site.id.site) + QStringLiteral(": ") : QString();
    const auto [low, high] = series::linearRange({&before, &after});
    const auto panel = [&](int column, const QString& title, const QString& label) -> QCPAxisRect& {
        QCPAxisRect& rect = addPanel(canvas(), theme, row, column, where + title);
        rect.axis(QCPAxis::atBottom)->setLabel(label);
        rect.axis(QCPAxis::atLeft)->setLabel(tr("RMS magnitude"));
        rect.axis(QCPAxis::atLeft)->setRange(low, high * 1.08);
        setLogarithmic(*rect.axis(QCPAxis::atLeft), false);
        setLogarithmic(*rect.axis(QCPAxis::atBottom), false);
        return rect;
    };
    const bool rotated = !after.empty();
    const QString heading = rotated ? tr("original channels") : tr("original channels; no eigenvalues were measured");
    QCPAxisRect& left = panel(0, heading, tr("Channel index"));
    drawMagnitudes(theme, left, before, 0, 1);
    if (rotated)
        drawMagnitudes(theme, panel(1, tr("after the PCA rotation"), tr("Dimension index, by falling eigenvalue")),
                       after, 1, 0);
    labelOutliers(theme, left, before);
    if (!m_channelPanel)
        m_channelPanel = &left;
}

void OutlierPlot::drawMagnitudes(const PlotTheme& theme, QCPAxisRect& rect, const std::vector<double>& values,
                                 int first, int series)
{
    QCPGraph& graph = addSeries(*rect.axis(QCPAxis::atBottom), *rect.axis(QCPAxis::atLeft), values, first);
    graph.setLineStyle(QCPGraph::lsImpulse);
    graph.setAntialiased(false);
    QPen pen(theme.series[std::size_t(series)], values.size() > 400 ? 1 : 2);
    graph.setPen(pen);
    const double room = std::max(1.0, double(values.size()) * 0.015);
    rect.axis(QCPAxis::atBottom)->setRange(first - room, first + double(values.size()) - 1 + room);
}

void OutlierPlot::labelOutliers(const PlotTheme& theme, QCPAxisRect& rect, const std::vector<double>& values)
{
    QCPAxis* x = rect.axis(QCPAxis::atBottom);
    QCPAxis* y = rect.axis(QCPAxis::atLeft);
    std::vector<int> marked = series::topIndices(values, m_labelled);
    if (m_highlight >= 0 && m_highlight < int(values.size()) &&
        std::find(marked.begin(), marked.end(), m_highlight) == marked.end())
        marked.push_back(m_highlight);
    auto* markers = canvas().addGraph(x, y);
    markers->setLineStyle(QCPGraph::lsNone);
    markers->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDiamond, theme.text, theme.series[1], 7));
    std::vector<std::pair<double, double>> placed;
    for (const int channel : marked) {
        const double value = values[std::size_t(channel)];
        markers->addData(channel, value);
        // A label that would cover another one stays away: the table beside the plot names them all.
        const bool atRightEdge = channel > x->range().lower + x->range().size() * 0.85;
        const double centre = channel + (atRightEdge ? -0.04 : 0.04) * x->range().size();
        const bool covered = std::any_of(placed.begin(), placed.end(), [&](const auto& other) {
            return std::abs(other.first - centre) < x->range().size() * 0.07 &&
                   std::abs(other.second - value) < y->range().size() * 0.07;
        });
        if (covered && channel != m_highlight)
            continue;
        placed.emplace_back(centre, value);
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
    if (!m_channelPanel || m_sites.size() != 1 || !m_channelPanel->rect().contains(position.toPoint()))
        return;
    const auto& energy = m_sites.front().channelEnergy;
    const double key = m_channelPanel->axis(QCPAxis::atBottom)->pixelToCoord(position.x());
    if (const int channel = int(std::lround(key)); channel >= 0 && channel < int(energy.size()))
        emit channelClicked(channel);
}

TableData OutlierPlot::table() const
{
    TableData data;
    data.headings = {tr("layer"), tr("site"), tr("index"), tr("original_rms"), tr("original_max"), tr("rotated_rms")};
    for (const SiteStatistics& site : m_sites) {
        const auto before = series::rootMeanSquare(site.channelEnergy);
        const auto after = series::rootMeanSquare(site.eigenvalues);
        const auto at = [](const std::vector<double>& values, std::size_t i) {
            return i < values.size() ? QVariant(values[i]) : QVariant();
        };
        for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i)
            data.rows.push_back({site.id.layer, text::siteName(site.id.site), int(i), at(before, i),
                                 at(site.channelMax, i), at(after, i)});
    }
    return data;
}

} // namespace eigenquant
