// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/table_dialog.h"

#include "ui/models/tsv.h"

#include <QDialog>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>

namespace eigenquant {

void setUpTable(QTableView& view, QAbstractItemModel& model)
{
    auto* proxy = new QSortFilterProxyModel(&view);
    proxy->setSortRole(kRawValueRole);
    proxy->setSourceModel(&model);
    view.setModel(proxy);
    view.setSortingEnabled(true);
    view.sortByColumn(-1, Qt::AscendingOrder);
    view.setSelectionBehavior(QAbstractItemView::SelectRows);
    view.setAlternatingRowColors(true);
    view.setShowGrid(false);
    view.setWordWrap(false);
    view.setFrameShape(QFrame::NoFrame);
    view.verticalHeader()->setVisible(false);
    view.verticalHeader()->setMinimumSectionSize(view.fontMetrics().height());
    view.verticalHeader()->setDefaultSectionSize(view.fontMetrics().height() + 8);
    view.horizontalHeader()->setHighlightSections(false);
    // Columns that fit their contents look at the visible rows only: all of them would cost too much.
    view.horizontalHeader()->setResizeContentsPrecision(0);
    view.horizontalHeader()->setMinimumSectionSize(48);
    QFont bold = view.font();
    bold.setBold(true);
    view.horizontalHeader()->setFont(bold);
    enableTsvCopy(view);
}

void showTableDialog(QWidget* parent, const QString& title, TableData data)
{
    auto* dialog = new QDialog(parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(title);
    dialog->resize(640, 520);
    auto* layout = new QVBoxLayout(dialog);
    auto* view = new QTableView(dialog);
    view->setAccessibleName(title);
    setUpTable(*view, *new DataTable(std::move(data), dialog));
    view->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    layout->addWidget(view);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    layout->addWidget(buttons);
    dialog->show();
}

} // namespace eigenquant
