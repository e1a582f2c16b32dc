// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/teaching/lesson_view.h"

#include "core/base/error.h"
#include "ui/teaching/slide_export.h"
#include "ui/teaching/slides.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QShortcut>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace eigenquant {

namespace {

constexpr int kStepsWidth = 190;

} // namespace

LessonView::LessonView(Workspace& workspace, QWidget* parent) : QWidget(parent), m_slides(makeSlides(workspace))
{
    setFocusPolicy(Qt::StrongFocus);
    setAutoFillBackground(true);
    setWindowTitle(tr("Lesson"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* row = new QHBoxLayout;
    row->setSpacing(0);
    layout->addLayout(row, 1);
    m_list = new QListWidget;
    m_stack = new QStackedWidget;
    row->addWidget(m_list);
    row->addWidget(m_stack, 1);
    layout->addWidget(buildBar());
    buildSteps();
    addShortcuts();
    goTo(0);
}

void LessonView::buildSteps()
{
    m_list->setAccessibleName(tr("Steps"));
    m_list->setFixedWidth(kStepsWidth);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setWordWrap(true);
    m_list->setSpacing(3);
    m_list->setFocusPolicy(Qt::TabFocus);
    for (Slide* slide : m_slides) {
        m_stack->addWidget(slide);
        m_list->addItem(QStringLiteral("%1  %2").arg(m_list->count() + 1).arg(slide->stepTitle()));
    }
    connect(m_list, &QListWidget::currentRowChanged, this, &LessonView::goTo);
}

QWidget* LessonView::buildBar()
{
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(20, 4, 20, 10);
    const auto add = [](const QString& text, const QString& toolTip) {
        auto* button = new QPushButton(text);
        button->setToolTip(toolTip);
        button->setFocusPolicy(Qt::TabFocus);
        return button;
    };
    m_back = add(tr("Back"), tr("To the step before (Left, Page Up)"));
    m_next = add(tr("Next"), tr("To the next step (Right, Page Down)"));
    m_present = add(tr("Full screen"), tr("Shows the lesson on the whole screen (F5); Esc ends it"));
    m_place = new QLabel;
    m_export = new QToolButton;
    m_export->setText(tr("Export"));
    m_export->setToolTip(tr("Save slides as images, drawings or a document"));
    m_export->setPopupMode(QToolButton::InstantPopup);
    m_export->setFocusPolicy(Qt::TabFocus);
    auto* menu = new QMenu(m_export);
    menu->addAction(tr("This slide as &PNG…"), this, [this] { exportSlide(QStringLiteral("png")); });
    menu->addAction(tr("This slide as &SVG…"), this, [this] { exportSlide(QStringLiteral("svg")); });
    menu->addAction(tr("This slide as P&DF…"), this, [this] { exportSlide(QStringLiteral("pdf")); });
    menu->addSeparator();
    menu->addAction(tr("&All slides as one PDF…"), this, &LessonView::exportAll);
    m_export->setMenu(menu);
    row->addWidget(m_export);
    row->addStretch(1);
    row->addWidget(m_back);
    row->addWidget(m_place);
    row->addWidget(m_next);
    row->addStretch(1);
    row->addWidget(m_present);
    connect(m_back, &QPushButton::clicked, this, [this] { goTo(step() - 1); });
    connect(m_next, &QPushButton::clicked, this, [this] { goTo(step() + 1); });
    connect(m_present, &QPushButton::clicked, this, [this] { setPresenting(!m_presenting); });
    return bar;
}

void LessonView::addShortcuts()
{
    // What a presenter's remote sends works wherever the focus is; arrows are left to a slider that has it.
    const auto add = [this](Qt::Key key, auto what) {
        auto* shortcut = new QShortcut(QKeySequence(key), this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, what);
    };
    add(Qt::Key_PageUp, [this] { goTo(step() - 1); });
    add(Qt::Key_PageDown, [this] { goTo(step() + 1); });
    add(Qt::Key_F5, [this] { setPresenting(true); });
    add(Qt::Key_Escape, [this] { setPresenting(false); });
}

int LessonView::step() const
{
    return m_stack->currentIndex();
}

void LessonView::goTo(int step)
{
    m_stack->setCurrentIndex(std::clamp(step, 0, stepCount() - 1));
    showState();
    if (isVisible())
        slide(this->step()).shown();
}

void LessonView::showState()
{
    const QSignalBlocker blocker(m_list);
    m_list->setCurrentRow(step());
    m_back->setEnabled(step() > 0);
    m_next->setEnabled(step() + 1 < stepCount());
    m_place->setText(tr("%1 of %2").arg(step() + 1).arg(stepCount()));
    m_list->setVisible(!m_presenting);
    m_export->setVisible(!m_presenting);
    m_present->setText(m_presenting ? tr("End (Esc)") : tr("Full screen"));
}

void LessonView::setPresenting(bool on)
{
    if (on == m_presenting)
        return;
    m_presenting = on;
    showState();
    emit presentingChanged(on);
    setFocus();
}

void LessonView::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Up:
    case Qt::Key_Backspace:
        return goTo(step() - 1);
    case Qt::Key_Right:
    case Qt::Key_Down:
    case Qt::Key_Space:
        return goTo(step() + 1);
    case Qt::Key_Home:
        return goTo(0);
    case Qt::Key_End:
        return goTo(stepCount() - 1);
    default:
        QWidget::keyPressEvent(event);
    }
}

void LessonView::closeEvent(QCloseEvent* event)
{
    // Closed as a window of its own, by the desktop: the lesson goes back to where it was.
    event->ignore();
    setPresenting(false);
}

void LessonView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    slide(step()).shown();
}

void LessonView::exportSlide(const QString& suffix)
{
    const Slide& shown = slide(step());
    QString file = QFileDialog::getSaveFileName(
        this, tr("Save the slide"), QStringLiteral("slide_%1_%2.%3").arg(step() + 1).arg(shown.name(), suffix),
        tr("%1 files (*.%2)").arg(suffix.toUpper(), suffix));
    if (file.isEmpty())
        return;
    if (!file.endsWith(QLatin1Char('.') + suffix, Qt::CaseInsensitive))
        file += QLatin1Char('.') + suffix;
    try {
        exportSlides({&shown}, file, palette());
    } catch (const Error& error) {
        QMessageBox::warning(this, tr("The slide was not saved"), QString::fromUtf8(error.what()));
    }
}

void LessonView::exportAll()
{
    // Slides that nobody has looked at yet work their numbers out while the person chooses the file.
    for (Slide* slide : m_slides)
        slide->shown();
    QString file = QFileDialog::getSaveFileName(this, tr("Save the slides"), QStringLiteral("lesson.pdf"),
                                                tr("PDF files (*.pdf)"));
    if (file.isEmpty())
        return;
    if (!file.endsWith(QLatin1String(".pdf"), Qt::CaseInsensitive))
        file += QLatin1String(".pdf");
    try {
        exportSlides({m_slides.begin(), m_slides.end()}, file, palette());
    } catch (const Error& error) {
        QMessageBox::warning(this, tr("The slides were not saved"), QString::fromUtf8(error.what()));
    }
}

} // namespace eigenquant
