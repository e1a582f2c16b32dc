// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QPalette>
#include <QPen>

#include <array>

class QCPAxisRect;
class QCPColorGradient;
class QCPGraph;
class QCPLegend;
class QCustomPlot;

namespace eigenquant {

/// How every plot looks. Series are told apart by line style and marker as well as by colour; the
/// colours are Okabe and Ito's, which the colour-blind can tell apart.
struct PlotTheme {
    bool dark = false;
    QColor background;
    QColor text;
    QColor axis;
    QColor grid;
    QColor accent;                 ///< what can be dragged, and what is selected
    std::array<QColor, 4> series;
    QFont font;                    ///< of the widget; headings and labels are sized after it

    static PlotTheme fromPalette(const QPalette& palette);

    QFont scaledFont(double scale) const;

    QPen seriesPen(int index) const;
    /// Gives the axes, labels and grid of the rect this theme's colours.
    void apply(QCPAxisRect& rect) const;
    void apply(QCPLegend& legend) const;
    void apply(QCustomPlot& plot) const;
    /// Dark blue to yellow, even in lightness, so that it reads in grey too.
    static QCPColorGradient heatGradient();
};

} // namespace eigenquant
