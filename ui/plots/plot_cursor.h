// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/plot_theme.h"

#include <QString>

class QCPAxisRect;
class QCPItemStraightLine;
class QCPItemText;

namespace eigenquant {

/// Marks one place of a panel: a thin line across it, with a few words beside it. It lies on the plot's overlay, so
/// that it moves without the curves being drawn again, and goes with the plot's items.
class PlotCursor {
public:
    enum class Direction { Upright, Level };

    PlotCursor(QCPAxisRect& rect, const PlotTheme& theme, Direction direction);

    QCPAxisRect& rect() const { return *m_rect; }
    /// `at` on the bottom axis for an upright line, on the left axis for a level one; `words` may be empty.
    void show(double at, const QString& words);
    void hide();

private:
    QCPAxisRect* m_rect;
    Direction m_direction;
    QCPItemStraightLine* m_line;
    QCPItemText* m_words;
};

} // namespace eigenquant
