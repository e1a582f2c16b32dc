// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/main_window.h"

#include "ui/shell/analyze_dialog.h"
#include "ui/shell/jobs_dock.h"
#include "ui/shell/status_summary.h"
#include "ui/shell/theme.h"
#include "ui/shell/welcome_page.h"
#include "ui/widgets/themed_icon.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDir>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QListWidget>
#include <QMessageBox>
#include <QMimeData>
#include <QStackedWidget>
#include <QStatusBar>

namespace eigenquant {

namespace {

const QSize kFirstSize{1400, 900};
constexpr int kNavigationWidth = 176;

} // namespace

MainWindow::MainWindow() : m_tasks(m_workspace), m_project(m_workspace, m_settings.recoveryFolder())
{
    initResources();
    applyTheme(m_settings.theme());
    m_workspace.setDevice(m_settings.device());
    setWindowIcon(QIcon(QStringLiteral(":/icons/eigenquant-studio.svg")));
    setAcceptDrops(true);
    m_actions = new StudioActions(m_workspace, m_tasks, *this);
    m_jobs = new JobsDock(m_workspace.jobs(), this);
    addDockWidget(Qt::BottomDockWidgetArea, m_jobs);
    buildCentre();
    buildMenus();
    statusBar()->addPermanentWidget(new StatusSummary(m_workspace));
    connectWorkspace();
    connectProject();
    resetLayout();
    // Both answer false for bytes they do not understand, and then the first layout stays.
    restoreGeometry(m_settings.geometry());
    restoreState(m_settings.windowState());
    m_jobs->setOpen(m_settings.jobsAreOpen());
    m_welcome->setRecentFiles(m_settings.recentFiles());
    updateTitle();
    updateIcons();
    showPage(QStringLiteral("start"));
}

MainWindow::~MainWindow()
{
    // Pages, dock and status bar hold on to the workspace, which as a member would go before them; and the
    // undo stack still speaks while it goes.
    m_workspace.plan().undoStack().disconnect(this);
    m_project.disconnect(this);
    delete takeCentralWidget();
    delete m_jobs;
    delete statusBar();
}

void MainWindow::buildCentre()
{
    auto* centre = new QWidget(this);
    auto* row = new QHBoxLayout(centre);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    m_navigation = new QListWidget(centre);
    m_navigation->setAccessibleName(tr("Pages"));
    m_navigation->setFixedWidth(kNavigationWidth);
    m_navigation->setFrameShape(QFrame::NoFrame);
    m_navigation->setIconSize({20, 20});
    m_navigation->setSpacing(3);
    m_pages = new QStackedWidget(centre);
    row->addWidget(m_navigation);
    row->addWidget(m_pages, 1);
    setCentralWidget(centre);
    m_welcome = new WelcomePage(*m_actions);
    addPage(QStringLiteral("start"), tr("Start"), tr("Open something"), m_welcome);
    for (const PageEntry& entry : pageRegistry())
        addPage(entry.id, entry.title, entry.toolTip, entry.make({m_workspace, m_tasks, *m_actions}));
    connect(m_navigation, &QListWidget::currentRowChanged, m_pages, &QStackedWidget::setCurrentIndex);
}

void MainWindow::addPage(const QString& id, const QString& title, const QString& toolTip, QWidget* page)
{
    auto* item = new QListWidgetItem(QString(title).replace(QLatin1String("&&"), QLatin1String("&")), m_navigation);
    item->setToolTip(toolTip);
    item->setSizeHint({kNavigationWidth - 12, 40});
    m_pages->addWidget(page);
    m_pageIds << id;
}

void MainWindow::showPage(const QString& id)
{
    if (const qsizetype index = m_pageIds.indexOf(id); index >= 0)
        m_navigation->setCurrentRow(int(index));
}

void MainWindow::resetLayout()
{
    resize(kFirstSize);
    m_jobs->setFloating(false);
    addDockWidget(Qt::BottomDockWidgetArea, m_jobs);
    m_jobs->show();
    m_jobs->setOpen(false);
}

void MainWindow::connectWorkspace()
{
    connect(&m_workspace, &Workspace::modelChanged, this, &MainWindow::updateTitle);
    connect(&m_workspace, &Workspace::statisticsChanged, this, &MainWindow::updateTitle);
    connect(&m_workspace.plan().undoStack(), &QUndoStack::cleanChanged, this, &MainWindow::updateTitle);
    // What was opened is shown, unless the user already looks at a page of it.
    const auto leaveStart = [this] {
        if (m_navigation->currentRow() == 0)
            showPage(QStringLiteral("overview"));
    };
    connect(&m_workspace, &Workspace::modelChanged, this, leaveStart);
    connect(&m_workspace, &Workspace::statisticsChanged, this, leaveStart);
    connect(&m_workspace, &Workspace::textsChanged, this, [this] {
        if (!m_workspace.calibrationText().isEmpty())
            statusBar()->showMessage(tr("Text: %1").arg(m_workspace.calibrationText()), 8000);
    });
    connect(&m_tasks, &StudioTasks::failed, this, &MainWindow::showFailure);
    connect(&m_workspace.plan(), &PlanDocument::refused, this,
            [this](const QString& message) { statusBar()->showMessage(message, 12000); });
    connect(&m_tasks, &StudioTasks::opened, this, &MainWindow::updateRecent);
    connect(m_welcome, &WelcomePage::recentChosen, &m_tasks, &StudioTasks::openPath);
}

void MainWindow::connectProject()
{
    m_project.setPageSource([this] { return m_pageIds.value(m_navigation->currentRow()); });
    connect(&m_tasks, &StudioTasks::projectChosen, &m_project, &ProjectKeeper::open);
    connect(&m_project, &ProjectKeeper::opened, this, &MainWindow::updateRecent);
    connect(&m_project, &ProjectKeeper::changed, this, &MainWindow::updateTitle);
    connect(&m_project, &ProjectKeeper::pageWanted, this, &MainWindow::showPage);
    connect(&m_project, &ProjectKeeper::failed, this,
            [this](const QString& message) { showFailure(tr("The project cannot be opened"), message); });
    connect(&m_project, &ProjectKeeper::incomplete, this,
            [this](const QString& message) { showFailure(tr("Not all of the project could be opened"), message); });
    connect(m_actions->saveProject, &QAction::triggered, this, [this] { saveProject(false); });
    connect(m_actions->saveProjectAs, &QAction::triggered, this, [this] { saveProject(true); });
    m_tasks.setMayStop([this](const QString& job) { return mayStop(job); });
}

bool MainWindow::saveProject(bool underAnotherName)
{
    const QString suffix = QLatin1Char('.') + QLatin1String(kProjectSuffix);
    QString file = m_project.path();
    if (file.isEmpty())
        QDir().mkpath(QFileInfo(defaultOutputPath(suffix)).absolutePath()); // where the dialog begins
    if (underAnotherName || file.isEmpty())
        file = QFileDialog::getSaveFileName(this, tr("Save the project"),
                                            file.isEmpty() ? defaultOutputPath(m_workspace.title() + suffix) : file,
                                            tr("Projects (*.eigenquant)"));
    if (file.isEmpty())
        return false;
    if (!file.endsWith(suffix, Qt::CaseInsensitive))
        file += suffix;
    try {
        m_project.save(file);
        updateRecent(file);
        statusBar()->showMessage(tr("Saved %1").arg(file), 5000);
        return true;
    } catch (const Error& error) {
        showFailure(tr("The project was not saved"), QString::fromUtf8(error.what()));
        return false;
    }
}

bool MainWindow::mayStop(const QString& job)
{
    return QMessageBox::question(this, tr("A job is running"),
                                 tr("%1 is still running. Stop it? Nothing it was writing is left behind.").arg(job),
                                 QMessageBox::Yes | QMessageBox::No, QMessageBox::No) == QMessageBox::Yes;
}

void MainWindow::offerRecovery()
{
    const QString file = m_project.recoverable();
    if (file.isEmpty())
        return;
    const auto answer = QMessageBox::question(
        this, tr("Recovery"),
        tr("The studio did not end in order the last time, and there were unsaved changes. Go on where it was?"),
        QMessageBox::Yes | QMessageBox::Discard | QMessageBox::Cancel, QMessageBox::Yes);
    if (answer == QMessageBox::Yes)
        m_project.recover(file);
    else if (answer == QMessageBox::Discard)
        m_project.dropRecovery(file);
}

void MainWindow::updateRecent(const QString& opened)
{
    m_settings.addRecentFile(opened);
    m_welcome->setRecentFiles(m_settings.recentFiles());
}

void MainWindow::updateTitle()
{
    const QString name = m_project.path().isEmpty() ? m_workspace.title() : m_project.name();
    setWindowTitle(name.isEmpty() ? tr("Eigenquant Studio") : tr("%1[*] — Eigenquant Studio").arg(name));
    setWindowModified(!name.isEmpty() && (m_project.isModified() || !m_workspace.plan().undoStack().isClean()));
}

void MainWindow::updateIcons()
{
    for (int row = 0; row < m_navigation->count(); ++row)
        m_navigation->item(row)->setIcon(themedIcon(m_pageIds[row], palette()));
    m_actions->updateIcons();
}

void MainWindow::showFailure(const QString& what, const QString& message)
{
    m_jobs->log(what + QStringLiteral(": ") + message);
    // Not modal: a failing job in the background must not stop the user's hands.
    auto* box = new QMessageBox(QMessageBox::Warning, tr("Eigenquant Studio"), what, QMessageBox::Ok, this);
    box->setInformativeText(message);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setModal(false);
    box->open();
}

bool MainWindow::mayClose()
{
    if (m_workspace.jobs().isBusy()) {
        const auto answer = QMessageBox::question(
            this, tr("A job is running"), tr("Closing stops the running job. Nothing it was writing is left behind."),
            QMessageBox::Close | QMessageBox::Cancel, QMessageBox::Cancel);
        if (answer != QMessageBox::Close)
            return false;
    }
    if (!isWindowModified())
        return true;
    const auto answer =
        QMessageBox::question(this, tr("There are unsaved changes"), tr("Close without saving the project?"),
                              QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel);
    return answer == QMessageBox::Save ? saveProject(false) : answer == QMessageBox::Discard;
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    if (!mayClose()) {
        event->ignore();
        return;
    }
    m_settings.setWindow(saveGeometry(), saveState());
    m_settings.setJobsAreOpen(m_jobs->isOpen());
    m_workspace.jobs().cancelAll();
    m_project.discardChanges(); // saved, or let go knowingly: there is nothing to recover
    event->accept();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    for (const QUrl& url : event->mimeData()->urls())
        if (url.isLocalFile())
            m_tasks.openPath(url.toLocalFile());
    event->acceptProposedAction();
}

void MainWindow::changeEvent(QEvent* event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_actions)
        updateIcons();
}

} // namespace eigenquant
