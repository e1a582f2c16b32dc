// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/studio_tasks.h"

#include "ui/jobs/process_job.h"
#include "ui/state/plan_choices.h"
#include "ui/state/project_file.h"
#include "ui/state/replan.h"
#include "ui/text/format.h"

#include <QDir>
#include <QFileInfo>

#include <utility>

namespace eigenquant {

namespace {

bool isModelFolder(const QDir& folder)
{
    return folder.exists(QStringLiteral("config.json")) ||
           !folder.entryList({QStringLiteral("*.safetensors")}, QDir::Files).isEmpty();
}

struct OpenedStatistics {
    std::shared_ptr<const ModelStatistics> statistics;
    PreparedPlan plan;
};

/// The statistics with the plan that they are first shown with.
OpenedStatistics withPlan(std::shared_ptr<const ModelStatistics> statistics, const RunContext& context)
{
    PreparedPlan plan = prepared(makePlan(*statistics, startingOptions(*statistics)), statistics, context);
    return {std::move(statistics), std::move(plan)};
}

/// Whether a whole plan is made and predicted so quickly, in some ten milliseconds, that it need not be a job.
bool isQuick(const ModelStatistics& statistics)
{
    constexpr std::int64_t kChannels = 250'000;
    std::int64_t channels = 0;
    for (const SiteStatistics& site : statistics.sites)
        channels += site.channels;
    return channels < kChannels;
}

} // namespace

StudioTasks::StudioTasks(Workspace& workspace, QObject* parent)
    : QObject(parent), m_workspace(workspace), m_helper(helperProgram()),
      m_spreader(workspace.plan(), workspace.jobs(), this)
{
    connect(&m_spreader, &BitSpreader::failed, this,
            [this](const QString& message) { emit failed(tr("The bits were not spread"), message); });
}

template <typename T>
bool StudioTasks::succeeded(const JobOutcome<T>& outcome, const QString& what)
{
    if (outcome.value)
        return true;
    if (!outcome.cancelled)
        emit failed(what, outcome.error);
    return false;
}

void StudioTasks::openPath(const QString& path)
{
    const QFileInfo info(path);
    const QString suffix = info.suffix().toLower();
    const QDir folder(path);
    const bool isComparison = info.isDir() && (QFileInfo(folder.filePath(QStringLiteral("rows"))).isDir() ||
                                               folder.exists(QStringLiteral("compare.json")));
    const QStringList statistics =
        info.isDir() ? folder.entryList({QStringLiteral("*.stats")}, QDir::Files) : QStringList();
    if (path == QLatin1String("demo"))
        openDemo();
    else if (isComparison && !isModelFolder(folder))
        openComparison(path);
    else if (info.isDir() && !isModelFolder(folder) && !statistics.isEmpty())
        openStatistics(folder.filePath(statistics.front()));
    else if (info.isDir() || suffix == QLatin1String("gguf") || !info.exists())
        openModel(path);
    else if (suffix == QLatin1String("stats"))
        openStatistics(path);
    else if (suffix == QLatin1String(kProjectSuffix)) {
        if (stopModelJobs())
            emit projectChosen(path);
    } else if (suffix == QLatin1String("json"))
        loadPlanFile(path);
    else if (suffix == QLatin1String("safetensors"))
        openModel(info.absolutePath());
    else
        openText(path);
}

void StudioTasks::openDemo()
{
    try {
        const DemoAssets demo = demoAssets();
        m_workspace.setTexts(QString::fromStdU16String(demo.calibrationText.u16string()),
                             QString::fromStdU16String(demo.checkText.u16string()));
        openModel(QString::fromStdU16String(demo.model.u16string()));
    } catch (const Error& error) {
        emit failed(tr("The demo cannot be opened"), QString::fromUtf8(error.what()));
    }
}

bool StudioTasks::stopModelJobs()
{
    if (!m_mayStop)
        return true;
    std::vector<JobStatus> concerned;
    for (const JobStatus& job : m_workspace.jobs().activeJobs())
        if (job.lane == JobLane::Model && !job.tag.startsWith(QLatin1String("open-")))
            concerned.push_back(job);
    if (concerned.empty())
        return true;
    if (!m_mayStop(concerned.front().title))
        return false;
    for (auto job = concerned.rbegin(); job != concerned.rend(); ++job)
        m_workspace.jobs().cancel(job->id);
    return true;
}

void StudioTasks::openModel(const QString& path)
{
    if (!stopModelJobs())
        return;
    m_workspace.jobs().submit(
        JobLane::Model, QStringLiteral("open-model"), tr("Open %1").arg(QFileInfo(path).fileName()),
        [argument = path.toStdString(), compute = m_workspace.compute()](const RunContext&) {
            return ModelSession::open(argument, compute);
        },
        [this, path](const JobOutcome<std::shared_ptr<ModelSession>>& outcome) {
            if (!succeeded(outcome, tr("The model cannot be opened")))
                return;
            m_workspace.setSession(*outcome.value, path);
            emit opened(path);
        });
}

void StudioTasks::openStatistics(const QString& path)
{
    if (!stopModelJobs())
        return;
    m_workspace.jobs().submit(
        JobLane::Files, QStringLiteral("open-statistics"), tr("Open %1").arg(QFileInfo(path).fileName()),
        [file = text::toPath(path)](const RunContext& context) {
            auto statistics = loadStatistics(file);
            context.checkpoint();
            return withPlan(std::move(statistics), context);
        },
        [this, path](JobOutcome<OpenedStatistics> outcome) {
            if (!succeeded(outcome, tr("The statistics cannot be opened")))
                return;
            takeStatistics(outcome.value->statistics, std::move(outcome.value->plan));
            emit opened(path);
        });
}

void StudioTasks::takeStatistics(std::shared_ptr<const ModelStatistics> statistics, PreparedPlan plan)
{
    m_workspace.setStatistics(std::move(statistics), std::move(plan));
    WorkspaceResults results = m_workspace.results();
    results.quantized.reset();
    results.quantizedPerplexity.reset();
    results.latency.reset();
    results.exported.reset();
    results.sensitivity.reset();
    m_workspace.setResults(std::move(results));
}

void StudioTasks::openText(const QString& path)
{
    if (!QFileInfo(path).isReadable()) {
        emit failed(tr("The text cannot be opened"), tr("%1: the file cannot be read").arg(path));
        return;
    }
    m_workspace.setTexts(path, m_workspace.checkText().isEmpty() ? path : m_workspace.checkText());
    emit opened(path);
}

void StudioTasks::loadPlanFile(const QString& path)
{
    m_workspace.jobs().submit(
        JobLane::Files, QStringLiteral("open-plan"), tr("Open %1").arg(QFileInfo(path).fileName()),
        [file = text::toPath(path)](const RunContext&) { return loadPlan(file); },
        [this, path](const JobOutcome<Plan>& outcome) {
            if (!succeeded(outcome, tr("The plan cannot be opened")))
                return;
            // Asked only now: statistics that were opened just before the plan have arrived by this time.
            if (m_workspace.plan().isEmpty())
                emit failed(tr("The plan cannot be opened"), tr("Open the statistics that it was made for first."));
            else
                takePlan(*outcome.value, tr("load %1").arg(QFileInfo(path).fileName()));
        });
}

void StudioTasks::takePlan(const Plan& plan, const QString& text)
{
    PlanDocument& document = m_workspace.plan();
    if (isQuick(document.statistics())) {
        document.replacePlan(plan, text);
        return;
    }
    m_workspace.jobs().submit(
        JobLane::Files, QStringLiteral("replan"), tr("Predict the plan"),
        [plan, statistics = document.sharedStatistics()](const RunContext& context) {
            return prepared(plan, statistics, context);
        },
        [this, text, revision = document.revision()](const JobOutcome<PreparedPlan>& outcome) {
            replaceUnlessChanged(outcome, revision, text);
        });
}

void StudioTasks::replaceUnlessChanged(const JobOutcome<PreparedPlan>& outcome, int revision, const QString& text)
{
    PlanDocument& document = m_workspace.plan();
    const QString what = tr("The plan stays as it was");
    if (!succeeded(outcome, what))
        return;
    if (document.revision() != revision)
        emit failed(what, tr("The plan was changed in the meantime; apply it again."));
    else
        document.replacePlan(*outcome.value, text);
}

bool StudioTasks::savePlanFile(const QString& path)
{
    try {
        // The file dialog has already asked whether an existing file may go.
        savePlan(m_workspace.plan().plan(), text::toPath(path), true);
        m_workspace.plan().markSaved();
        return true;
    } catch (const Error& error) {
        emit failed(tr("The plan was not saved"), QString::fromUtf8(error.what()));
        return false;
    }
}

void StudioTasks::setDevice(const QString& device)
{
    m_workspace.setDevice(device);
    m_workspace.setGpu({}); // perhaps another one
    if (m_workspace.session())
        openModel(m_workspace.modelPath());
}

void StudioTasks::analyze(const AnalyzeOptions& options)
{
    const auto session = m_workspace.session();
    if (!session)
        return;
    m_workspace.jobs().submit(
        JobLane::Model, QStringLiteral("analyze"), tr("Analyse %1").arg(m_workspace.title()),
        [session, options](const RunContext& context) {
            return withPlan(session->analyze(options, context), context);
        },
        [this, options](JobOutcome<OpenedStatistics> outcome) {
            if (!succeeded(outcome, tr("The analysis failed")))
                return;
            takeStatistics(outcome.value->statistics, std::move(outcome.value->plan));
            emit opened(QString::fromStdU16String(options.out.u16string()));
        });
}

void StudioTasks::quantize(const QuantizeOptions& options)
{
    const auto session = m_workspace.session();
    if (!session || m_workspace.plan().isEmpty())
        return;
    m_workspace.jobs().submit(
        JobLane::Model, QStringLiteral("quantize"), tr("Quantize %1").arg(m_workspace.title()),
        [session, options, plan = m_workspace.plan().plan(),
         stats = std::filesystem::path(m_workspace.statistics()->path)](const RunContext& context) {
            return session->quantize(stats, plan, options, context);
        },
        [this](const JobOutcome<QuantizeResult>& outcome) {
            if (!succeeded(outcome, tr("The model was not quantized")))
                return;
            WorkspaceResults results = m_workspace.results();
            results.quantized = *outcome.value;
            results.quantizedPerplexity.reset();
            results.latency.reset();
            results.exported.reset();
            m_workspace.setResults(std::move(results));
        });
}

void StudioTasks::exportQuantized(const ExportOptions& options)
{
    if (!m_workspace.results().quantized)
        return;
    m_workspace.jobs().submit(
        JobLane::Model, QStringLiteral("export"), tr("Export the quantized model"),
        [folder = std::filesystem::path(m_workspace.results().quantized->directory), options](
            const RunContext& context) { return exportCheckpoint(folder, options, context); },
        [this](const JobOutcome<ExportResult>& outcome) {
            if (!succeeded(outcome, tr("The model was not exported")))
                return;
            WorkspaceResults results = m_workspace.results();
            results.exported = *outcome.value;
            m_workspace.setResults(std::move(results));
        });
}

void StudioTasks::replan(const PlanOptions& options, const std::vector<int>& rows)
{
    PlanDocument& document = m_workspace.plan();
    if (document.isEmpty())
        return;
    const bool spreads = options.targetBits > 0;
    if (!spreads && isQuick(document.statistics())) {
        document.applyOptions(options, rows);
        return;
    }
    const QString text = spreads
                             ? tr("spread %1 effective bits").arg(options.targetBits)
                             : tr("plan %1 sites anew").arg(rows.empty() ? document.rowCount() : int(rows.size()));
    m_workspace.jobs().submit(
        JobLane::Files, QStringLiteral("replan"), spreads ? tr("Spread the bits") : tr("Plan anew"),
        [plan = document.plan(), statistics = document.sharedStatistics(), options,
         sites = document.sitesOf(rows)](const RunContext& context) {
            return prepared(replanned(plan, *statistics, options, sites), statistics, context);
        },
        [this, text, revision = document.revision()](const JobOutcome<PreparedPlan>& outcome) {
            replaceUnlessChanged(outcome, revision, text);
        });
}

} // namespace eigenquant
