// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/plot_theme.h"

#include <QString>

#include <vector>

class QCPAxis;
class QCPAxisRect;
class QCPColorMap;
class QCPColorScale;
class QCPGraph;
class QCPLegend;
class QCustomPlot;

namespace eigenquant {

/// Puts a themed axis rect with a heading above it into a cell of the plot's grid.
QCPAxisRect& addPanel(QCustomPlot& plot, const PlotTheme& theme, int row, int column, const QString& heading);
/// A legend inside the rect.
QCPLegend& addLegend(QCPAxisRect& rect, const PlotTheme& theme, Qt::Alignment corner);
/// Makes an axis logarithmic with powers of ten as ticks, or linear.
void setLogarithmic(QCPAxis& axis, bool logarithmic);
/// A graph of `values` against first, first + 1, …. On a logarithmic axis, values that are not positive
/// leave a gap.
QCPGraph& addSeries(QCPAxis& keyAxis, QCPAxis& valueAxis, const std::vector<double>& values, int first);

/// Gives a map the scale beside it, in the theme's colours and as high as the rect.
void styleColorScale(QCPColorScale& scale, QCPColorMap& map, QCPAxisRect& rect, const PlotTheme& theme);

} // namespace eigenquant
