// SPDX-License-Identifier: GPL-3.0-or-later
// The menus of the main window; everything the program can do has an entry here.
#include "ui/shell/main_window.h"

#include "ui/shell/about_dialog.h"
#include "ui/shell/help_window.h"
#include "ui/shell/jobs_dock.h"
#include "ui/shell/theme.h"
#include "ui/shell/welcome_page.h"

#include <QActionGroup>
#include <QApplication>
#include <QListWidget>
#include <QMenuBar>
#include <QStatusBar>

#include <functional>

namespace eigenquant {

namespace {

/// A menu of which exactly one entry is ticked.
void addChoices(QMenu& menu, const std::vector<std::pair<QString, QString>>& choices, const QString& present,
                const std::function<void(const QString&)>& choose)
{
    auto* group = new QActionGroup(&menu);
    for (const auto& [value, title] : choices) {
        QAction* action = menu.addAction(title);
        action->setCheckable(true);
        action->setChecked(value == present);
        group->addAction(action);
        QObject::connect(action, &QAction::triggered, &menu, [choose, value = value] { choose(value); });
    }
}

QString themeName(ThemeChoice theme)
{
    return theme == ThemeChoice::Light ? QStringLiteral("light")
           : theme == ThemeChoice::Dark ? QStringLiteral("dark")
                                        : QStringLiteral("system");
}

} // namespace

void MainWindow::buildMenus()
{
    buildFileMenu();
    QMenu* edit = menuBar()->addMenu(tr("&Edit"));
    edit->addAction(m_actions->undo);
    edit->addAction(m_actions->redo);
    buildModelMenu();
    buildViewMenu();
    buildHelpMenu();
}

void MainWindow::buildFileMenu()
{
    QMenu* file = menuBar()->addMenu(tr("&File"));
    file->addActions({m_actions->openModelFile, m_actions->openModelFolder, m_actions->openText,
                      m_actions->openStatistics, m_actions->openDemo});
    file->addAction(m_actions->openProject);
    m_recentMenu = file->addMenu(tr("Open &recent"));
    connect(m_recentMenu, &QMenu::aboutToShow, this, &MainWindow::fillRecentMenu);
    file->addSeparator();
    file->addActions({m_actions->saveProject, m_actions->saveProjectAs});
    file->addSeparator();
    file->addActions({m_actions->loadPlan, m_actions->savePlan});
    file->addSeparator();
    QAction* quit = file->addAction(tr("&Quit"), this, &QWidget::close);
    quit->setShortcuts(QKeySequence::Quit);
    quit->setMenuRole(QAction::QuitRole);
}

void MainWindow::fillRecentMenu()
{
    m_recentMenu->clear();
    const QStringList files = m_settings.recentFiles();
    for (const QString& path : files)
        m_recentMenu->addAction(QString(path).replace(QLatin1Char('&'), QLatin1String("&&")), this,
                                [this, path] { m_tasks.openPath(path); });
    if (files.isEmpty())
        m_recentMenu->addAction(tr("Nothing yet"))->setEnabled(false);
    m_recentMenu->addSeparator();
    m_recentMenu->addAction(tr("&Clear this list"), this, [this] {
        m_settings.clearRecentFiles();
        m_welcome->setRecentFiles({});
    });
}

void MainWindow::buildModelMenu()
{
    QMenu* model = menuBar()->addMenu(tr("&Model"));
    model->addAction(m_actions->analyze);
    model->addSeparator();
    QMenu* device = model->addMenu(tr("&Device"));
    device->setToolTip(tr("Where the model runs"));
    addChoices(*device,
               {{QStringLiteral("auto"), tr("&Automatic")},
                {QStringLiteral("cpu"), tr("&CPU")},
                {QStringLiteral("cuda"), tr("&GPU (CUDA)")}},
               m_settings.device(), [this](const QString& value) {
                   m_settings.setDevice(value);
                   m_tasks.setDevice(value);
               });
    model->addSeparator();
    QAction* stop = model->addAction(tr("&Stop all jobs"), this, [this] { m_workspace.jobs().cancelAll(); });
    stop->setShortcut(tr("Ctrl+."));
}

void MainWindow::buildViewMenu()
{
    QMenu* view = menuBar()->addMenu(tr("&View"));
    for (int row = 0; row < m_pageIds.size(); ++row) {
        const QString title = m_navigation->item(row)->text().replace(QLatin1Char('&'), QLatin1String("&&"));
        QAction* action = view->addAction(title, this, [this, row] { m_navigation->setCurrentRow(row); });
        action->setShortcut(QKeySequence(Qt::ALT | Qt::Key(Qt::Key_1 + row)));
    }
    view->addSeparator();
    view->addAction(m_jobs->toggleViewAction());
    QMenu* theme = view->addMenu(tr("&Theme"));
    addChoices(*theme,
               {{QStringLiteral("system"), tr("&System")},
                {QStringLiteral("light"), tr("&Light")},
                {QStringLiteral("dark"), tr("&Dark")}},
               themeName(m_settings.theme()), [this](const QString& value) {
                   const ThemeChoice choice = value == QLatin1String("light")  ? ThemeChoice::Light
                                              : value == QLatin1String("dark") ? ThemeChoice::Dark
                                                                               : ThemeChoice::System;
                   m_settings.setTheme(choice);
                   applyTheme(choice);
               });
    QMenu* language = view->addMenu(tr("&Language"));
    addChoices(*language,
               {{QString(), tr("&System")},
                {QStringLiteral("en"), QStringLiteral("&English")},
                {QStringLiteral("de"), QStringLiteral("&Deutsch")}},
               m_settings.language(), [this](const QString& value) { setLanguage(value); });
    view->addAction(tr("&Reset layout"), this, &MainWindow::resetLayout);
    QAction* full = view->addAction(tr("&Full screen"), this,
                                    [this](bool on) { on ? showFullScreen() : showNormal(); });
    full->setCheckable(true);
    full->setShortcuts(QKeySequence::FullScreen);
}

void MainWindow::buildHelpMenu()
{
    QMenu* help = menuBar()->addMenu(tr("&Help"));
    QAction* contents = help->addAction(tr("&Contents"), this, &MainWindow::showHelp);
    contents->setShortcuts(QKeySequence::HelpContents);
    help->addSeparator();
    help->addAction(tr("&About Eigenquant Studio"), this, &MainWindow::showAbout)->setMenuRole(QAction::AboutRole);
    help->addAction(tr("About &Qt"), qApp, &QApplication::aboutQt)->setMenuRole(QAction::AboutQtRole);
}

void MainWindow::setLanguage(const QString& language)
{
    m_settings.setLanguage(language);
    // Texts that are on the screen were made in the old language.
    statusBar()->showMessage(tr("The language changes when the studio is started again."), 8000);
}

void MainWindow::showHelp()
{
    auto* help = findChild<HelpWindow*>();
    if (!help)
        help = new HelpWindow(this);
    help->show();
    help->raise();
    help->activateWindow();
}

void MainWindow::showAbout()
{
    AboutDialog(this).exec();
}

} // namespace eigenquant
