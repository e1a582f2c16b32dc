// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/budgets_page.h"

#include "ui/models/budget_delegate.h"
#include "ui/models/site_plan_table.h"
#include "ui/text/format.h"
#include "ui/widgets/card.h"
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
    auto* editorCard = new Card(tr("Plan from settings"));
    m_editor = new PlanEditor;
    editorCard->body()->addWidget(m_editor);
    layout->addWidget(editorCard);
    layout->addWidget(buildTable(), 1);
    setContent(content);
    connect(m_editor, &PlanEditor::applyRequested, this, &BudgetsPage::apply);
    connect(&workspace(), &Workspace::statisticsChanged, this, &BudgetsPage::showStatistics);
    connect(&workspace().plan(), &PlanDocument::totalsChanged, this, &BudgetsPage::showTotals);
    connect(&workspace().selection(), &Selection::siteChanged, this, &BudgetsPage::followSelection);
    showStatistics();
    showTotals();
}

QWidget* BudgetsPage::buildTable()
{
    auto* card = new Card;
    auto* bar = new QHBoxLayout;
    card->body()->addLayout(bar);
    m_totals = new QLabel;
    m_totals->setTextInteractionFlags(Qt::TextSelectableByMouse);
    bar->addWidget(m_totals, 1);
    for (QAction* action : {actions().undo, actions().redo, actions().loadPlan, actions().savePlan}) {
        auto* button = new QToolButton;
        button->setDefaultAction(action);
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
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
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    for (const int column : {SitePlanTable::SiteColumn, SitePlanTable::BasisColumn})
        m_table->horizontalHeader()->setSectionResizeMode(column, QHeaderView::ResizeToContents);
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
        plan.applyOptions(m_editor->options(), rows);
    } catch (const Error& error) {
        emit plan.refused(QString::fromUtf8(error.what()));
    }
}

void BudgetsPage::showStatistics()
{
    if (!workspace().statistics())
        return;
    m_editor->setGroupSizes(workspace().statistics()->groupSizes);
    m_editor->setOptions(workspace().plan().plan().options);
}

void BudgetsPage::showTotals()
{
    const PlanDocument& plan = workspace().plan();
    if (plan.isEmpty())
        return;
    const PlanTotals& totals = plan.totals();
    m_totals->setText(tr("<b>%1</b> effective bits, of which %2 for rotations · <b>%3</b> · predicted error <b>%4</b>")
                          .arg(text::fixed(totals.effectiveBits, 3), text::fixed(totals.rotationBits, 3),
                               text::bytes(totals.bytes), text::number(totals.predictedError)));
}

void BudgetsPage::followTable()
{
    const std::vector<int> rows = selectedRows();
    m_editor->setSelectedRows(int(rows.size()));
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
