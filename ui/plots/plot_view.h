// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/data_table.h"
#include "ui/plots/plot_theme.h"
#include "ui/state/selection.h"

#include <QWidget>

class QCPPainter;
class QCustomPlot;
class QHBoxLayout;
class QLabel;
class QMenu;

namespace eigenquant {

/// A titled plot with its export menu. A subclass draws into canvas() in draw() and tells its numbers
/// in table(); it never needs to think of themes, exports or replot storms.
class PlotView : public QWidget {
    Q_OBJECT

public:
    explicit PlotView(const QString& title, QWidget* parent = nullptr);

    QCustomPlot& canvas() const { return *m_canvas; }
    /// The numbers that are drawn.
    virtual TableData table() const = 0;
    /// The name that exports are offered under, without suffix.
    void setFileStem(const QString& stem) { m_fileStem = stem; }
    void setTitle(const QString& title);
    /// Puts a switch of the page beside the title.
    void addToHeader(QWidget* widget);
    /// Draws at once what is pending; for exports and tests.
    void drawNow();
    /// Writes the plot by the suffix of `file`; throws Error.
    void exportTo(const QString& file, QSize size = {960, 560});
    /// Paints the plot at the painter's origin, in other colours and letters than on the screen.
    void paintOn(QCPPainter& painter, QSize size, const QPalette& colors, const QFont& letters);
    /// Shares the pointer with all other plots that follow the same selection.
    void follow(Selection& selection);
    /// Marks what the pointer is over, here or in another plot.
    void setPointed(const Pointed& pointed);

signals:
    /// The pointer came over something that other plots may show too, or left it.
    void pointedAt(const eigenquant::Pointed& pointed);

protected:
    /// What lies under the pointer at this place of the canvas.
    virtual Pointed under(const QPointF& position) const;
    /// The same; nothing while what is on the screen is out of date.
    Pointed placeAt(const QPointF& position) const { return m_drawPending ? Pointed() : under(position); }
    /// Marks it with what draw() has put on the layer "overlay", which alone is drawn again.
    virtual void mark(const Pointed& pointed);
    void replotOverlay();
    bool eventFilter(QObject* object, QEvent* event) override;
    /// Fills the canvas, which was emptied before, with the theme's colours.
    virtual void draw(const PlotTheme& theme) = 0;
    /// Draws on the next turn of the event loop; many calls in one turn draw once.
    void scheduleDraw();
    /// Says in the middle of the plot why there is nothing to see.
    void showMessage(const PlotTheme& theme, const QString& message);
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    void buildHeader(const QString& title);
    void fillMenu(QMenu& menu);
    void fill(const QPalette& colors, const QFont& letters);
    void askAndExport(const QString& suffix);
    void showTable();

    QHBoxLayout* m_header = nullptr;
    QLabel* m_title = nullptr;
    QCustomPlot* m_canvas = nullptr;
    QMenu* m_menu = nullptr;
    Pointed m_pointed;
    QString m_fileStem = QStringLiteral("plot");
    bool m_drawPending = true;
};

/// Takes everything out of a plot: axis rects, graphs, items and legends.
void clearPlot(QCustomPlot& plot);

} // namespace eigenquant
