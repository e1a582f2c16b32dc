// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/budget_list.h"

#include "ui/models/budget_delegate.h"
#include "ui/models/budget_paste.h"
#include "ui/state/bit_parts.h"
#include "ui/state/plan_choices.h"
#include "ui/state/plan_commands.h"
#include "ui/text/format.h"
#include "ui/widgets/fitted_columns.h"
#include "ui/widgets/labelled_fields.h"
#include "ui/widgets/plan_difference_dialog.h"
#include "ui/widgets/table_dialog.h"
#include "ui/widgets/target_slider.h"

#include <QAction>
#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QRegularExpression>
#include <QSignalBlocker>
#include <QSortFilterProxyModel>
#include <QToolButton>

#include <algorithm>
#include <set>

namespace eigenquant {

void BudgetView::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Paste))
        emit pasteRequested();
    else
        QTableView::keyPressEvent(event);
}

BudgetList::BudgetList(PageContext context, QWidget* parent)
    : Card({}, parent), m_context(context), m_plan(context.workspace.plan())
{
    body()->addLayout(buildTotals());
    body()->addLayout(buildTools());
    buildTable();
    Workspace& workspace = m_context.workspace;
    connect(&workspace, &Workspace::statisticsChanged, this, &BudgetList::showStatistics);
    connect(&workspace, &Workspace::resultsChanged, this, &BudgetList::showSensitivity);
    connect(&m_plan, &PlanDocument::totalsChanged, this, &BudgetList::showTotals);
    connect(&workspace.selection(), &Selection::siteChanged, this, &BudgetList::followSelection);
    connect(&m_context.tasks, &StudioTasks::planRead, this, &BudgetList::showDifference);
    showStatistics();
    showTotals();
    followTable();
}

QLayout* BudgetList::buildTotals()
{
    auto* bar = new QHBoxLayout;
    m_totals = new QLabel;
    m_totals->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_totals->setWordWrap(true);
    m_totals->setAccessibleName(tr("Totals of the plan"));
    bar->addWidget(m_totals, 1);
    m_lock = new QToolButton;
    m_lock->setText(tr("Lock"));
    m_lock->setToolTip(
        tr("Lock or unlock the selected rows; locked ones keep their settings when bits are spread"));
    m_lock->setAutoRaise(true);
    bar->addWidget(m_lock);
    connect(m_lock, &QToolButton::clicked, this, &BudgetList::toggleLocks);
    StudioActions& actions = m_context.actions;
    for (QAction* action : {actions.undo, actions.redo, actions.loadPlan, actions.savePlan}) {
        auto* button = new QToolButton;
        button->setDefaultAction(action);
        // What would be undone is in the tool tip: in the button it would push the totals away.
        const bool isStep = action == actions.undo || action == actions.redo;
        button->setToolButtonStyle(isStep ? Qt::ToolButtonIconOnly : Qt::ToolButtonTextBesideIcon);
        button->setAutoRaise(true);
        bar->addWidget(button);
    }
    return bar;
}

QLayout* BudgetList::buildTools()
{
    auto* bar = new QHBoxLayout;
    bar->setSpacing(10);
    m_rows = new QComboBox;
    m_rows->addItems({tr("Sites"), tr("Linears")});
    m_rows->setAccessibleName(tr("Rows of the table"));
    m_rows->setToolTip(tr("A row for each site, or for each linear"));
    connect(m_rows, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_table->setRows(index == 0 ? SitePlanTable::Rows::Sites : SitePlanTable::Rows::Linears);
        followTable();
    });
    m_pattern = new QLineEdit;
    m_pattern->setPlaceholderText(tr("Select rows, e.g. mlp_out|^0\\."));
    m_pattern->setAccessibleName(tr("Pattern that selects rows"));
    m_pattern->setToolTip(
        tr("A regular expression that is looked for in the names of sites and linears, such as 3.mlp_in "
           "and 3.gate; Enter selects the rows"));
    m_pattern->setClearButtonEnabled(true);
    m_matches = makeQuietLabel();
    m_matches->setWordWrap(false);
    connect(m_pattern, &QLineEdit::textChanged, this, &BudgetList::takePattern);
    connect(m_pattern, &QLineEdit::returnPressed, this, [this] {
        takePattern();
        m_view->setFocus();
    });
    m_target = new TargetSlider;
    BitSpreader& spreader = m_context.tasks.bitSpreader();
    connect(m_target, &TargetSlider::requested, &spreader, &BitSpreader::request);
    connect(m_target, &TargetSlider::finished, &spreader, &BitSpreader::finishDrag);
    connect(&spreader, &BitSpreader::rangeKnown, m_target, &TargetSlider::setRange);
    bar->addWidget(m_rows);
    bar->addWidget(m_pattern, 2);
    bar->addWidget(m_matches);
    bar->addWidget(m_target, 3);
    auto* compare = addMenuButton(tr("Compare"), tr("What differs from another plan"));
    buildCompareMenu(*compare->menu());
    auto* sensitivity = addMenuButton(tr("Measured"), tr("What each layer was measured to cost"));
    buildSensitivityMenu(*sensitivity->menu());
    bar->addWidget(compare);
    bar->addWidget(sensitivity);
    return bar;
}

QToolButton* BudgetList::addMenuButton(const QString& text, const QString& toolTip)
{
    auto* button = new QToolButton;
    button->setText(text);
    button->setToolTip(toolTip);
    button->setPopupMode(QToolButton::InstantPopup);
    button->setAutoRaise(true);
    button->setMenu(new QMenu(button));
    return button;
}

void BudgetList::buildCompareMenu(QMenu& menu)
{
    menu.addAction(tr("With the plan as &opened or saved"), this,
                   [this] { showDifference(m_plan.savedPlan(), tr("as opened or saved")); });
    menu.addAction(tr("With a plan &file…"), this, [this] {
        const QString path =
            QFileDialog::getOpenFileName(this, tr("Compare with a plan"), {}, tr("Plans (*.json);;All files (*)"));
        if (!path.isEmpty())
            m_context.tasks.readPlanFile(path);
    });
}

void BudgetList::buildSensitivityMenu(QMenu& menu)
{
    menu.addAction(tr("&Measure the quantized checkpoint"), &m_context.tasks, &StudioTasks::measureSensitivity);
    menu.addAction(tr("&Load a measurement…"), this, [this] {
        const QString path =
            QFileDialog::getOpenFileName(this, tr("Load what eigenquant sensitivity --json wrote"), {},
                                         tr("Measurements (*.json);;All files (*)"));
        if (!path.isEmpty())
            m_context.tasks.loadSensitivity(path);
    });
}

void BudgetList::buildTable()
{
    m_table = new SitePlanTable(m_plan, this);
    m_view = new BudgetView;
    m_view->setAccessibleName(tr("Budgets of all sites"));
    setUpTable(*m_view, *m_table);
    m_view->setItemDelegate(new BudgetDelegate(m_view));
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed |
                            QAbstractItemView::AnyKeyPressed);
    m_view->verticalHeader()->setDefaultSectionSize(m_view->fontMetrics().height() + 11);
    auto* paste = new QAction(tr("&Paste"), m_view);
    paste->setToolTip(tr("Take over K, bits, groups and locks from a spreadsheet"));
    m_view->addAction(paste);
    connect(paste, &QAction::triggered, this, &BudgetList::paste);
    connect(m_view, &BudgetView::pasteRequested, this, &BudgetList::paste);
    m_view->setColumnHidden(SitePlanTable::SensitivityColumn, true);
    m_columns = new FittedColumns(*m_view, SitePlanTable::samples());
    body()->addWidget(m_view, 1);
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, &BudgetList::followTable);
}

std::vector<int> BudgetList::selectedRows() const
{
    const auto* proxy = static_cast<const QSortFilterProxyModel*>(m_view->model());
    std::vector<int> rows;
    for (const QModelIndex& index : m_view->selectionModel()->selectedRows())
        rows.push_back(proxy->mapToSource(index).row());
    std::sort(rows.begin(), rows.end());
    return rows;
}

std::vector<int> BudgetList::selectedSites() const
{
    std::set<int> sites;
    for (const int row : selectedRows())
        sites.insert(m_plan.rowOf(m_table->siteOf(row)));
    return {sites.begin(), sites.end()};
}

int BudgetList::selectMatching(const QString& pattern)
{
    const QRegularExpression expression(pattern);
    if (!expression.isValid())
        return -1;
    const auto* proxy = static_cast<const QSortFilterProxyModel*>(m_view->model());
    QItemSelection selection;
    int count = 0;
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const QStringList names = m_table->namesOf(row);
        if (std::ranges::none_of(names, [&](const QString& name) { return expression.match(name).hasMatch(); }))
            continue;
        ++count;
        const QModelIndex index = proxy->mapFromSource(m_table->index(row, 0));
        selection.select(index, index);
    }
    m_view->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    if (count > 0)
        m_view->scrollTo(selection.indexes().front());
    return count;
}

void BudgetList::takePattern()
{
    const QString pattern = m_pattern->text();
    if (pattern.isEmpty()) {
        m_matches->clear();
        return;
    }
    const int count = selectMatching(pattern);
    m_matches->setText(count < 0 ? tr("not a pattern: %1").arg(QRegularExpression(pattern).errorString())
                                 : tr("rows found: %1").arg(count));
}

void BudgetList::paste()
{
    try {
        const auto changes = budgetFromTsv(QGuiApplication::clipboard()->text(), *m_table, *m_view);
        if (!changes.empty())
            m_plan.change(changes, kPasteEdit, tr("paste"));
    } catch (const Error& error) {
        emit m_plan.refused(tr("Nothing was pasted: %1").arg(QString::fromUtf8(error.what())));
    }
}

void BudgetList::toggleLocks()
{
    std::vector<int> linears;
    for (const int row : selectedRows())
        std::ranges::copy(m_table->linearsOf(row), std::back_inserter(linears));
    const bool areLocked = std::ranges::all_of(
        linears, [this](int position) { return m_plan.plan().linears[std::size_t(position)].locked; });
    m_plan.change({{.linears = linears, .locked = !areLocked}}, kLockEdit, areLocked ? tr("unlock") : tr("lock"));
}

void BudgetList::showStatistics()
{
    const bool canSpread = !m_plan.isEmpty() && m_plan.knowsDivergence();
    m_target->setAvailable(canSpread,
                           canSpread ? tr("Spreads so many effective bits over all linears that are not locked, "
                                          "for the least expected KL")
                                     : tr("These statistics hold no Fisher information at the linears' outputs, "
                                          "without which nothing says where bits matter"));
    showSensitivity();
}

void BudgetList::showSensitivity()
{
    const auto& sensitivity = m_context.workspace.results().sensitivity;
    if (!sensitivity && !m_table->hasSensitivity())
        return;
    m_table->setSensitivity(sensitivity);
    m_view->setColumnHidden(SitePlanTable::SensitivityColumn, !sensitivity);
    m_columns->fit();
}

void BudgetList::showTotals()
{
    if (m_plan.isEmpty())
        return;
    const PlanTotals& totals = m_plan.totals();
    const BitParts parts = bitPartsOf(m_plan.plan(), m_plan.statistics());
    QString line = tr("<b>%1</b> bits").arg(text::fixed(totals.effectiveBits, 3));
    line += QStringLiteral(" = ") +
            tr("%1 codes + %2 FP16").arg(text::fixed(parts.codes, 3), text::fixed(parts.salient, 3));
    if (parts.rotations > 0)
        line += QStringLiteral(" + ") +
                tr("%1 rotations (global ones cost none)").arg(text::fixed(parts.rotations, 3));
    line += tr(" · <b>%1</b> · error <b>%2</b>")
                .arg(text::bytes(totals.bytes), text::number(totals.predictedError));
    if (m_plan.knowsDivergence())
        line += tr(" · KL <b>%1</b> nats").arg(text::number(totals.predictedKl));
    m_totals->setToolTip(describe(parts));
    m_totals->setText(line);
    m_target->showBits(totals.effectiveBits);
}

void BudgetList::showDifference(const Plan& before, const QString& name)
{
    try {
        showPlanDifference(this, before, name, m_plan.plan(), tr("the budgets"));
    } catch (const Error& error) {
        emit m_plan.refused(QString::fromUtf8(error.what()));
    }
}

void BudgetList::followTable()
{
    const std::vector<int> rows = selectedRows();
    m_lock->setEnabled(!rows.empty());
    if (rows.size() == 1)
        m_context.workspace.selection().setSite(m_table->siteOf(rows.front()));
    emit selectionChanged();
}

void BudgetList::followSelection(SiteId site)
{
    const int row = m_plan.rowOf(site);
    if (row < 0 || selectedSites() == std::vector<int>{row})
        return;
    const int first = m_table->rowKind() == SitePlanTable::Rows::Sites ? row : m_plan.linearsOf({row}).front();
    const auto* proxy = static_cast<const QSortFilterProxyModel*>(m_view->model());
    m_view->selectRow(proxy->mapFromSource(m_table->index(first, 0)).row());
}

} // namespace eigenquant
