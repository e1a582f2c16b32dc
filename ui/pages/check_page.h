// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;
class QSpinBox;

namespace eigenquant {

class Card;
class CheckTable;
class OutcomeTable;
class PathField;

/// From plan to checkpoint: quantize, measure before and after, export.
class CheckPage : public Page {
    Q_OBJECT

public:
    explicit CheckPage(PageContext context);

protected:
    void showEvent(QShowEvent* event) override;

private:
    Card* buildQuantize();
    Card* buildMeasure();
    Card* buildExport();
    QWidget* buildForms();
    QWidget* buildResults();
    void fillDefaults();
    void showResults();
    void followPlan();
    void updateEnabled();
    void startQuantize();
    void startMeasure();
    void startExport();
    void openFolder();

    PathField* m_quantizeFolder = nullptr;
    QCheckBox* m_quantizeReplace = nullptr;
    QPushButton* m_quantize = nullptr;
    QLabel* m_quantizeNotice = nullptr;
    PathField* m_text = nullptr;
    QSpinBox* m_context = nullptr;
    QSpinBox* m_windows = nullptr;
    QCheckBox* m_measureFloat = nullptr;
    QCheckBox* m_measureQuantized = nullptr;
    QPushButton* m_measure = nullptr;
    QComboBox* m_format = nullptr;
    QComboBox* m_dtype = nullptr;
    PathField* m_exportFolder = nullptr;
    QCheckBox* m_exportReplace = nullptr;
    QPushButton* m_export = nullptr;
    QPushButton* m_openFolder = nullptr;
    QLabel* m_loadsIn = nullptr;
    CheckTable* m_checks = nullptr;
    OutcomeTable* m_outcomes = nullptr;
    bool m_stale = false; ///< the plan changed while the page was hidden
};

} // namespace eigenquant
