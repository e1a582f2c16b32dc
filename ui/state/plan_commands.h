// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/state/plan_document.h"

#include <QUndoCommand>

namespace eigenquant {

/// What kind of edit it was; consecutive edits of one kind on the same rows become one step.
enum PlanEditKind { kReplanEdit = -1, kSalientEdit = 1, kBitsEdit = 2, kLockEdit = 3, kGroupEdit = 4, kSpreadEdit = 5,
                    kPasteEdit = -1 };

/// One step of the plan's history. The document has already made the edit when it pushes this.
class PlanEditCommand : public QUndoCommand {
public:
    PlanEditCommand(PlanDocument& document, PlanSnapshot before, PlanSnapshot after, int kind, const QString& text);

    void undo() override { m_document.restore(m_before); }
    void redo() override;
    int id() const override { return m_kind; }
    bool mergeWith(const QUndoCommand* other) override;

private:
    PlanDocument& m_document;
    PlanSnapshot m_before;
    PlanSnapshot m_after;
    int m_kind;
    bool m_alreadyDone = true;
};

} // namespace eigenquant
