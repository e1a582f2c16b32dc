// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/data_table.h"

#include <QSize>
#include <QString>

class QCustomPlot;

namespace eigenquant {

/// Writes a plot (png, svg, pdf) or its numbers (csv) to a file, by the file's suffix. `size` is in
/// logical pixels; a PNG has twice as many. Throws Error: Usage for another suffix, Io if the file
/// cannot be written.
void exportPlot(QCustomPlot& plot, const TableData& table, const QString& file, QSize size);

/// The plot as an SVG document, its title read from `title`.
QByteArray plotAsSvg(QCustomPlot& plot, const QString& title, QSize size);

} // namespace eigenquant
