// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/labelled_fields.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLocale>
#include <QSpinBox>
#include <QVBoxLayout>

namespace eigenquant {

namespace {

constexpr int kMaxCount = 1 << 20;

} // namespace

void choose(QComboBox& box, int value)
{
    if (const int at = box.findData(value); at >= 0)
        box.setCurrentIndex(at);
}

QDoubleSpinBox* makeNumber(const QString& toolTip, double least, double most, int decimals, double step)
{
    auto* box = new QDoubleSpinBox;
    box->setLocale(QLocale::c());
    box->setToolTip(toolTip);
    box->setDecimals(decimals);
    box->setRange(least, most);
    box->setSingleStep(step);
    return box;
}

QSpinBox* makeCount(const QString& name, const QString& toolTip, int least, int value)
{
    auto* box = new QSpinBox;
    box->setRange(least, kMaxCount);
    box->setValue(value);
    box->setAccessibleName(name);
    box->setToolTip(toolTip);
    return box;
}

QCheckBox* makeCheck(const QString& title, const QString& toolTip)
{
    auto* box = new QCheckBox(title);
    box->setToolTip(toolTip);
    return box;
}

QLabel* makeQuietLabel()
{
    auto* label = new QLabel;
    label->setWordWrap(true);
    label->setForegroundRole(QPalette::PlaceholderText);
    return label;
}

FieldRow::FieldRow()
{
    setContentsMargins(0, 0, 0, 0);
    setSpacing(12);
}

void FieldRow::addField(const QString& caption, QWidget* field)
{
    auto* label = new QLabel(caption);
    label->setBuddy(field);
    label->setForegroundRole(QPalette::PlaceholderText);
    field->setAccessibleName(caption);
    addField(label, field);
}

void FieldRow::addField(QWidget* caption, QWidget* field)
{
    auto* column = new QVBoxLayout;
    column->setSpacing(3);
    caption->setFixedHeight(caption->fontMetrics().height() + 3); // a check box is higher than a label
    column->addWidget(caption);
    column->addWidget(field);
    addLayout(column);
}

void FieldRow::addBare(QWidget* field)
{
    addWidget(field, 0, Qt::AlignBottom);
}

} // namespace eigenquant
