// SPDX-License-Identifier: GPL-3.0-or-later
// Comparisons: opened, run, and gone on with from their rows.
#include "ui/jobs/process_job.h"
#include "ui/state/studio_tasks.h"
#include "ui/state/write_whole.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonDocument>

namespace eigenquant {

namespace {

constexpr int kNewRowsMs = 1500;

/// Writes what a program answered beside the report, whole or not at all.
void writeAnswer(const QJsonObject& answer, const QString& file)
{
    QDir().mkpath(QFileInfo(file).absolutePath());
    writeWhole(file, QJsonDocument(answer).toJson(), "the latency cannot be kept beside its report");
}

} // namespace

void StudioTasks::openComparison(const QString& folder)
{
    readReport(folder, true);
    emit opened(folder);
}

void StudioTasks::readReport(const QString& folder, bool complain)
{
    m_workspace.jobs().submit(
        JobLane::Files, QStringLiteral("read-report ") + folder, tr("Read %1").arg(QDir(folder).dirName()),
        [folder](const RunContext&) { return loadRunReport(folder); },
        [this, complain](JobOutcome<RunReport> outcome) {
            if (outcome.value)
                m_workspace.addReport(std::move(*outcome.value));
            else if (complain && !outcome.cancelled)
                emit failed(tr("The comparison cannot be opened"), outcome.error);
        });
}

void StudioTasks::runComparison(const CompareRequest& request)
{
    const auto& statistics = m_workspace.statistics();
    const QString what = tr("The comparison was not run");
    if (!m_workspace.session() || !statistics || !m_workspace.statisticsMatchModel()) {
        emit failed(what, tr("Open a model and its own statistics first."));
        return;
    }
    const bool needsText = !statistics->hasMoments && !statistics->normsOnly;
    const QStringList words =
        compareArguments(request, m_workspace.modelPath(), QString::fromStdString(statistics->path),
                         needsText ? m_workspace.calibrationText() : QString(),
                         QString::fromStdString(m_workspace.compute().device));
    QDir().mkpath(QFileInfo(request.folder).absolutePath());
    m_newRows.disconnect();
    connect(&m_newRows, &QTimer::timeout, this, [this, folder = request.folder] {
        if (QFileInfo::exists(folder + QStringLiteral("/rows")))
            readReport(folder, false);
    });
    m_newRows.start(kNewRowsMs);
    m_workspace.jobs().submit(
        JobLane::Model, QStringLiteral("compare"),
        tr("Compare methods: %1").arg(request.methods.join(QStringLiteral(", "))),
        [command = ProcessCommand{m_helper, words}](const RunContext& context) {
            return runProcess(command, context);
        },
        [this, what, folder = request.folder](const JobOutcome<QJsonObject>& outcome) {
            m_newRows.stop();
            if (!outcome.value && !outcome.cancelled)
                emit failed(what, outcome.error);
            // The rows that were finished are worth having in any case.
            readReport(folder, outcome.value.has_value());
        });
}

void StudioTasks::reopenPlan(int reportIndex, int rowIndex)
{
    const RunReport& report = m_workspace.reports().at(std::size_t(reportIndex));
    const ComparisonRow& row = report.comparison.rows.at(std::size_t(rowIndex));
    const QString what = tr("The plan cannot be opened");
    if (m_workspace.plan().isEmpty()) {
        emit failed(what, tr("Open the statistics that the comparison was made from first."));
        return;
    }
    if (row.settings.empty()) {
        emit failed(what, tr("This row is the model as it is: it has no plan."));
        return;
    }
    const std::string& expected = report.comparison.statsFingerprint;
    if (!expected.empty() && expected != m_workspace.statistics()->fingerprint) {
        emit failed(
            what, tr("%1 was made from other statistics than the open ones (fingerprint %2, not %3); open those.")
                      .arg(report.name, QString::fromStdString(expected),
                           QString::fromStdString(m_workspace.statistics()->fingerprint)));
        return;
    }
    m_workspace.jobs().submit(
        JobLane::Files, QStringLiteral("open-plan"), tr("Plan %1").arg(QString::fromStdString(row.name)),
        [settings = row.settings, file = std::filesystem::path(report.folder.toStdU16String()),
         statistics = m_workspace.plan().sharedStatistics()](const RunContext& context) {
            return prepared(makePlan(*statistics, planOptionsFromJson(settings, file)), statistics, context);
        },
        [this, what, name = QString::fromStdString(row.name)](const JobOutcome<PreparedPlan>& outcome) {
            if (outcome.value)
                m_workspace.plan().replacePlan(*outcome.value, tr("reopen %1").arg(name));
            else if (!outcome.cancelled)
                emit failed(what, outcome.error);
        });
}

void StudioTasks::timeDecoding(int reportIndex, int rowIndex)
{
    const RunReport& report = m_workspace.reports().at(std::size_t(reportIndex));
    const ComparisonRow& row = report.comparison.rows.at(std::size_t(rowIndex));
    const QString what = tr("Decoding was not timed");
    const QString checkpoint = checkpointOf(report, row);
    if (checkpoint.isEmpty()) {
        emit failed(what,
                    tr("This row left no checkpoint behind. Run the comparison again and keep the checkpoints."));
        return;
    }
    const bool onGpu = m_workspace.gpu().kind == GpuState::Kind::Usable;
    CheckOptions options{.batches = {1}};
    if (!onGpu)
        options = shortened(options);
    const QStringList words = latencyArguments(checkpoint, options, onGpu ? gpuDevice() : QStringLiteral("cpu"));
    m_workspace.jobs().submit(
        JobLane::Model, QStringLiteral("time-decoding"),
        tr("Time decoding with %1").arg(QString::fromStdString(row.name)),
        [command = ProcessCommand{m_helper, words}, file = latencyFile(report, row)](const RunContext& context) {
            const QJsonObject answer = runProcess(command, context);
            latencyFromJson(answer); // refuses what could not be read back
            writeAnswer(answer, file);
            return true;
        },
        [this, what, folder = report.folder](const JobOutcome<bool>& outcome) {
            if (outcome.value)
                readReport(folder, true);
            else if (!outcome.cancelled)
                emit failed(what, outcome.error);
        });
}

} // namespace eigenquant
