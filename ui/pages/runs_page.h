// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

class QAction;
class QLabel;
class QPushButton;
class QStackedWidget;
class QTableView;

namespace eigenquant {

class EmptyState;
class FittedColumns;
class ParetoPlot;
class RunLatencyPlot;
class RunsTable;

/// All variants of the open comparisons: figures, perplexity against bits, latencies; each row goes back to its
/// plan.
class RunsPage : public Page {
    Q_OBJECT

public:
    explicit RunsPage(PageContext context);

protected:
    bool isReady() const override
    {
        return workspace().statistics() || workspace().session() || !workspace().reports().empty();
    }

    void showEvent(QShowEvent* event) override;

private:
    QLayout* buildButtons();
    QWidget* buildTable();
    void buildActions();
    void showEmpty();
    QPushButton* addButton(QLayout& bar, const QString& text, const QString& toolTip, void (RunsPage::*act)());
    void showReports();
    void showEnabled();
    void followTable();
    void select(int entry);
    /// The entry of the current row; -1: none.
    int current() const;
    void open();
    void run();
    /// The variants that the dialog offers, without asking.
    void runUsual();
    void reopen();
    void timeDecoding();
    void closeReport();

    QStackedWidget* m_stack = nullptr;
    EmptyState* m_nothing = nullptr;
    QAction* m_runUsual = nullptr;
    QAction* m_runChosen = nullptr;
    QAction* m_openReport = nullptr;
    RunsTable* m_runs = nullptr;
    QTableView* m_table = nullptr;
    ParetoPlot* m_pareto = nullptr;
    RunLatencyPlot* m_latency = nullptr;
    QLabel* m_remark = nullptr;
    QPushButton* m_run = nullptr;
    QPushButton* m_reopen = nullptr;
    QPushButton* m_time = nullptr;
    QPushButton* m_close = nullptr;
    FittedColumns* m_columns = nullptr;
};

} // namespace eigenquant
