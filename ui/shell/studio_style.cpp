// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/studio_style.h"

#include <QHeaderView>
#include <QPainter>
#include <QStyleFactory>
#include <QStyleOption>
#include <QTableView>

namespace eigenquant {

namespace {

constexpr int kCellMargin = 8;

bool isDark(const QPalette& palette)
{
    return palette.color(QPalette::Base).lightness() < palette.color(QPalette::Text).lightness();
}

void strokeOutline(QPainter* painter, const QStyleOption* option)
{
    if (!isDark(option->palette) || (option->state & QStyle::State_HasFocus))
        return;
    QColor color =
        option->palette.color(QPalette::Active, QPalette::Text); // the disabled one would be faint twice over
    color.setAlphaF(option->state & QStyle::State_Enabled ? 0.4f : 0.25f);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(color);
    painter->setBrush(Qt::NoBrush);
    painter->drawRoundedRect(QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
    painter->restore();
}

/// The box of a cell stands on the row's colour, which a selection makes as strong as the box itself.
void strokeCellBox(QPainter* painter, const QStyleOption* option)
{
    const bool isSelected = option->state & QStyle::State_Selected;
    QColor color = option->palette.color(isSelected ? QPalette::HighlightedText : QPalette::Text);
    color.setAlphaF(isSelected ? 1.0f : 0.6f);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(color, isSelected ? 1.5 : 1));
    painter->setBrush(Qt::NoBrush);
    painter->drawRoundedRect(QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
    painter->restore();
}

} // namespace

StudioStyle::StudioStyle() : QProxyStyle(QStyleFactory::create(QStringLiteral("fusion"))) {}

int StudioStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const
{
    if (metric == PM_HeaderMargin)
        return kCellMargin;
    if (metric == PM_FocusFrameHMargin && qobject_cast<const QTableView*>(widget))
        return kCellMargin;
    return QProxyStyle::pixelMetric(metric, option, widget);
}

void StudioStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                                const QWidget* widget) const
{
    QProxyStyle::drawPrimitive(element, option, painter, widget);
    if (element == PE_IndicatorCheckBox || element == PE_FrameLineEdit)
        strokeOutline(painter, option);
    if (element == PE_IndicatorItemViewItemCheck)
        strokeCellBox(painter, option);
}

void StudioStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                              const QWidget* widget) const
{
    if (element != CE_HeaderSection && element != CE_HeaderEmptyArea) {
        QProxyStyle::drawControl(element, option, painter, widget);
        return;
    }
    painter->fillRect(option->rect, option->palette.color(QPalette::Base));
    QColor line = option->palette.color(QPalette::Text);
    line.setAlphaF(0.3f);
    painter->fillRect(QRect(option->rect.left(), option->rect.bottom(), option->rect.width(), 1), line);
}

void StudioStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                                     const QWidget* widget) const
{
    QProxyStyle::drawComplexControl(control, option, painter, widget);
    if (control == CC_SpinBox)
        strokeOutline(painter, option);
}

} // namespace eigenquant
