// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/project_keeper.h"

#include "ui/state/plan_choices.h"
#include "ui/text/format.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>

namespace eigenquant {

namespace {

constexpr int kAutosaveMs = 3000;

QString recoveryName()
{
    return QStringLiteral("recovery-%1.%2")
        .arg(QCoreApplication::applicationPid())
        .arg(QLatin1String(kProjectSuffix));
}

QString lockOf(const QString& recovery)
{
    return recovery + QStringLiteral(".lock");
}

} // namespace

/// What a project refers to, opened as far as it could be.
struct ProjectKeeper::Loaded {
    Project project;
    std::shared_ptr<ModelSession> session;
    std::shared_ptr<const ModelStatistics> statistics;
    std::shared_ptr<const ModelStatistics> comparedStatistics;
    PreparedPlan plan;
    std::vector<RunReport> reports;
    QStringList problems;

    /// Opens what the reference names; what goes wrong is one more problem.
    template <typename Open>
    void attempt(const ProjectReference& reference, const RunContext& context, const Open& open)
    {
        if (!reference.missing.isEmpty())
            problems << ProjectKeeper::tr("%1 is missing.").arg(reference.missing);
        if (reference.path.isEmpty() || !reference.missing.isEmpty())
            return;
        context.checkpoint();
        try {
            open();
        } catch (const Error& error) {
            problems << QString::fromUtf8(error.what());
        }
    }
    void openModel(const ComputeOptions& compute);
    void openStatistics();
    /// Results that cannot be of the model are not shown.
    void checkResults();
};

ProjectKeeper::ProjectKeeper(Workspace& workspace, const QString& folder, QObject* parent)
    : QObject(parent), m_workspace(workspace), m_folder(folder)
{
    m_autosave.setSingleShot(true);
    m_autosave.setInterval(kAutosaveMs);
    connect(&m_autosave, &QTimer::timeout, this, &ProjectKeeper::writeRecovery);
    connect(&workspace, &Workspace::modelChanged, this, &ProjectKeeper::touch);
    connect(&workspace, &Workspace::statisticsChanged, this, &ProjectKeeper::touch);
    connect(&workspace, &Workspace::textsChanged, this, &ProjectKeeper::touch);
    connect(&workspace, &Workspace::resultsChanged, this, &ProjectKeeper::touch);
    connect(&workspace, &Workspace::reportsChanged, this, &ProjectKeeper::touch);
    connect(&workspace, &Workspace::comparedStatisticsChanged, this, &ProjectKeeper::touch);
    connect(&workspace.plan().undoStack(), &QUndoStack::indexChanged, this, &ProjectKeeper::touch);
}

ProjectKeeper::~ProjectKeeper()
{
    m_workspace.plan().undoStack().disconnect(this);
    removeRecovery();
}

QString ProjectKeeper::name() const
{
    return m_path.isEmpty() ? QString() : QFileInfo(m_path).completeBaseName();
}

void ProjectKeeper::touch()
{
    if (m_taking)
        return;
    // Without a project only an edited plan is worth asking about: the rest can be opened again.
    setModified(!m_path.isEmpty() || !m_workspace.plan().undoStack().isClean());
    if (m_modified)
        m_autosave.start();
}

void ProjectKeeper::setModified(bool modified)
{
    if (!modified) {
        m_autosave.stop();
        removeRecovery();
    }
    m_modified = modified;
    emit changed();
}

void ProjectKeeper::discardChanges()
{
    setModified(false);
}

Project ProjectKeeper::present() const
{
    Project project = m_kept;
    if (m_workspace.session()) {
        const QString model = m_workspace.modelPath();
        project.model = {model == QLatin1String("demo") ? model : QFileInfo(model).absoluteFilePath(),
                         QString::fromStdString(m_workspace.session()->info().fingerprint),
                         {}};
    }
    if (const auto& statistics = m_workspace.statistics()) {
        project.statistics = {QFileInfo(QString::fromStdString(statistics->path)).absoluteFilePath(),
                              QString::fromStdString(statistics->fingerprint),
                              {}};
        project.plan = m_workspace.plan().plan();
    }
    if (!m_workspace.calibrationText().isEmpty())
        project.calibrationText.path = QFileInfo(m_workspace.calibrationText()).absoluteFilePath();
    if (!m_workspace.checkText().isEmpty())
        project.checkText.path = QFileInfo(m_workspace.checkText()).absoluteFilePath();
    if (m_workspace.session() || m_workspace.statistics()) {
        const bool isSameModel = project.model.fingerprint == m_kept.model.fingerprint;
        if (!isSameModel)
            project.missingFolders = {};
        project.results = withMissing(m_workspace.results(), m_kept.results, project.missingFolders);
    }
    if (const auto& compared = m_workspace.comparedStatistics())
        project.comparedStatistics = {QFileInfo(QString::fromStdString(compared->path)).absoluteFilePath(),
                                      QString::fromStdString(compared->fingerprint),
                                      {}};
    else if (project.comparedStatistics.missing.isEmpty())
        project.comparedStatistics = {};
    std::erase_if(project.reports, [](const ProjectReference& report) { return report.missing.isEmpty(); });
    for (const RunReport& report : m_workspace.reports())
        project.reports.push_back({report.folder, {}, {}});
    project.site = m_workspace.selection().site();
    if (m_page)
        project.page = m_page();
    return project;
}

void ProjectKeeper::save(const QString& file)
{
    Project project = present();
    project.recoveredFrom = QString();
    saveProject(project, file);
    m_path = file;
    m_kept = project;
    m_taking = true; // the plan's own mark is not another change
    m_workspace.plan().undoStack().setClean();
    m_taking = false;
    setModified(false);
}

void ProjectKeeper::open(const QString& file)
{
    try {
        openProject(loadProject(file), QFileInfo(file).absoluteFilePath(), {});
    } catch (const Error& error) {
        emit failed(QString::fromUtf8(error.what()));
    }
}

ProjectKeeper::Loaded ProjectKeeper::load(const Project& project, const ComputeOptions& compute,
                                          const RunContext& context)
{
    Loaded loaded{.project = project};
    loaded.attempt(project.model, context, [&] { loaded.openModel(compute); });
    loaded.attempt(project.statistics, context, [&] { loaded.openStatistics(); });
    loaded.attempt(project.comparedStatistics, context, [&] {
        loaded.comparedStatistics = loadStatistics(text::toPath(project.comparedStatistics.path));
    });
    for (ProjectReference& report : loaded.project.reports) {
        const std::size_t opened = loaded.reports.size();
        loaded.attempt(report, context, [&] { loaded.reports.push_back(loadRunReport(report.path)); });
        if (loaded.reports.size() == opened)
            report.missing = report.path; // kept until it can be opened again
    }
    for (const QString& missing : {project.calibrationText.missing, project.checkText.missing,
                                   project.missingFolders.checkpoint, project.missingFolders.exported})
        if (!missing.isEmpty())
            loaded.problems << tr("%1 is missing.").arg(missing);
    loaded.problems.removeDuplicates(); // a text may serve for both
    loaded.checkResults();
    return loaded;
}

void ProjectKeeper::Loaded::openModel(const ComputeOptions& compute)
{
    session = ModelSession::open(project.model.path.toStdString(), compute);
    if (!project.model.fingerprint.isEmpty() &&
        session->info().fingerprint != project.model.fingerprint.toStdString())
        problems << ProjectKeeper::tr("%1 is another model than the one that was saved.").arg(project.model.path);
}

void ProjectKeeper::Loaded::openStatistics()
{
    statistics = loadStatistics(text::toPath(project.statistics.path));
    plan = prepared(makePlan(*statistics, startingOptions(*statistics)), statistics, {});
    if (!project.plan)
        return;
    plan = prepared(*project.plan, statistics, {});
    if (statistics->fingerprint != project.plan->statsFingerprint)
        problems << ProjectKeeper::tr(
                        "%1 has other statistics than the plan was made for; its predictions were made anew.")
                        .arg(project.statistics.path);
}

void ProjectKeeper::Loaded::checkResults()
{
    const ModelInfo* model = session ? &session->info() : statistics ? &statistics->model : nullptr;
    auto& sensitivity = project.results.sensitivity;
    if (sensitivity && model && int(sensitivity->layers.size()) != model->layers)
        sensitivity.reset();
}

void ProjectKeeper::openProject(Project project, const QString& path, const QString& recovery)
{
    m_workspace.jobs().submit(
        JobLane::Model, QStringLiteral("open-project"), tr("Open %1").arg(QFileInfo(path).fileName()),
        [project = std::move(project), compute = m_workspace.compute()](const RunContext& context) {
            return load(project, compute, context);
        },
        [this, path, recovery](JobOutcome<Loaded> outcome) {
            if (outcome.value)
                take(std::move(*outcome.value), path, recovery);
            else if (!outcome.cancelled)
                emit failed(outcome.error);
        });
}

void ProjectKeeper::take(Loaded loaded, const QString& path, const QString& recovery)
{
    const Project& project = loaded.project;
    m_taking = true;
    m_workspace.setSession(loaded.session, loaded.session ? project.model.path : QString());
    m_workspace.setStatistics(loaded.statistics, loaded.plan);
    const auto there = [](const ProjectReference& text) { return text.missing.isEmpty() ? text.path : QString(); };
    m_workspace.setTexts(there(project.calibrationText), there(project.checkText));
    m_workspace.setResults(withoutMissing(project.results, project.missingFolders));
    m_workspace.setComparedStatistics(loaded.comparedStatistics);
    m_workspace.setReports(std::move(loaded.reports));
    m_workspace.selection().setSite(project.site);
    m_taking = false;
    m_kept = project;
    m_path = path;
    setModified(!recovery.isEmpty());
    if (m_modified) {
        writeRecovery();
        dropRecovery(recovery);
    }
    if (!project.page.isEmpty())
        emit pageWanted(project.page);
    if (!path.isEmpty())
        emit opened(path);
    if (!loaded.problems.isEmpty())
        emit incomplete(
            loaded.problems.join(QLatin1Char('\n')) + QLatin1Char('\n') +
            tr("Put the file back, or open another in its place and save the project. What the project says "
               "of it is kept until then."));
}

void ProjectKeeper::writeRecovery()
{
    if (!m_modified)
        return;
    const QString file = QDir(m_folder).filePath(recoveryName());
    if (!QDir().mkpath(m_folder))
        return;
    if (!m_lock) {
        m_lock = std::make_unique<QLockFile>(lockOf(file));
        m_lock->setStaleLockTime(0); // stale only when its process is gone
        m_lock->tryLock(0);
    }
    Project project = present();
    project.recoveredFrom = m_path.isNull() ? QStringLiteral("") : m_path;
    try {
        saveProject(project, file);
    } catch (const Error&) {
        // A full disk must not disturb the work; saving itself will say so.
    }
}

void ProjectKeeper::removeRecovery()
{
    QFile::remove(QDir(m_folder).filePath(recoveryName()));
    m_lock.reset();
}

QString ProjectKeeper::recoverable() const
{
    const QDir folder(m_folder);
    const QStringList files = folder.entryList(
        {QStringLiteral("recovery-*.%1").arg(QLatin1String(kProjectSuffix))}, QDir::Files, QDir::Time);
    for (const QString& name : files) {
        QLockFile lock(lockOf(folder.filePath(name)));
        lock.setStaleLockTime(0);
        if (name != recoveryName() && lock.tryLock(0))
            return folder.filePath(name);
    }
    return {};
}

void ProjectKeeper::recover(const QString& file)
{
    try {
        Project project = loadProject(file);
        const QString path = project.recoveredFrom;
        openProject(std::move(project), path, file);
    } catch (const Error& error) {
        emit failed(QString::fromUtf8(error.what()));
    }
}

void ProjectKeeper::dropRecovery(const QString& file)
{
    QFile::remove(file);
    QFile::remove(lockOf(file));
}

} // namespace eigenquant
