// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/state/run_report.h"
#include "ui/state/workspace.h"

#include <QDialog>

class QCheckBox;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace eigenquant {

class PathField;

/// Asks which methods and widths are compared, on which text, and where the report goes.
class CompareDialog : public QDialog {
    Q_OBJECT

public:
    explicit CompareDialog(const Workspace& workspace, QWidget* parent = nullptr);
    CompareRequest request() const;
    /// Whether what is chosen can be run.
    bool isComplete() const;

private:
    QWidget* buildMethods(const Workspace& workspace);
    void updateEnabled();

    std::vector<QCheckBox*> m_methods;
    QLineEdit* m_bits = nullptr;
    QLineEdit* m_salient = nullptr;
    QLineEdit* m_groups = nullptr;
    PathField* m_text = nullptr;
    QSpinBox* m_context = nullptr;
    QSpinBox* m_windows = nullptr;
    QCheckBox* m_keep = nullptr;
    PathField* m_folder = nullptr;
    QPushButton* m_run = nullptr;
};

} // namespace eigenquant
