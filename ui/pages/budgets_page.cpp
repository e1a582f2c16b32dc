// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/budgets_page.h"

#include "ui/models/budget_delegate.h"
#include "ui/models/site_plan_table.h"
#include "ui/text/format.h"
#include "ui/widgets/card.h"
#include "ui/widgets/fitted_columns.h"
#include "ui/widgets/plan_editor.h"
#include "ui/widgets/table_dialog.h"

#include <QAction>
#include <QHeaderView>
#include <QLabel>
#include <QSignalBlocker>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace eigenquant {

BudgetsPage::BudgetsPage(PageContext context) : Page(context)
{
    auto* content = new QWidget(this);
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(12);
    auto* editorCard = new Card;
    m_editor = new PlanEditor;
    editorCard->body()->addWidget(m_editor);
    layout->addWidget(editorCard);
    layout->addWidget(buildTable(), 1);
    setContent(content);
    connect(m_editor, &PlanEditor::applyRequested, this, &BudgetsPage::apply);
    connect(&workspace(), &Workspace::statisticsChanged, this, &BudgetsPage::showStatistics);
    connect(&workspace().plan(), &PlanDocument::planReplaced, this, &BudgetsPage::showStatistics);
    connect(&workspace().plan(), &PlanDocument::totalsChanged, this, &BudgetsPage::showTotals);
    connect(&workspace().selection(), &Selection::siteChanged, this, &BudgetsPage::followSelection);
    showStatistics();
    showTotals();
    followTable();
}

QWidget* BudgetsPage::buildTable()
{
    auto* card = new Card;
    auto* bar = new QHBoxLayout;
    card->body()->addLayout(bar);
    m_totals = new QLabel;
    m_totals->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_totals->setWordWrap(true);
    bar->addWidget(m_totals, 1);
    m_lock = new QToolButton;
    m_lock->setText(tr("Lock"));
    m_lock->setToolTip(tr("Lock or unlock the selected rows; locked ones keep their settings when bits are spread"));
    m_lock->setAutoRaise(true);
    bar->addWidget(m_lock);
    connect(m_lock, &QToolButton::clicked, this, &BudgetsPage::toggleLocks);
    for (QAction* action : {actions().undo, actions().redo, actions().loadPlan, actions().savePlan}) {
        auto* button = new QToolButton;
        button->setDefaultAction(action);
        // What would be undone is in the tool tip: in the button it would push the totals away.
        const bool isStep = action == actions().undo || action == actions().redo;
        button->setToolButtonStyle(isStep ? Qt::ToolButtonIconOnly : Qt::ToolButtonTextBesideIcon);
        button->setAutoRaise(true);
        bar->addWidget(button);
    }
    m_sites = new SitePlanTable(workspace().plan(), this);
    m_table = new QTableView;
    m_table->setAccessibleName(tr("Budgets of all sites"));
    setUpTable(*m_table, *m_sites);
    m_table->setItemDelegate(new BudgetDelegate(m_table));
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed |
                             QAbstractItemView::AnyKeyPressed);
    m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() + 11);
    new FittedColumns(*m_table, SitePlanTable::samples());
    card->body()->addWidget(m_table, 1);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &BudgetsPage::followTable);
    return card;
}

std::vector<int> BudgetsPage::selectedRows() const
{
    const auto* proxy = static_cast<const QSortFilterProxyModel*>(m_table->model());
    std::vector<int> rows;
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows())
        rows.push_back(proxy->mapToSource(index).row());
    std::sort(rows.begin(), rows.end());
    return rows;
}

void BudgetsPage::apply(bool selectedRowsOnly)
{
    PlanDocument& plan = workspace().plan();
    const std::vector<int> rows = selectedRowsOnly ? selectedRows() : std::vector<int>{};
    if (selectedRowsOnly && rows.empty())
        return;
    try {
        tasks().replan(m_editor->options(), rows);
    } catch (const Error& error) {
        emit plan.refused(QString::fromUtf8(error.what()));
    }
}

void BudgetsPage::toggleLocks()
{
    PlanDocument& plan = workspace().plan();
    const std::vector<int> rows = selectedRows();
    plan.setLocked(rows, !std::ranges::all_of(rows, [&](int row) { return plan.summary(row).locked; }));
}

void BudgetsPage::showStatistics()
{
    if (!workspace().statistics())
        return;
    m_editor->setStatistics(*workspace().statistics());
    m_editor->setOptions(workspace().plan().plan().options);
}

void BudgetsPage::showTotals()
{
    const PlanDocument& plan = workspace().plan();
    if (plan.isEmpty())
        return;
    const PlanTotals& totals = plan.totals();
    QString line = tr("<b>%1</b> effective bits, of which %2 for rotations · <b>%3</b> · predicted error <b>%4</b>")
                       .arg(text::fixed(totals.effectiveBits, 3), text::fixed(totals.rotationBits, 3),
                            text::bytes(totals.bytes), text::number(totals.predictedError));
    if (plan.knowsDivergence())
        line += tr(" · predicted KL <b>%1</b> nats").arg(text::number(totals.predictedKl));
    m_totals->setText(line);
}

void BudgetsPage::followTable()
{
    const std::vector<int> rows = selectedRows();
    m_editor->setSelectedRows(int(rows.size()));
    m_lock->setEnabled(!rows.empty());
    if (rows.size() == 1)
        workspace().selection().setSite(workspace().plan().summary(rows.front()).id);
}

void BudgetsPage::followSelection(SiteId site)
{
    const int row = workspace().plan().rowOf(site);
    if (row < 0 || selectedRows() == std::vector<int>{row})
        return;
    const auto* proxy = static_cast<const QSortFilterProxyModel*>(m_table->model());
    m_table->selectRow(proxy->mapFromSource(m_sites->index(row, 0)).row());
}

} // namespace eigenquant
