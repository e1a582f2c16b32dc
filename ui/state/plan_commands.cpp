// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/plan_commands.h"

namespace eigenquant {

PlanEditCommand::PlanEditCommand(PlanDocument& document, PlanSnapshot before, PlanSnapshot after, int kind,
                                 const QString& text)
    : QUndoCommand(text), m_document(document), m_before(std::move(before)), m_after(std::move(after)), m_kind(kind)
{
}

void PlanEditCommand::redo()
{
    if (!m_alreadyDone)
        m_document.restore(m_after);
    m_alreadyDone = false;
}

bool PlanEditCommand::mergeWith(const QUndoCommand* other)
{
    const auto* next = dynamic_cast<const PlanEditCommand*>(other);
    if (!next || next->m_kind != m_kind || next->m_after.rows != m_after.rows ||
        next->m_after.changed != m_after.changed || next->m_after.drag != m_after.drag)
        return false;
    m_after = next->m_after;
    setText(next->text());
    return true;
}

} // namespace eigenquant
