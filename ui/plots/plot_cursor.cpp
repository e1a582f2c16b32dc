// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_cursor.h"

#include <qcustomplot.h>

namespace eigenquant {

namespace {

const QString kOverlay = QStringLiteral("overlay");
constexpr double kTurn = 0.5; // behind this share of the panel the words stand on the other side of the line

/// Where a coordinate lies between the ends of an axis, 0..1.
double share(const QCPAxis& axis, double coordinate)
{
    const double first = axis.coordToPixel(axis.range().lower);
    const double last = axis.coordToPixel(axis.range().upper);
    return first == last ? 0 : (axis.coordToPixel(coordinate) - first) / (last - first);
}

} // namespace

PlotCursor::PlotCursor(QCPAxisRect& rect, const PlotTheme& theme, Direction direction)
    : m_rect(&rect), m_direction(direction), m_line(new QCPItemStraightLine(rect.parentPlot())),
      m_words(new QCPItemText(rect.parentPlot()))
{
    QPen pen(theme.text, 1, Qt::DotLine);
    m_line->setPen(pen);
    m_line->setClipAxisRect(m_rect);
    const bool upright = direction == Direction::Upright;
    for (QCPItemPosition* point : {m_line->point1, m_line->point2, m_words->position}) {
        point->setAxisRect(m_rect);
        point->setAxes(m_rect->axis(QCPAxis::atBottom), m_rect->axis(QCPAxis::atLeft));
        if (upright)
            point->setTypeY(QCPItemPosition::ptAxisRectRatio);
        else
            point->setTypeX(QCPItemPosition::ptAxisRectRatio);
    }
    QColor glass = theme.background;
    glass.setAlphaF(0.88f);
    m_words->setBrush(glass);
    m_words->setColor(theme.text);
    m_words->setPadding({6, 3, 6, 3});
    m_words->setTextAlignment(Qt::AlignLeft);
    m_words->setClipToAxisRect(false);
    m_line->setLayer(kOverlay);
    m_words->setLayer(kOverlay);
    hide();
}

void PlotCursor::show(double at, const QString& words)
{
    if (m_direction == Direction::Upright) {
        m_line->point1->setCoords(at, 0);
        m_line->point2->setCoords(at, 1);
        const bool far = share(*m_rect->axis(QCPAxis::atBottom), at) > kTurn;
        m_words->setPositionAlignment((far ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignTop);
        m_words->position->setCoords(at, 0.02);
    } else {
        m_line->point1->setCoords(0, at);
        m_line->point2->setCoords(1, at);
        const bool high = share(*m_rect->axis(QCPAxis::atLeft), at) > kTurn;
        m_words->setPositionAlignment((high ? Qt::AlignTop : Qt::AlignBottom) | Qt::AlignRight);
        m_words->position->setCoords(0.99, at);
    }
    m_words->setText(words);
    m_line->setVisible(true);
    m_words->setVisible(!words.isEmpty());
}

void PlotCursor::hide()
{
    m_line->setVisible(false);
    m_words->setVisible(false);
}

} // namespace eigenquant
