// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

#include <vector>

class QLabel;
class QTableView;
class QToolButton;

namespace eigenquant {

class PlanEditor;
class SitePlanTable;

/// The table of all sites, and the bar above it that plans many rows at once.
class BudgetsPage : public Page {
    Q_OBJECT

public:
    explicit BudgetsPage(PageContext context);

private:
    QWidget* buildTable();
    std::vector<int> selectedRows() const;
    void apply(bool selectedRowsOnly);
    /// Locks the selected rows, or unlocks them if all are locked.
    void toggleLocks();
    void showStatistics();
    void showTotals();
    void followTable();
    void followSelection(SiteId site);

    PlanEditor* m_editor = nullptr;
    SitePlanTable* m_sites = nullptr;
    QTableView* m_table = nullptr;
    QToolButton* m_lock = nullptr;
    QLabel* m_totals = nullptr;
};

} // namespace eigenquant
