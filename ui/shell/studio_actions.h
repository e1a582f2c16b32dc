// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/state/studio_tasks.h"

#include <QObject>

class QAction;
class QWidget;

namespace eigenquant {

/// The actions that menus, the tool bar, the welcome page and empty pages share.
class StudioActions : public QObject {
    Q_OBJECT

public:
    StudioActions(Workspace& workspace, StudioTasks& tasks, QWidget& window);

    QAction* openDemo = nullptr;
    QAction* openModelFile = nullptr;
    QAction* openModelFolder = nullptr;
    QAction* openText = nullptr;
    QAction* openStatistics = nullptr;
    QAction* openProject = nullptr;
    QAction* saveProject = nullptr;
    QAction* saveProjectAs = nullptr;
    QAction* loadPlan = nullptr;
    QAction* savePlan = nullptr;
    QAction* analyze = nullptr;
    QAction* undo = nullptr;
    QAction* redo = nullptr;

    /// Redraws the icons in the palette's colours.
    void updateIcons();

private:
    QAction* make(const QString& text, const QString& toolTip, const QKeySequence& keys, const char* icon);
    void makeOpenActions();
    void makeProjectActions();
    void makePlanActions();
    void updateEnabled();
    void askAnalyze();
    void askSavePlan();

    Workspace& m_workspace;
    StudioTasks& m_tasks;
    QWidget& m_window;
    QList<std::pair<QAction*, QString>> m_icons;
};

} // namespace eigenquant
