// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/status_summary.h"

#include "ui/state/bit_parts.h"
#include "ui/text/format.h"

#include <QHBoxLayout>
#include <QLabel>

namespace eigenquant {

StatusSummary::StatusSummary(Workspace& workspace, QWidget* parent) : QWidget(parent), m_workspace(workspace)
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 8, 0);
    row->setSpacing(20);
    m_model = addLabel(tr("Model"));
    m_bits = addLabel(tr("Effective bits"));
    m_size = addLabel(tr("Size"));
    m_memory = addLabel(tr("Estimated memory"));
    m_error = addLabel(tr("Predicted error"));
    m_divergence = addLabel(tr("Predicted KL"));
    connect(&workspace, &Workspace::modelChanged, this, &StatusSummary::showModel);
    connect(&workspace, &Workspace::statisticsChanged, this, &StatusSummary::showModel);
    connect(&workspace.plan(), &PlanDocument::totalsChanged, this, &StatusSummary::showTotals);
    showModel();
    showTotals();
}

QLabel* StatusSummary::addLabel(const QString& name)
{
    auto* label = new QLabel(this);
    label->setAccessibleName(name);
    layout()->addWidget(label);
    return label;
}

void StatusSummary::showModel()
{
    const QString title = m_workspace.title();
    m_model->setText(title.isEmpty() ? tr("No model") : title);
    if (const ModelInfo* model = m_workspace.modelInfo())
        m_model->setToolTip(QString::fromStdString(model->path));
}

void StatusSummary::showTotals()
{
    const PlanDocument& plan = m_workspace.plan();
    const bool hasPlan = !plan.isEmpty();
    for (QLabel* label : {m_bits, m_size, m_memory, m_error})
        label->setVisible(hasPlan);
    m_divergence->setVisible(hasPlan && plan.knowsDivergence());
    if (!hasPlan)
        return;
    showBits();
    m_size->setText(text::bytes(plan.totals().bytes));
    const MemoryEstimate memory = estimateMemory(plan.plan(), plan.statistics().model);
    m_memory->setText(tr("≈ %1 in memory").arg(text::bytes(memory.total())));
    m_memory->setToolTip(tr("To decode one sequence with: linears %1, embedding, head and norms %2, keys and values of "
                            "%3 tokens %4")
                             .arg(text::bytes(memory.linears), text::bytes(memory.outer))
                             .arg(memory.tokens)
                             .arg(text::bytes(memory.cache)));
    m_error->setText(tr("predicted error %1").arg(text::number(plan.totals().predictedError)));
    m_divergence->setText(tr("predicted KL %1").arg(text::number(plan.totals().predictedKl)));
}

void StatusSummary::showBits()
{
    const PlanDocument& plan = m_workspace.plan();
    const PlanTotals& totals = plan.totals();
    // A newcomer reads 18 effective bits as a failure, where 14 of them are matrices that a global rotation spares.
    m_bits->setText(totals.rotationBits > 0
                        ? tr("%1 bits + %2 rotations")
                              .arg(text::fixed(totals.effectiveBits - totals.rotationBits, 3),
                                   text::fixed(totals.rotationBits, 3))
                        : tr("%1 effective bits").arg(text::fixed(totals.effectiveBits, 3)));
    m_bits->setToolTip(describe(bitPartsOf(plan.plan(), plan.statistics())));
}

QString StatusSummary::bitsText() const
{
    return m_bits->text();
}

} // namespace eigenquant
