// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

class QLabel;
class QPushButton;
class QTableView;

namespace eigenquant {

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
    QPushButton* addButton(QLayout& bar, const QString& text, const QString& toolTip, void (RunsPage::*act)());
    void showReports();
    void showEnabled();
    void followTable();
    void select(int entry);
    /// The entry of the current row; -1: none.
    int current() const;
    void open();
    void run();
    void reopen();
    void timeDecoding();
    void closeReport();

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
