// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/check_results.h"

#include "ui/models/latency_table.h"
#include "ui/models/result_tables.h"
#include "ui/plots/latency_plot.h"
#include "ui/state/workspace.h"
#include "ui/text/format.h"
#include "ui/widgets/card.h"
#include "ui/widgets/fitted_columns.h"
#include "ui/widgets/labelled_fields.h"
#include "ui/widgets/table_dialog.h"

#include <QHeaderView>
#include <QLabel>
#include <QTableView>
#include <QVBoxLayout>

namespace eigenquant {

namespace {

constexpr int kCellMargins = 16;

/// A table of few rows, with room for `rows` of them.
QTableView* shortTable(const QString& name, QAbstractItemModel& model, int rows, const QStringList& samples)
{
    auto* view = new QTableView;
    view->setAccessibleName(name);
    setUpTable(*view, model);
    new FittedColumns(*view, samples, kCellMargins);
    view->setVerticalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    view->setFixedHeight(view->horizontalHeader()->sizeHint().height() +
                         rows * view->verticalHeader()->defaultSectionSize() + 4);
    return view;
}

QString deviceAndKernels(const PerplexityResult& result)
{
    QStringList parts{text::fromStd(result.device), text::fromStd(result.dtype)};
    if (!result.kernels.empty())
        parts << text::fromStd(result.kernels);
    return parts.join(QStringLiteral(", "));
}

} // namespace

CheckResults::CheckResults(Workspace& workspace) : m_workspace(workspace)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    column->addWidget(buildPerplexity());
    column->addWidget(buildLatency(), 1);
    connect(&m_workspace, &Workspace::resultsChanged, this, &CheckResults::showResults);
    connect(&m_workspace, &Workspace::modelChanged, this, &CheckResults::showResults);
    connect(&m_workspace, &Workspace::statisticsChanged, this, &CheckResults::showResults);
    connect(&m_workspace.plan(), &PlanDocument::totalsChanged, this, &CheckResults::showPerplexity);
    showResults();
}

Card* CheckResults::buildPerplexity()
{
    auto* card = new Card(tr("Before and after"));
    m_perplexities = new CheckTable(this);
    card->body()->addWidget(shortTable(tr("Before and after"), *m_perplexities, 2,
                                       {tr("Quantized"), QStringLiteral("12.345 ± 0.678"), QStringLiteral("16 × 2048"),
                                        {}, QStringLiteral("99.9 MiB"), QStringLiteral("0.00123")}));
    m_computedBy = makeQuietLabel();
    m_computedBy->setAccessibleName(tr("What computed the perplexity"));
    card->body()->addWidget(m_computedBy);
    return card;
}

Card* CheckResults::buildLatency()
{
    auto* card = new Card;
    m_plot = new LatencyPlot;
    m_plot->setMinimumHeight(280);
    m_latencies = new LatencyTable(this);
    m_conditions = makeQuietLabel();
    m_conditions->setAccessibleName(tr("Conditions of the measurement"));
    card->body()->addWidget(m_plot, 1);
    card->body()->addWidget(shortTable(tr("Latency by batch size"), *m_latencies, 4,
                                       {QStringLiteral("64 of 128"),
                                        QStringLiteral("12.345"),
                                        QStringLiteral("123,456"),
                                        QStringLiteral("12.345"),
                                        {},
                                        {},
                                        QStringLiteral("12.34 / 45.6 GiB"),
                                        QStringLiteral("sm90 128x1")}));
    card->body()->addWidget(m_conditions);
    return card;
}

void CheckResults::showResults()
{
    showPerplexity();
    showLatency();
}

void CheckResults::showPerplexity()
{
    const WorkspaceResults& results = m_workspace.results();
    const bool isPacked = !m_workspace.checkSubject().packed.isEmpty();
    std::vector<CheckRow> rows;
    if (!isPacked || !m_workspace.checkSubject().original.isEmpty())
        rows.push_back({.name = tr("Float"), .perplexity = results.floatPerplexity});
    if (results.quantized)
        rows.push_back({.name = tr("Quantized"),
                        .perplexity = results.quantizedPerplexity,
                        .effectiveBits = results.quantized->effectiveBits,
                        .bytes = results.quantized->bytes,
                        .outputError = meanOutputError(*results.quantized)});
    else if (isPacked)
        rows.push_back({.name = tr("Quantized"), .perplexity = results.quantizedPerplexity});
    else if (const PlanTotals& totals = m_workspace.plan().totals(); totals.bytes > 0)
        rows.push_back({.name = tr("As planned"),
                        .effectiveBits = totals.effectiveBits,
                        .bytes = totals.bytes});
    QStringList computedBy;
    for (const CheckRow& row : rows)
        if (row.perplexity)
            computedBy << tr("%1: computed by %2").arg(row.name, deviceAndKernels(*row.perplexity));
    m_computedBy->setText(computedBy.join(QLatin1String(". ")));
    m_computedBy->setVisible(!computedBy.isEmpty());
    m_perplexities->setResults(std::move(rows));
}

void CheckResults::showLatency()
{
    const LatencyResult latency = m_workspace.results().latency.value_or(LatencyResult{});
    m_plot->setLatency(latency);
    m_latencies->setRows(latency.rows);
    if (latency.rows.empty()) {
        m_conditions->setText({});
        return;
    }
    QStringList parts;
    parts << tr("%1, %2 activations, %3 keys and values, %4 tokens generated behind %5; medians over whole "
                "generations.")
                 .arg(text::fromStd(latency.device), text::fromStd(latency.dtype),
                      text::fromStd(name(latency.rows.front().kv)))
                 .arg(latency.generate)
                 .arg(latency.prompt);
    for (const LatencyRow& row : latency.rows)
        if (row.rotationShare > 0)
            parts << tr("Batch %1: %2 of a step in rotations.").arg(row.batch).arg(text::percent(row.rotationShare));
    for (const std::string& warning : latency.warnings)
        parts << tr("Caution: %1.").arg(text::fromStd(warning));
    m_conditions->setText(parts.join(QLatin1Char(' ')));
}

} // namespace eigenquant
