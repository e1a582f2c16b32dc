// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/budgets_page.h"

#include "ui/pages/budget_list.h"
#include "ui/pages/effect_panel.h"
#include "ui/widgets/plan_editor.h"

#include <QVBoxLayout>

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
    m_list = new BudgetList(context);
    layout->addWidget(editorCard);
    layout->addWidget(m_list, 1);
    layout->addWidget(new EffectPanel(workspace(), tasks()));
    setContent(content);
    connect(m_editor, &PlanEditor::applyRequested, this, &BudgetsPage::apply);
    connect(m_list, &BudgetList::selectionChanged, this,
            [this] { m_editor->setSelectedRows(int(m_list->selectedSites().size())); });
    connect(&workspace(), &Workspace::statisticsChanged, this, &BudgetsPage::showStatistics);
    connect(&workspace().plan(), &PlanDocument::planReplaced, this, &BudgetsPage::showStatistics);
    m_editor->setSelectedRows(0);
    showStatistics();
}

void BudgetsPage::apply(bool selectedRowsOnly)
{
    const std::vector<int> rows = selectedRowsOnly ? m_list->selectedSites() : std::vector<int>{};
    if (selectedRowsOnly && rows.empty())
        return;
    try {
        tasks().replan(m_editor->options(), rows);
    } catch (const Error& error) {
        emit workspace().plan().refused(QString::fromUtf8(error.what()));
    }
}

void BudgetsPage::showStatistics()
{
    if (!workspace().statistics())
        return;
    m_editor->setStatistics(*workspace().statistics());
    m_editor->setOptions(workspace().plan().plan().options);
}

} // namespace eigenquant
