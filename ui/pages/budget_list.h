// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"
#include "ui/widgets/card.h"

#include <QTableView>

#include <vector>

class QComboBox;
class QLabel;
class QLineEdit;
class QMenu;
class QToolButton;

namespace eigenquant {

class FittedColumns;
class SitePlanTable;
class TargetSlider;

/// A table that also takes what a spreadsheet copies.
class BudgetView : public QTableView {
    Q_OBJECT

public:
    using QTableView::QTableView;

signals:
    void pasteRequested();

protected:
    void keyPressEvent(QKeyEvent* event) override;
};

/// The budgets of all sites or linears, with what edits many of them at once: a slider for the whole model, rows
/// by pattern, paste, locks, and comparison with another plan.
class BudgetList : public Card {
    Q_OBJECT

public:
    explicit BudgetList(PageContext context, QWidget* parent = nullptr);

    /// The document's rows whose sites are chosen, or whose linears are; in order.
    std::vector<int> selectedSites() const;
    BudgetView& view() const { return *m_view; }
    SitePlanTable& table() const { return *m_table; }
    /// Chooses the rows that have a name in which the regular expression is found. Returns how many; -1: the
    /// expression is none.
    int selectMatching(const QString& pattern);
    void paste();

signals:
    void selectionChanged();

private:
    QLayout* buildTotals();
    QLayout* buildTools();
    QToolButton* addMenuButton(const QString& text, const QString& toolTip);
    void buildCompareMenu(QMenu& menu);
    void buildSensitivityMenu(QMenu& menu);
    void buildTable();
    std::vector<int> selectedRows() const;
    /// Locks the selected rows, or unlocks them if all are locked.
    void toggleLocks();
    void showTotals();
    void showStatistics();
    void showSensitivity();
    void showDifference(const Plan& before, const QString& name);
    void followTable();
    void followSelection(SiteId site);
    void takePattern();

    PageContext m_context;
    PlanDocument& m_plan;
    QLabel* m_totals = nullptr;
    QToolButton* m_lock = nullptr;
    QComboBox* m_rows = nullptr;
    QLineEdit* m_pattern = nullptr;
    QLabel* m_matches = nullptr;
    TargetSlider* m_target = nullptr;
    BudgetView* m_view = nullptr;
    SitePlanTable* m_table = nullptr;
    FittedColumns* m_columns = nullptr;
};

} // namespace eigenquant
