// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

namespace eigenquant {

class BudgetList;
class PlanEditor;

/// The table of all budgets, above it the settings that plan many rows at once, below it what one layer does to the
/// model.
class BudgetsPage : public Page {
    Q_OBJECT

public:
    explicit BudgetsPage(PageContext context);

private:
    void apply(bool selectedRowsOnly);
    void showStatistics();

    PlanEditor* m_editor = nullptr;
    BudgetList* m_list = nullptr;
};

} // namespace eigenquant
