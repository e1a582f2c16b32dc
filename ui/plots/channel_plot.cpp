// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/channel_plot.h"

#include "ui/plots/figure_parts.h"
#include "ui/plots/label_places.h"
#include "ui/plots/series.h"

#include <qcustomplot.h>

#include <cmath>

namespace eigenquant {

namespace {

/// What a channel's number takes of a slide's panel.
constexpr QSizeF kChannelLabel{0.06, 0.03};

} // namespace

ChannelPlot::ChannelPlot(QWidget* parent) : PlotView(tr("Magnitude of each channel"), parent)
{
    setFileStem(QStringLiteral("channels"));
}

void ChannelPlot::setSite(std::optional<SiteStatistics> site, int marked)
{
    m_site = std::move(site);
    m_marked = marked;
    scheduleDraw();
}

void ChannelPlot::draw(const PlotTheme& theme)
{
    if (!m_site || m_site->channelEnergy.empty()) {
        showMessage(theme, tr("No statistics are open"));
        return;
    }
    const std::vector<double> values = series::rootMeanSquare(m_site->channelEnergy);
    QCPAxisRect& rect = addPanel(canvas(), theme, 0, 0, {});
    QCPAxis& x = *rect.axis(QCPAxis::atBottom);
    QCPAxis& y = *rect.axis(QCPAxis::atLeft);
    x.setLabel(tr("Channel"));
    y.setLabel(tr("RMS magnitude"));
    const double room = std::max(1.0, double(values.size()) * 0.015);
    x.setRange(-room, double(values.size()) - 1 + room);
    y.setRange(0, series::linearRange({&values}).second * 1.06);
    QCPGraph& all = addSeries(x, y, values, 0);
    all.setLineStyle(QCPGraph::lsImpulse);
    all.setAntialiased(false);
    all.setPen(QPen(theme.series[0], values.size() > 400 ? 1 : 2));
    auto* marks = canvas().addGraph(&x, &y);
    marks->setLineStyle(QCPGraph::lsNone);
    marks->setScatterStyle({QCPScatterStyle::ssDiamond, theme.text, theme.series[1], 9});
    const std::vector<int> strongest = series::topIndices(values, m_marked);
    std::vector<QPointF> places;
    for (const int channel : strongest) {
        marks->addData(channel, values[std::size_t(channel)]);
        places.emplace_back((channel - x.range().lower) / x.range().size(),
                            values[std::size_t(channel)] / y.range().upper);
    }
    const std::vector<LabelSide> sides = placeLabels(places, kChannelLabel);
    for (std::size_t i = 0; i < strongest.size(); ++i) {
        if (sides[i] == LabelSide::Nowhere)
            continue;
        const int channel = strongest[i];
        const bool right = sides[i] == LabelSide::Left;
        auto* label = new QCPItemText(&canvas());
        label->setText(QString::number(channel));
        label->setFont(theme.scaledFont(0.95));
        label->setColor(theme.text);
        label->setPadding({8, 0, 8, 0});
        label->setPositionAlignment((right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
        label->position->setAxes(&x, &y);
        label->setClipAxisRect(&rect);
        label->position->setCoords(channel, values[std::size_t(channel)]);
    }
}

TableData ChannelPlot::table() const
{
    TableData data;
    data.headings = {tr("channel"), tr("rms"), tr("max")};
    if (!m_site)
        return data;
    const std::vector<double> values = series::rootMeanSquare(m_site->channelEnergy);
    for (std::size_t i = 0; i < values.size(); ++i)
        data.rows.push_back(
            {int(i), values[i], i < m_site->channelMax.size() ? QVariant(m_site->channelMax[i]) : QVariant()});
    return data;
}

} // namespace eigenquant
