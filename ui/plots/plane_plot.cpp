// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plane_plot.h"

#include "ui/plots/figure_parts.h"
#include "ui/text/format.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace eigenquant {

PlaneMoment PlaneMoment::of(const std::vector<std::pair<double, double>>& points)
{
    PlaneMoment moment;
    for (const auto& [a, b] : points) {
        moment.first += a * a / double(points.size());
        moment.second += b * b / double(points.size());
        moment.product += a * b / double(points.size());
    }
    return moment;
}

double PlaneMoment::along(double radians) const
{
    const double c = std::cos(radians), s = std::sin(radians);
    return c * c * first + 2 * c * s * product + s * s * second;
}

double PlaneMoment::crossing(double radians) const
{
    return std::cos(2 * radians) * product - std::sin(radians) * std::cos(radians) * (first - second);
}

double PlaneMoment::principalAngle() const
{
    return 0.5 * std::atan2(2 * product, first - second);
}

PlanePlot::PlanePlot(QWidget* parent) : PlotView(tr("Two channels and a turned pair of axes"), parent)
{
    canvas().setInteractions(QCP::iNone);
    setFileStem(QStringLiteral("plane"));
    connect(&canvas(), &QCustomPlot::afterLayout, this, &PlanePlot::keepSquare);
}

void PlanePlot::setPoints(std::vector<std::pair<double, double>> points, const QString& firstName,
                          const QString& secondName)
{
    std::erase_if(points, [](const auto& at) { return !std::isfinite(at.first) || !std::isfinite(at.second); });
    m_points = std::move(points);
    m_firstName = firstName;
    m_secondName = secondName;
    m_moment = m_points.empty() ? PlaneMoment() : PlaneMoment::of(m_points);
    m_reach = 0;
    for (const auto& [a, b] : m_points)
        m_reach = std::max(m_reach, std::hypot(a, b));
    m_reach = m_reach > 0 ? 1.12 * m_reach : 1;
    scheduleDraw();
}

void PlanePlot::setAngle(double radians)
{
    m_radians = radians;
    scheduleDraw();
}

void PlanePlot::draw(const PlotTheme& theme)
{
    m_plane = nullptr;
    if (m_points.empty()) {
        showMessage(theme, tr("No tokens"));
        return;
    }
    drawPoints(theme);
    drawEnergies(theme);
    canvas().plotLayout()->setColumnStretchFactor(0, 1.6);
}

void PlanePlot::drawPoints(const PlotTheme& theme)
{
    QCPAxisRect& rect = addPanel(canvas(), theme, 0, 0, tr("one dot a token"));
    m_plane = &rect;
    QCPAxis& x = *rect.axis(QCPAxis::atBottom);
    QCPAxis& y = *rect.axis(QCPAxis::atLeft);
    x.setLabel(m_firstName);
    y.setLabel(m_secondName);
    // Margins are laid out for the tick labels of these ranges, before the square is known.
    x.setRange(-m_reach, m_reach);
    y.setRange(-m_reach, m_reach);
    auto* dots = canvas().addGraph(&x, &y);
    dots->setLineStyle(QCPGraph::lsNone);
    QColor fill = theme.series[0];
    fill.setAlphaF(0.45f);
    dots->setScatterStyle({QCPScatterStyle::ssDisc, fill, fill, 5});
    QVector<QCPGraphData> data;
    for (const auto& [a, b] : m_points)
        data.append({a, b});
    dots->data()->set(data, false);
    drawAxis(theme, x, y, 1, m_radians);
    drawAxis(theme, x, y, 2, m_radians + std::numbers::pi / 2);
    keepSquare();
}

void PlanePlot::drawAxis(const PlotTheme& theme, QCPAxis& x, QCPAxis& y, int number, double radians)
{
    const double length = 0.93 * m_reach;
    const QPointF end(length * std::cos(radians), length * std::sin(radians));
    auto* line = new QCPItemLine(&canvas());
    QPen pen(theme.series[std::size_t(number)], 2.5);
    pen.setStyle(number == 1 ? Qt::SolidLine : Qt::DashLine);
    line->setPen(pen);
    line->setHead(QCPLineEnding(QCPLineEnding::esSpikeArrow, 10, 12));
    line->setClipAxisRect(x.axisRect());
    line->start->setAxes(&x, &y);
    line->end->setAxes(&x, &y);
    line->start->setCoords(-end.x(), -end.y());
    line->end->setCoords(end.x(), end.y());
    auto* label = new QCPItemText(&canvas());
    label->setText(tr("axis %1").arg(number));
    QFont font = theme.font;
    font.setBold(true);
    label->setFont(font);
    label->setColor(theme.text);
    label->setBrush(theme.background);
    label->setPadding({3, 1, 3, 1});
    label->setClipAxisRect(x.axisRect());
    label->position->setAxes(&x, &y);
    label->position->setCoords(0.78 * end.x(), 0.78 * end.y());
}

void PlanePlot::drawEnergies(const PlotTheme& theme)
{
    QCPAxisRect& rect = addPanel(canvas(), theme, 0, 1, tr("energy in each axis"));
    QCPAxis& x = *rect.axis(QCPAxis::atBottom);
    QCPAxis& y = *rect.axis(QCPAxis::atLeft);
    auto ticker = QSharedPointer<QCPAxisTickerText>(new QCPAxisTickerText);
    ticker->addTick(1, tr("axis 1"));
    ticker->addTick(2, tr("axis 2"));
    x.setTicker(ticker);
    x.grid()->setVisible(false);
    x.setRange(0.3, 2.7);
    y.setLabel(tr("Mean square"));
    const double whole = m_moment.first + m_moment.second;
    y.setRange(0, whole > 0 ? 1.15 * whole : 1);
    for (const int number : {1, 2}) {
        const double energy = m_moment.along(m_radians + (number - 1) * std::numbers::pi / 2);
        auto* bar = new QCPBars(&x, &y);
        bar->setWidth(0.6);
        bar->setPen(QPen(theme.series[std::size_t(number)], 1.5, number == 1 ? Qt::SolidLine : Qt::DashLine));
        QColor fill = theme.series[std::size_t(number)];
        fill.setAlphaF(number == 1 ? 1.f : 0.35f);
        bar->setBrush(fill);
        bar->addData(number, energy);
        auto* label = new QCPItemText(&canvas());
        label->setText(text::percent(whole > 0 ? energy / whole : 0));
        QFont font = theme.font;
        font.setBold(true);
        label->setFont(font);
        label->setColor(theme.text);
        label->setPositionAlignment(Qt::AlignHCenter | Qt::AlignBottom);
        label->position->setAxes(&x, &y);
        label->setClipToAxisRect(false);
        label->position->setCoords(number, energy);
    }
    auto* sum = canvas().addGraph(&x, &y);
    sum->setPen(QPen(theme.text, 1.5, Qt::DotLine));
    sum->addData(0.3, whole);
    sum->addData(2.7, whole);
    auto* label = new QCPItemText(&canvas());
    label->setText(tr("sum"));
    label->setFont(theme.scaledFont(0.9));
    label->setColor(theme.text);
    label->setPositionAlignment(Qt::AlignRight | Qt::AlignBottom);
    label->position->setAxes(&x, &y);
    label->position->setCoords(2.7, whole);
}

void PlanePlot::keepSquare()
{
    if (!m_plane || m_plane->width() <= 0 || m_plane->height() <= 0)
        return;
    // A turn is only a turn where both channels are drawn to one scale.
    const double wide = double(m_plane->width()) / m_plane->height();
    m_plane->axis(QCPAxis::atBottom)->setRange(-m_reach * std::max(wide, 1.0), m_reach * std::max(wide, 1.0));
    m_plane->axis(QCPAxis::atLeft)
        ->setRange(-m_reach * std::max(1 / wide, 1.0), m_reach * std::max(1 / wide, 1.0));
    m_plane->update(QCPLayoutElement::upPreparation); // ticks for the new ranges
}

TableData PlanePlot::table() const
{
    TableData data;
    data.headings = {m_firstName, m_secondName, tr("axis_1"), tr("axis_2")};
    const double c = std::cos(m_radians), s = std::sin(m_radians);
    for (const auto& [a, b] : m_points)
        data.rows.push_back({a, b, c * a + s * b, c * b - s * a});
    return data;
}

} // namespace eigenquant
