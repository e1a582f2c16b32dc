// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/state/workspace.h"

#include <QWidget>

class QLabel;
class QListWidget;
class QPushButton;
class QStackedWidget;
class QToolButton;

namespace eigenquant {

class Slide;

/// The lesson: a list of steps, the present slide, and ways to the next one, to the full screen and to files.
class LessonView : public QWidget {
    Q_OBJECT

public:
    explicit LessonView(Workspace& workspace, QWidget* parent = nullptr);

    int step() const;
    int stepCount() const { return int(m_slides.size()); }
    Slide& slide(int step) const { return *m_slides[std::size_t(step)]; }
    /// Stays where it is at either end.
    void goTo(int step);
    bool isPresenting() const { return m_presenting; }
    void setPresenting(bool on);

signals:
    /// The view wants the whole screen, or gives it back.
    void presentingChanged(bool on);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    void buildSteps();
    QWidget* buildBar();
    void addShortcuts();
    void showState();
    void exportSlide(const QString& suffix);
    void exportAll();

    std::vector<Slide*> m_slides;
    QListWidget* m_list = nullptr;
    QStackedWidget* m_stack = nullptr;
    QPushButton* m_back = nullptr;
    QPushButton* m_next = nullptr;
    QPushButton* m_present = nullptr;
    QToolButton* m_export = nullptr;
    QLabel* m_place = nullptr;
    bool m_presenting = false;
};

} // namespace eigenquant
