// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/budget_delegate.h"

#include "ui/models/site_plan_table.h"
#include "ui/state/plan_choices.h"
#include "ui/widgets/labelled_fields.h"

#include <QAbstractItemView>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QPainter>
#include <QSortFilterProxyModel>

#include <algorithm>

namespace eigenquant {

void BudgetDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    QStyledItemDelegate::paint(painter, option, index);
    const QVariant bar = index.data(kBarRole);
    if (!bar.isValid())
        return;
    const double share = std::clamp(bar.toDouble(), 0.0, 1.0);
    const QRect cell = option.rect.adjusted(4, 0, -4, -2);
    QColor color = option.palette.color(option.state & QStyle::State_Selected ? QPalette::HighlightedText
                                                                              : QPalette::Highlight);
    color.setAlphaF(0.75f);
    painter->fillRect(QRect(cell.left(), cell.bottom() - 2, int(cell.width() * share), 3), color);
}

QWidget* BudgetDelegate::createEditor(QWidget* parent, const QStyleOptionViewItem& option,
                                      const QModelIndex& index) const
{
    if (index.column() == SitePlanTable::SalientColumn) {
        // A text field rather than a spin box: K may be typed as a fraction.
        auto* edit = new QLineEdit(parent);
        edit->setAlignment(Qt::AlignRight);
        edit->setFrame(false);
        return edit;
    }
    if (index.column() == SitePlanTable::GroupColumn) {
        auto* box = new QComboBox(parent);
        for (const QVariant& size : index.data(SitePlanTable::kGroupSizesRole).toList())
            box->addItem(size.toInt() == 0 ? tr("whole row") : size.toString(), size);
        box->setFrame(false);
        return box;
    }
    if (index.column() == SitePlanTable::BitsColumn) {
        const BitsRange range = bitsRange(Method(index.data(SitePlanTable::kMethodRole).toInt()));
        auto* spin = new QDoubleSpinBox(parent);
        spin->setLocale(QLocale::c());
        spin->setDecimals(range.decimals);
        spin->setRange(range.least, range.most);
        spin->setSingleStep(range.step);
        spin->setFrame(false);
        return spin;
    }
    return QStyledItemDelegate::createEditor(parent, option, index);
}

void BudgetDelegate::setEditorData(QWidget* editor, const QModelIndex& index) const
{
    if (auto* edit = qobject_cast<QLineEdit*>(editor))
        edit->setText(index.data(Qt::EditRole).toString());
    else if (auto* box = qobject_cast<QComboBox*>(editor))
        choose(*box, index.data(Qt::EditRole).toInt());
    else
        QStyledItemDelegate::setEditorData(editor, index);
}

void BudgetDelegate::setModelData(QWidget* editor, QAbstractItemModel* model, const QModelIndex& index) const
{
    QString text;
    if (auto* edit = qobject_cast<QLineEdit*>(editor))
        text = edit->text();
    else if (auto* box = qobject_cast<QComboBox*>(editor))
        text = box->currentData().toString();
    else if (auto* spin = qobject_cast<QDoubleSpinBox*>(editor)) {
        spin->interpretText();
        text = QString::number(spin->value(), 'g', 6);
    }
    if (text == index.data(Qt::EditRole).toString())
        return;
    // One of several selected rows was edited: all of them are meant.
    const auto* view = qobject_cast<const QAbstractItemView*>(parent());
    const auto* proxy = qobject_cast<const QSortFilterProxyModel*>(model);
    auto* table = proxy ? qobject_cast<SitePlanTable*>(proxy->sourceModel()) : nullptr;
    if (!view || !table || !view->selectionModel()->isRowSelected(index.row())) {
        model->setData(index, text, Qt::EditRole);
        return;
    }
    std::vector<int> rows;
    for (const QModelIndex& selected : view->selectionModel()->selectedRows())
        if (const int row = proxy->mapToSource(selected).row(); table->isEditable(row, index.column()))
            rows.push_back(row);
    std::sort(rows.begin(), rows.end());
    table->setValues(rows, index.column(), text);
}

} // namespace eigenquant
