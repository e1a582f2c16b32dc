// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

class QAbstractItemView;

namespace eigenquant {

/// The selected cells as tab-separated text under their headings, as spreadsheets take it; all cells if
/// none is selected.
QString selectionAsTsv(const QAbstractItemView& view);

/// Gives the view a Copy action (Ctrl+C and context menu) that puts selectionAsTsv on the clipboard.
void enableTsvCopy(QAbstractItemView& view);

} // namespace eigenquant
