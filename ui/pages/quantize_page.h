// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;

namespace eigenquant {

class Card;
class OutcomeTable;
class PathField;
class ResultFolder;

/// From plan to checkpoint, and from there to what other programs load.
class QuantizePage : public Page {
    Q_OBJECT

public:
    explicit QuantizePage(PageContext context);

protected:
    void showEvent(QShowEvent* event) override;

private:
    Card* buildQuantize();
    Card* buildExport();
    QWidget* buildForms();
    Card* buildResults();
    void fillDefaults();
    void showResults();
    void followPlan();
    void updateEnabled();
    void startQuantize();
    void startExport();

    PathField* m_quantizeFolder = nullptr;
    QCheckBox* m_quantizeReplace = nullptr;
    QPushButton* m_quantize = nullptr;
    QLabel* m_quantizeNotice = nullptr;
    QComboBox* m_format = nullptr;
    QComboBox* m_dtype = nullptr;
    PathField* m_exportFolder = nullptr;
    QCheckBox* m_exportReplace = nullptr;
    QPushButton* m_export = nullptr;
    ResultFolder* m_checkpoint = nullptr;
    ResultFolder* m_exported = nullptr;
    QLabel* m_loadsIn = nullptr;
    QLabel* m_summary = nullptr;
    OutcomeTable* m_outcomes = nullptr;
    bool m_stale = false; ///< the plan changed while the page was hidden
};

} // namespace eigenquant
