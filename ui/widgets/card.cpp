// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/card.h"

#include <QFormLayout>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

namespace eigenquant {

Card::Card(const QString& heading, QWidget* parent) : QFrame(parent)
{
    m_body = new QVBoxLayout(this);
    m_body->setContentsMargins(16, 12, 16, 14);
    m_body->setSpacing(8);
    if (heading.isEmpty())
        return;
    auto* label = new QLabel(heading, this);
    QFont font = label->font();
    font.setBold(true);
    font.setPointSizeF(font.pointSizeF() * 1.05);
    label->setFont(font);
    m_body->addWidget(label);
}

QFormLayout* Card::addForm()
{
    auto* form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    form->setLabelAlignment(Qt::AlignLeft);
    m_body->addLayout(form);
    return form;
}

void Card::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor edge = palette().color(QPalette::Text);
    edge.setAlphaF(0.16f);
    painter.setPen(edge);
    painter.setBrush(palette().color(QPalette::Base));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8);
}

FactTile::FactTile(const QString& caption, QWidget* parent) : QWidget(parent)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 12, 0);
    layout->setSpacing(1);
    auto* label = new QLabel(caption, this);
    label->setForegroundRole(QPalette::PlaceholderText);
    m_value = new QLabel(QStringLiteral("–"), this);
    m_value->setAccessibleName(caption);
    m_value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    QFont font = m_value->font();
    font.setPointSizeF(font.pointSizeF() * 1.25);
    font.setBold(true);
    m_value->setFont(font);
    layout->addWidget(label);
    layout->addWidget(m_value);
}

void FactTile::setValue(const QString& value)
{
    m_text = value;
    showValue();
}

QString FactTile::value() const
{
    return m_text;
}

void FactTile::setLeastWidth(int pixels)
{
    m_elides = true;
    m_value->setMinimumWidth(pixels);
    m_value->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
}

void FactTile::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    showValue();
}

void FactTile::showValue()
{
    m_value->setText(m_elides ? m_value->fontMetrics().elidedText(m_text, Qt::ElideRight, m_value->width()) : m_text);
}

} // namespace eigenquant
