// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QHBoxLayout>

#include <initializer_list>

class QCheckBox;
class QDoubleSpinBox;
class QLabel;
class QSpinBox;

namespace eigenquant {

/// A combo box of enumerators with their titles; the data of an item is the enumerator as int.
template <typename Enum>
QComboBox* makeChoice(const QString& toolTip, std::initializer_list<Enum> values, QString (*title)(Enum))
{
    auto* box = new QComboBox;
    box->setToolTip(toolTip);
    for (const Enum value : values)
        box->addItem(title(value), int(value));
    return box;
}

/// Selects the item with this data, if there is one.
void choose(QComboBox& box, int value);

/// A number field in the C locale, as the studio writes all numbers.
QDoubleSpinBox* makeNumber(const QString& toolTip, double least, double most, int decimals, double step);
/// A field for how many tokens or windows of a text are taken.
QSpinBox* makeCount(const QString& name, const QString& toolTip, int least, int value);
QCheckBox* makeCheck(const QString& title, const QString& toolTip);
/// For what is said beside the fields: wrapped, and paler than what they hold.
QLabel* makeQuietLabel();

/// A row of fields, each below its caption, the first to the left.
class FieldRow : public QHBoxLayout {
public:
    FieldRow();
    /// The caption is the field's accessible name too.
    void addField(const QString& caption, QWidget* field);
    /// A field that has its own caption, such as a check box: at the height of the other fields.
    void addBare(QWidget* field);
    /// Below `caption`, which has a caption of its own, such as a check box that turns the field on.
    void addField(QWidget* caption, QWidget* field);
};

} // namespace eigenquant
