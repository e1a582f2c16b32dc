// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/state/workspace.h"

#include <QDialog>

class QCheckBox;
class QDialogButtonBox;
class QFormLayout;
class QLabel;
class QSpinBox;

namespace eigenquant {

class PathField;

/// Asks what the analysis reads and where it writes.
class AnalyzeDialog : public QDialog {
    Q_OBJECT

public:
    AnalyzeDialog(Workspace& workspace, QWidget* parent = nullptr);
    AnalyzeOptions options() const;

private:
    void buildForm(QFormLayout& form);
    void fillDefaults();
    void check();

    Workspace& m_workspace;
    PathField* m_text = nullptr;
    PathField* m_out = nullptr;
    QSpinBox* m_context = nullptr;
    QSpinBox* m_windows = nullptr;
    QCheckBox* m_normsOnly = nullptr;
    QCheckBox* m_keepMoments = nullptr;
    QLabel* m_notice = nullptr;
    QDialogButtonBox* m_buttons = nullptr;
};

/// Where the studio offers to put what it makes: a folder of its own among the user's documents.
QString defaultOutputPath(const QString& fileName);

} // namespace eigenquant
