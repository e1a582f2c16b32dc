// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/data_table.h"

class QTableView;
class QWidget;

namespace eigenquant {

/// Opens a window with the numbers; it can be copied from, and closes with Escape.
void showTableDialog(QWidget* parent, const QString& title, TableData data);

/// The look that all tables share: rows, no grid, sortable through a proxy that compares kRawValueRole.
/// Takes ownership of nothing; the proxy belongs to the view.
void setUpTable(QTableView& view, QAbstractItemModel& model);

} // namespace eigenquant
