// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/site_plan_table.h"

#include <QPersistentModelIndex>
#include <QString>

#include <vector>

class QTableView;

namespace eigenquant {

/// What tab-separated text, as a spreadsheet copies it, asks of the budgets in a view. Under headings of this
/// table, rows are found by their layer and site (or linear) where these are there, and what cannot be edited is
/// passed over; without headings it is a block of cells from the current cell on. Throws Error::usage, naming the
/// row, for what cannot be understood or taken.
std::vector<BudgetChange> budgetFromTsv(const QString& text, const SitePlanTable& table, const QTableView& view);

} // namespace eigenquant
