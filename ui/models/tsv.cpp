// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/tsv.h"

#include "ui/models/cell_table.h"

#include <QAbstractItemView>
#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QStringList>

#include <algorithm>
#include <set>

namespace eigenquant {

QString selectionAsTsv(const QAbstractItemView& view)
{
    const QAbstractItemModel* model = view.model();
    if (!model)
        return {};
    std::set<int> rows;
    std::set<int> columns;
    for (const QModelIndex& index : view.selectionModel()->selectedIndexes()) {
        rows.insert(index.row());
        columns.insert(index.column());
    }
    if (rows.empty()) {
        for (int row = 0; row < model->rowCount(); ++row)
            rows.insert(row);
        for (int column = 0; column < model->columnCount(); ++column)
            columns.insert(column);
    }
    const auto field = [](QString value) {
        return value.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
    };
    QStringList headings;
    for (const int column : columns)
        headings << field(model->headerData(column, Qt::Horizontal).toString());
    QString text = headings.join(QLatin1Char('\t')) + QLatin1Char('\n');
    for (const int row : rows) {
        QStringList fields;
        for (const int column : columns) {
            const QModelIndex index = model->index(row, column);
            const QVariant copied = index.data(kCopyRole);
            fields << field((copied.isValid() ? copied : index.data()).toString());
        }
        text += fields.join(QLatin1Char('\t')) + QLatin1Char('\n');
    }
    return text;
}

void enableTsvCopy(QAbstractItemView& view)
{
    auto* copy = new QAction(QAction::tr("&Copy as table"), &view);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    copy->setToolTip(QAction::tr("Copy the selected cells as tab-separated text"));
    QObject::connect(copy, &QAction::triggered, &view,
                     [&view] { QGuiApplication::clipboard()->setText(selectionAsTsv(view)); });
    view.addAction(copy);
    view.setContextMenuPolicy(Qt::ActionsContextMenu);
}

} // namespace eigenquant
