// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/state/workspace.h"

#include <QWidget>

class QLabel;

namespace eigenquant {

/// The right end of the status bar: model, bits, size, predicted error and KL of the plan, always in step.
class StatusSummary : public QWidget {
    Q_OBJECT

public:
    explicit StatusSummary(Workspace& workspace, QWidget* parent = nullptr);
    QString bitsText() const;

private:
    QLabel* addLabel(const QString& name);
    void showModel();
    void showTotals();
    void showBits();

    Workspace& m_workspace;
    QLabel* m_model = nullptr;
    QLabel* m_bits = nullptr;
    QLabel* m_size = nullptr;
    QLabel* m_error = nullptr;
    QLabel* m_memory = nullptr;
    QLabel* m_divergence = nullptr;
};

} // namespace eigenquant
