// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_view.h"

#include "core/base/error.h"
#include "ui/plots/plot_export.h"
#include "ui/widgets/table_dialog.h"

#include <QEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QMouseEvent>
#include <QToolButton>
#include <QVBoxLayout>
#include <qcustomplot.h>

namespace eigenquant {

void clearPlot(QCustomPlot& plot)
{
    plot.clearItems();
    plot.clearPlottables();
    plot.plotLayout()->clear();
    plot.plotLayout()->simplify();
}

PlotView::PlotView(const QString& title, QWidget* parent) : QWidget(parent)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    m_header = new QHBoxLayout;
    layout->addLayout(m_header);
    m_canvas = new QCustomPlot(this);
    m_canvas->setMinimumSize(260, 140); // two above each other fit a screen of 720 lines
    m_canvas->setAccessibleName(title);
    m_canvas->setAccessibleDescription(tr("A plot. Its numbers can be read with Show as table in its menu."));
    m_canvas->setAutoAddPlottableToLegend(false); // each panel has a legend of its own
    m_canvas->plotLayout()->setMargins({8, 6, 8, 6});
    m_canvas->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_canvas->setContextMenuPolicy(Qt::CustomContextMenu);
    layout->addWidget(m_canvas, 1);
    buildHeader(title);
    clearPlot(*m_canvas);
    connect(m_canvas, &QWidget::customContextMenuRequested, this,
            [this](QPoint position) { m_menu->popup(m_canvas->mapToGlobal(position)); });
    connect(m_canvas, &QCustomPlot::mouseDoubleClick, this, [this] { scheduleDraw(); });
    m_canvas->setMouseTracking(true);
    // Numbers are the same everywhere; and QCustomPlot writes powers of ten as such only where "e" is the exponent.
    m_canvas->setLocale(QLocale::c());
    m_canvas->installEventFilter(this);
}

void PlotView::buildHeader(const QString& title)
{
    m_title = new QLabel(title, this);
    QFont bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);
    m_header->addWidget(m_title);
    m_header->addStretch(1);
    auto* button = new QToolButton(this);
    button->setText(tr("Export"));
    button->setToolTip(tr("Save this plot as an image, a vector drawing or numbers"));
    button->setAccessibleName(tr("Export %1").arg(title));
    button->setPopupMode(QToolButton::InstantPopup);
    button->setAutoRaise(true);
    m_menu = new QMenu(this);
    fillMenu(*m_menu);
    button->setMenu(m_menu);
    m_header->addWidget(button);
}

void PlotView::fillMenu(QMenu& menu)
{
    menu.addAction(tr("Save as &PNG…"), this, [this] { askAndExport(QStringLiteral("png")); });
    menu.addAction(tr("Save as &SVG…"), this, [this] { askAndExport(QStringLiteral("svg")); });
    menu.addAction(tr("Save as P&DF…"), this, [this] { askAndExport(QStringLiteral("pdf")); });
    menu.addAction(tr("Save numbers as &CSV…"), this, [this] { askAndExport(QStringLiteral("csv")); });
    menu.addSeparator();
    menu.addAction(tr("Show as &table…"), this, &PlotView::showTable);
    menu.addAction(tr("&Reset view"), this, [this] { scheduleDraw(); });
}

void PlotView::addToHeader(QWidget* widget)
{
    // Before the export button, which stays at the right end.
    m_header->insertWidget(m_header->count() - 1, widget);
}

void PlotView::setTitle(const QString& title)
{
    m_title->setText(title);
    m_canvas->setAccessibleName(title);
}

void PlotView::scheduleDraw()
{
    const bool alreadyQueued = m_drawPending;
    m_drawPending = true;
    if (isVisible() && !alreadyQueued)
        QMetaObject::invokeMethod(this, &PlotView::drawNow, Qt::QueuedConnection);
}

void PlotView::drawNow()
{
    if (!m_drawPending)
        return;
    fill(palette(), font());
    m_canvas->replot(QCustomPlot::rpQueuedReplot);
}

void PlotView::fill(const QPalette& colors, const QFont& letters)
{
    m_drawPending = false;
    PlotTheme theme = PlotTheme::fromPalette(colors);
    theme.font = letters;
    clearPlot(*m_canvas);
    theme.apply(*m_canvas);
    draw(theme);
    mark(m_pointed);
}

void PlotView::paintOn(QCPPainter& painter, QSize size, const QPalette& colors, const QFont& letters)
{
    fill(colors, letters);
    m_canvas->toPainter(&painter, size.width(), size.height());
    scheduleDraw(); // the screen has colours and letters of its own
}

void PlotView::follow(Selection& selection)
{
    connect(this, &PlotView::pointedAt, &selection, &Selection::setPointed);
    connect(&selection, &Selection::pointedChanged, this, &PlotView::setPointed);
}

void PlotView::setPointed(const Pointed& pointed)
{
    if (pointed == m_pointed)
        return;
    m_pointed = pointed;
    if (m_drawPending)
        return; // what is drawn next is marked with it
    mark(pointed);
    replotOverlay();
}

Pointed PlotView::under(const QPointF&) const
{
    return {};
}

void PlotView::mark(const Pointed&) {}

void PlotView::replotOverlay()
{
    if (isVisible())
        m_canvas->layer(QStringLiteral("overlay"))->replot();
}

bool PlotView::eventFilter(QObject* object, QEvent* event)
{
    if (object == m_canvas && (event->type() == QEvent::MouseMove || event->type() == QEvent::Leave)) {
        const Pointed now =
            event->type() == QEvent::Leave ? Pointed() : placeAt(static_cast<QMouseEvent*>(event)->position());
        if (now != m_pointed) {
            setPointed(now);
            emit pointedAt(now);
        }
    }
    return QWidget::eventFilter(object, event);
}

void PlotView::showMessage(const PlotTheme& theme, const QString& message)
{
    auto* text = new QCPTextElement(m_canvas, message);
    text->setTextColor(theme.axis);
    text->setMaximumSize(QWIDGETSIZE_MAX / 2, QWIDGETSIZE_MAX / 2); // else as high as its line, at the top
    m_canvas->plotLayout()->addElement(0, 0, text);
}

void PlotView::exportTo(const QString& file, QSize size)
{
    drawNow();
    exportPlot(*m_canvas, table(), file, size);
}

void PlotView::askAndExport(const QString& suffix)
{
    const QString file = QFileDialog::getSaveFileName(this, tr("Save the plot"), m_fileStem + QLatin1Char('.') + suffix,
                                                      tr("%1 files (*.%2)").arg(suffix.toUpper(), suffix));
    if (file.isEmpty())
        return;
    try {
        exportTo(file.endsWith(QLatin1Char('.') + suffix, Qt::CaseInsensitive) ? file
                                                                               : file + QLatin1Char('.') + suffix,
                 m_canvas->size());
    } catch (const Error& error) {
        QMessageBox::warning(this, tr("The plot was not saved"), QString::fromUtf8(error.what()));
    }
}

void PlotView::showTable()
{
    showTableDialog(this, m_title->text(), table());
}

void PlotView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        scheduleDraw();
}

void PlotView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    drawNow();
}

} // namespace eigenquant
