// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page_registry.h"
#include "ui/settings/app_settings.h"
#include "ui/state/project_keeper.h"

#include <QMainWindow>

class QListWidget;
class QStackedWidget;

namespace eigenquant {

class JobsDock;
class WelcomePage;

/// The window: navigation on the left, pages in the middle, jobs below, totals in the status bar.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    MainWindow();
    ~MainWindow() override;

    Workspace& workspace() { return m_workspace; }
    StudioTasks& tasks() { return m_tasks; }
    ProjectKeeper& project() { return m_project; }
    /// If an earlier studio ended in disorder, asks whether to go on where it was.
    void offerRecovery();
    /// "start", or the id of a registered page.
    void showPage(const QString& id);
    QStringList pageIds() const { return m_pageIds; }
    /// Size and docks as on the very first start; for screenshots.
    void resetLayout();

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void buildCentre();
    void addPage(const QString& id, const QString& title, const QString& toolTip, QWidget* page);
    void buildMenus();
    void buildFileMenu();
    void buildModelMenu();
    void buildViewMenu();
    void buildHelpMenu();
    void connectWorkspace();
    void connectProject();
    /// False if it was not saved, for whatever reason.
    bool saveProject(bool underAnotherName);
    bool mayStop(const QString& job);
    void setLanguage(const QString& language);
    void fillRecentMenu();
    void updateRecent(const QString& opened);
    void updateTitle();
    void updateIcons();
    void showFailure(const QString& what, const QString& message);
    void showAbout();
    void showHelp();
    bool mayClose();

    AppSettings m_settings;
    Workspace m_workspace;
    StudioTasks m_tasks;
    ProjectKeeper m_project;
    StudioActions* m_actions = nullptr;
    QListWidget* m_navigation = nullptr;
    QStackedWidget* m_pages = nullptr;
    QStringList m_pageIds;
    WelcomePage* m_welcome = nullptr;
    JobsDock* m_jobs = nullptr;
    QMenu* m_recentMenu = nullptr;
};

} // namespace eigenquant
