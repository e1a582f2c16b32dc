// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs_page.h"

#include "ui/models/runs_table.h"
#include "ui/plots/pareto_plot.h"
#include "ui/plots/run_latency_plot.h"
#include "ui/text/format.h"
#include "ui/widgets/card.h"
#include "ui/widgets/compare_dialog.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/fitted_columns.h"
#include "ui/widgets/labelled_fields.h"
#include "ui/widgets/table_dialog.h"

#include <QAction>
#include <QFileDialog>
#include <QLabel>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace eigenquant {

namespace {

Card* carded(QWidget* content)
{
    auto* card = new Card;
    card->body()->addWidget(content, 1);
    return card;
}

/// What the figures of a report rest on, in one line.
QString remarkOf(const RunReport& report)
{
    const Comparison& comparison = report.comparison;
    if (comparison.evaluation.name.empty())
        return RunsPage::tr("%1: rows so far: %2").arg(report.name).arg(comparison.rows.size());
    return RunsPage::tr("%1: %2, scored on %3 (%4 tokens, context %5) in %6 on %7")
        .arg(report.name, text::fromStd(comparison.model.name), text::fromStd(comparison.evaluation.name),
             text::grouped(comparison.evaluation.tokensUsed))
        .arg(comparison.evaluation.context)
        .arg(text::fromStd(comparison.dtype), text::fromStd(comparison.device));
}

} // namespace

RunsPage::RunsPage(PageContext context) : Page(context)
{
    auto* content = new QWidget(this);
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(12);
    m_pareto = new ParetoPlot;
    m_latency = new RunLatencyPlot;
    auto* plots = new QSplitter(Qt::Horizontal);
    plots->addWidget(carded(m_pareto));
    plots->addWidget(carded(m_latency));
    plots->setStretchFactor(0, 3);
    plots->setStretchFactor(1, 2);
    auto* halves = new QSplitter(Qt::Vertical);
    halves->addWidget(plots);
    halves->addWidget(buildTable());
    halves->setStretchFactor(0, 3);
    halves->setStretchFactor(1, 2);
    for (QSplitter* splitter : {plots, halves})
        splitter->setChildrenCollapsible(false);
    layout->addWidget(halves, 1);
    buildActions();
    m_nothing = new EmptyState;
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_nothing);
    m_stack->addWidget(content);
    setContent(m_stack);
    connect(&workspace(), &Workspace::reportsChanged, this, &RunsPage::showReports);
    connect(&workspace(), &Workspace::statisticsChanged, this, &RunsPage::showEnabled);
    connect(&workspace(), &Workspace::modelChanged, this, &RunsPage::showEnabled);
    connect(m_pareto, &ParetoPlot::entryClicked, this, &RunsPage::select);
    showReports();
}

void RunsPage::buildActions()
{
    m_runUsual = new QAction(tr("Compare RTN, salient and ROSAQ at 3 and 4 bits"), this);
    m_runUsual->setToolTip(tr("Quantizes and scores each variant on a short text; rows come as they are done"));
    m_runChosen = new QAction(tr("Choose variants…"), this);
    m_runChosen->setToolTip(tr("Quantize and score many variants, one row each"));
    m_openReport = new QAction(tr("Open comparison…"), this);
    m_openReport->setToolTip(tr("Open the folder of a comparison; several are shown beside each other"));
    connect(m_runUsual, &QAction::triggered, this, &RunsPage::runUsual);
    connect(m_runChosen, &QAction::triggered, this, &RunsPage::run);
    connect(m_openReport, &QAction::triggered, this, &RunsPage::open);
}

void RunsPage::showEmpty()
{
    const bool canRun = m_run->isEnabled();
    m_runUsual->setEnabled(canRun);
    m_runChosen->setEnabled(canRun);
    const QString what = tr("A comparison quantizes the model in several ways and scores each: perplexity with its "
                            "error, KL, effective bits, size and time. They are drawn as perplexity against bits with "
                            "the Pareto line, and every row can be planned again.");
    m_nothing->setContent(tr("No comparison yet"),
                          canRun ? what
                                 : what + QStringLiteral("\n\n") +
                                       tr("To run one, open a model and statistics of it. The folder of an earlier "
                                          "comparison can be opened at any time."),
                          {m_runUsual, m_runChosen, m_openReport});
}

QWidget* RunsPage::buildTable()
{
    auto* card = new Card;
    card->body()->addLayout(buildButtons());
    m_remark = makeQuietLabel();
    m_remark->setTextInteractionFlags(Qt::TextSelectableByMouse);
    card->body()->addWidget(m_remark);
    m_runs = new RunsTable(this);
    m_table = new QTableView;
    m_table->setAccessibleName(tr("Variants of the open comparisons"));
    setUpTable(*m_table, *m_runs);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_columns = new FittedColumns(*m_table, RunsTable::samples());
    card->body()->addWidget(m_table, 1);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RunsPage::followTable);
    connect(m_table, &QTableView::activated, this, &RunsPage::reopen);
    return card;
}

QPushButton* RunsPage::addButton(QLayout& bar, const QString& text, const QString& toolTip,
                                 void (RunsPage::*act)())
{
    auto* button = new QPushButton(text);
    button->setToolTip(toolTip);
    connect(button, &QPushButton::clicked, this, act);
    bar.addWidget(button);
    return button;
}

QLayout* RunsPage::buildButtons()
{
    auto* bar = new QHBoxLayout;
    m_reopen = addButton(*bar, tr("&Plan into the budgets"),
                         tr("Plan the open model as this row was planned; undo brings the present plan back"),
                         &RunsPage::reopen);
    m_time = addButton(*bar, tr("&Time decoding"),
                       tr("Measure the latency of decoding with this row's checkpoint"), &RunsPage::timeDecoding);
    m_close = addButton(*bar, tr("&Close report"), tr("Take the row's report out of the table; its folder stays"),
                        &RunsPage::closeReport);
    bar->addStretch(1);
    addButton(*bar, tr("&Open comparison…"),
              tr("Open the folder of a comparison; several are shown beside each other"), &RunsPage::open);
    m_run = addButton(*bar, tr("&Run comparison…"), tr("Quantize and score many variants, one row each"),
                      &RunsPage::run);
    m_run->setDefault(true);
    return bar;
}

void RunsPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    // Decoding is timed on the GPU where there is one.
    if (!workspace().reports().empty() && workspace().gpu().kind == GpuState::Kind::Unknown)
        tasks().lookForGpu();
}

void RunsPage::showReports()
{
    const int chosen = current();
    const std::vector<RunReport>& reports = workspace().reports();
    const std::vector<RunEntry> entries = runEntries(reports);
    m_runs->setEntries(entries);
    m_pareto->setEntries(entries);
    m_latency->setEntries(entries);
    QStringList remarks;
    for (const RunReport& report : reports)
        remarks << remarkOf(report);
    m_remark->setText(remarks.join(QLatin1Char('\n')));
    const bool isOne = reports.size() < 2;
    m_table->setColumnHidden(RunsTable::ReportColumn, isOne);
    m_table->setColumnHidden(RunsTable::DifferenceColumn, isOne);
    m_columns->fit();
    m_stack->setCurrentIndex(reports.empty() ? 0 : 1);
    refresh();
    if (chosen >= 0 && chosen < m_runs->rowCount())
        select(chosen);
    showEnabled();
}

int RunsPage::current() const
{
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    const auto* proxy = static_cast<const QSortFilterProxyModel*>(m_table->model());
    return rows.isEmpty() ? -1 : proxy->mapToSource(rows.front()).row();
}

void RunsPage::select(int entry)
{
    const auto* proxy = static_cast<const QSortFilterProxyModel*>(m_table->model());
    m_table->selectRow(proxy->mapFromSource(m_runs->index(entry, 0)).row());
}

void RunsPage::followTable()
{
    m_pareto->setSelected(current());
    showEnabled();
}

void RunsPage::showEnabled()
{
    const int entry = current();
    const bool hasPlan = entry >= 0 && !m_runs->entry(entry).result.settings.empty();
    m_reopen->setEnabled(hasPlan && !workspace().plan().isEmpty());
    m_time->setEnabled(entry >= 0 && m_runs->entry(entry).result.method != "float");
    m_close->setEnabled(entry >= 0);
    m_run->setEnabled(workspace().session() && workspace().statistics() && workspace().statisticsMatchModel());
    showEmpty();
}

void RunsPage::open()
{
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Open the folder of a comparison"));
    if (!folder.isEmpty())
        tasks().openComparison(folder);
}

void RunsPage::run()
{
    CompareDialog dialog(workspace(), this);
    if (dialog.exec() == QDialog::Accepted)
        tasks().runComparison(dialog.request());
}

void RunsPage::runUsual()
{
    const CompareDialog usual(workspace());
    if (usual.isComplete())
        tasks().runComparison(usual.request());
    else
        run();
}

void RunsPage::reopen()
{
    if (const int entry = current(); entry >= 0)
        tasks().reopenPlan(m_runs->entry(entry).report, m_runs->entry(entry).row);
}

void RunsPage::timeDecoding()
{
    if (const int entry = current(); entry >= 0)
        tasks().timeDecoding(m_runs->entry(entry).report, m_runs->entry(entry).row);
}

void RunsPage::closeReport()
{
    if (const int entry = current(); entry >= 0)
        workspace().removeReport(m_runs->entry(entry).report);
}

} // namespace eigenquant
