// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/studio_actions.h"

#include "ui/shell/analyze_dialog.h"
#include "ui/widgets/themed_icon.h"

#include <QAction>
#include <QFileDialog>
#include <QWidget>

namespace eigenquant {

StudioActions::StudioActions(Workspace& workspace, StudioTasks& tasks, QWidget& window)
    : QObject(&window), m_workspace(workspace), m_tasks(tasks), m_window(window)
{
    makeOpenActions();
    makeProjectActions();
    makePlanActions();
    connect(&workspace, &Workspace::modelChanged, this, &StudioActions::updateEnabled);
    connect(&workspace, &Workspace::statisticsChanged, this, &StudioActions::updateEnabled);
    updateEnabled();
    updateIcons();
}

QAction* StudioActions::make(const QString& text, const QString& toolTip, const QKeySequence& keys, const char* icon)
{
    auto* action = new QAction(text, this);
    action->setToolTip(keys.isEmpty()
                           ? toolTip
                           : QStringLiteral("%1 (%2)").arg(toolTip, keys.toString(QKeySequence::NativeText)));
    action->setStatusTip(toolTip);
    action->setShortcut(keys);
    if (icon)
        m_icons.append({action, QString::fromLatin1(icon)});
    return action;
}

void StudioActions::makeOpenActions()
{
    openDemo = make(tr("Open the &demo"), tr("Open the model and texts that come with the program"), tr("Ctrl+D"),
                    "demo");
    openModelFile =
        make(tr("Open &model file…"), tr("Open a .gguf model"), QKeySequence(QKeySequence::Open), "open");
    openModelFolder = make(tr("Open model &folder…"), tr("Open a Hugging Face folder or a packed checkpoint"),
                           tr("Ctrl+Shift+O"), "open");
    openText = make(tr("Open &text…"), tr("Choose the text for calibration and checks"), tr("Ctrl+T"), "text");
    openStatistics = make(tr("Open &statistics…"), tr("Open a .stats file; it needs no model"), tr("Ctrl+Shift+T"),
                          "spectra");
    const auto ask = [this](const QString& title, const QString& filter, void (StudioTasks::*open)(const QString&)) {
        const QString path = QFileDialog::getOpenFileName(&m_window, title, {}, filter);
        if (!path.isEmpty())
            (m_tasks.*open)(path);
    };
    connect(openDemo, &QAction::triggered, &m_tasks, &StudioTasks::openDemo);
    connect(openModelFile, &QAction::triggered, this, [=] {
        ask(tr("Open a model"), tr("Models (*.gguf *.safetensors);;All files (*)"), &StudioTasks::openPath);
    });
    connect(openModelFolder, &QAction::triggered, this, [this] {
        const QString path = QFileDialog::getExistingDirectory(&m_window, tr("Open a model folder"));
        if (!path.isEmpty())
            m_tasks.openPath(path);
    });
    connect(openText, &QAction::triggered, this,
            [=] { ask(tr("Open a text"), tr("Texts (*.txt);;All files (*)"), &StudioTasks::openText); });
    connect(openStatistics, &QAction::triggered, this, [=] {
        ask(tr("Open statistics"), tr("Statistics (*.stats);;All files (*)"), &StudioTasks::openStatistics);
    });
}

void StudioActions::makeProjectActions()
{
    openProject = make(tr("Open &project…"), tr("Open a project: model, statistics, plan and results together"),
                       tr("Ctrl+Shift+P"), "open");
    saveProject =
        make(tr("Save pro&ject"), tr("Save what is open as a project"), QKeySequence(QKeySequence::Save), "save");
    saveProjectAs = make(tr("Save project &as…"), tr("Save what is open as a project of another name"),
                         tr("Ctrl+Shift+S"), "save");
    connect(openProject, &QAction::triggered, this, [this] {
        const QString path = QFileDialog::getOpenFileName(&m_window, tr("Open a project"), {},
                                                          tr("Projects (*.eigenquant);;All files (*)"));
        if (!path.isEmpty())
            m_tasks.openPath(path);
    });
}

void StudioActions::makePlanActions()
{
    loadPlan = make(tr("&Load plan…"), tr("Load a plan into the budgets; undo brings the present one back"),
                    tr("Ctrl+L"), "open");
    savePlan = make(tr("&Save plan…"), tr("Save the budgets as a plan that the command line takes too"),
                    tr("Ctrl+Shift+L"), "save");
    analyze = make(tr("&Analyse…"), tr("Run a text through the model and keep its statistics"), tr("Ctrl+R"), "run");
    connect(loadPlan, &QAction::triggered, this, [this] {
        const QString path =
            QFileDialog::getOpenFileName(&m_window, tr("Load a plan"), {}, tr("Plans (*.json);;All files (*)"));
        if (!path.isEmpty())
            m_tasks.loadPlanFile(path);
    });
    connect(savePlan, &QAction::triggered, this, &StudioActions::askSavePlan);
    connect(analyze, &QAction::triggered, this, &StudioActions::askAnalyze);
    undo = m_workspace.plan().undoStack().createUndoAction(this, tr("&Undo"));
    undo->setShortcuts(QKeySequence::Undo);
    redo = m_workspace.plan().undoStack().createRedoAction(this, tr("&Redo"));
    redo->setShortcuts(QKeySequence::Redo);
    m_icons.append({undo, QStringLiteral("undo")});
    m_icons.append({redo, QStringLiteral("redo")});
}

void StudioActions::updateEnabled()
{
    const bool hasPlan = !m_workspace.plan().isEmpty();
    loadPlan->setEnabled(hasPlan);
    savePlan->setEnabled(hasPlan);
    analyze->setEnabled(m_workspace.session() != nullptr);
    const bool anything = m_workspace.session() || hasPlan;
    saveProject->setEnabled(anything);
    saveProjectAs->setEnabled(anything);
}

void StudioActions::updateIcons()
{
    for (const auto& [action, name] : m_icons)
        action->setIcon(themedIcon(name, m_window.palette()));
}

void StudioActions::askAnalyze()
{
    AnalyzeDialog dialog(m_workspace, &m_window);
    if (dialog.exec() == QDialog::Accepted)
        m_tasks.analyze(dialog.options());
}

void StudioActions::askSavePlan()
{
    QString path = QFileDialog::getSaveFileName(&m_window, tr("Save the plan"), QStringLiteral("plan.json"),
                                                tr("Plans (*.json)"));
    if (path.isEmpty())
        return;
    if (!path.endsWith(QLatin1String(".json"), Qt::CaseInsensitive))
        path += QLatin1String(".json");
    m_tasks.savePlanFile(path);
}

} // namespace eigenquant
