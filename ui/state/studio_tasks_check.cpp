// SPDX-License-Identifier: GPL-3.0-or-later
// Checks: each measurement is a job that waits for a program of its own, so that a GPU that is lost, or a crash, costs
// this measurement and nothing else.
#include "ui/jobs/process_job.h"
#include "ui/state/studio_tasks.h"

#include <algorithm>
#include <utility>

namespace eigenquant {

namespace {

/// The core's sentence without the words that only make sense in a terminal.
QString withoutFlags(QString message)
{
    message.remove(QStringLiteral("device: "));
    message.remove(QStringLiteral("; run with --device cpu"));
    return message;
}

} // namespace

QString StudioTasks::gpuDevice() const
{
    const QString chosen = QString::fromStdString(m_workspace.compute().device);
    return chosen.startsWith(QLatin1String("cuda")) ? chosen : QStringLiteral("cuda");
}

void StudioTasks::lookForGpu()
{
    m_workspace.setGpu({GpuState::Kind::Looking, {}});
    m_workspace.jobs().submit(
        JobLane::Files, QStringLiteral("look-for-gpu"), tr("Look for a GPU"),
        [command = ProcessCommand{m_helper, probeArguments(gpuDevice())}](const RunContext& context) -> GpuState {
            try {
                const LatencyResult result = latencyFromJson(runProcess(command, context));
                return {GpuState::Kind::Usable, QString::fromStdString(result.device)};
            } catch (const Error& error) {
                if (error.isCancelled())
                    throw;
                return {GpuState::Kind::Missing, withoutFlags(QString::fromUtf8(error.what()))};
            }
        },
        [this](const JobOutcome<GpuState>& outcome) {
            m_workspace.setGpu(outcome.value.value_or(GpuState{}));
        });
}

void StudioTasks::check(const CheckOptions& options, bool onGpu)
{
    const CheckSubject subject = m_workspace.checkSubject();
    if (subject.isEmpty() || isChecking())
        return;
    m_checked = subject;
    m_checksGpu = onGpu;
    const QString device = onGpu ? gpuDevice() : QStringLiteral("cpu");
    if (!subject.packed.isEmpty())
        submitCheck(QStringLiteral("check-quantized"), tr("Perplexity of the quantized model"),
                    perplexityArguments(subject.packed, options, device), perplexityFromJson,
                    &WorkspaceResults::quantizedPerplexity);
    if (!subject.original.isEmpty())
        submitCheck(QStringLiteral("check-float"), tr("Perplexity of the float model"),
                    perplexityArguments(subject.original, options, device), perplexityFromJson,
                    &WorkspaceResults::floatPerplexity);
    const QString& timed = subject.packed.isEmpty() ? subject.original : subject.packed;
    submitCheck(QStringLiteral("check-latency"), tr("Latency of decoding"), latencyArguments(timed, options, device),
                latencyFromJson, &WorkspaceResults::latency);
    emit checkStarted();
}

template <typename T>
void StudioTasks::submitCheck(const QString& tag, const QString& title, const QStringList& arguments,
                              T (*read)(const QJsonObject&), std::optional<T> WorkspaceResults::*place)
{
    m_checkJobs.push_back(m_workspace.jobs().submit(
        JobLane::Model, tag, title,
        [command = ProcessCommand{m_helper, arguments}, read](const RunContext& context) {
            return read(runProcess(command, context));
        },
        [this, place](const JobOutcome<T>& outcome) { takeCheck(outcome, place); }));
}

template <typename T>
void StudioTasks::takeCheck(const JobOutcome<T>& outcome, std::optional<T> WorkspaceResults::*place)
{
    // Jobs that are stopped together with a failed one, or by cancelCheck(), have nothing to add.
    if (m_checkJobs.empty())
        return;
    if (!outcome.value) {
        endCheck(outcome.cancelled ? QString() : withoutFlags(outcome.error));
        return;
    }
    if (m_workspace.checkSubject() != m_checked) {
        endCheck(tr("Another model was opened or quantized in the meantime; check it again."));
        return;
    }
    m_checkJobs.erase(m_checkJobs.begin());
    WorkspaceResults results = m_workspace.results();
    results.*place = *outcome.value;
    m_workspace.setResults(std::move(results));
    if (m_checkJobs.empty())
        emit checkEnded({});
}

void StudioTasks::cancelCheck()
{
    if (isChecking())
        endCheck({});
}

void StudioTasks::endCheck(const QString& message)
{
    const auto jobs = std::exchange(m_checkJobs, {});
    // The last first: a queued job must not start in the moment between two cancellations.
    std::for_each(jobs.rbegin(), jobs.rend(), [this](std::uint64_t id) { m_workspace.jobs().cancel(id); });
    // A GPU that was lost, or went away, is not offered again.
    if (!message.isEmpty() && m_checksGpu)
        lookForGpu();
    emit checkEnded(message);
}

} // namespace eigenquant
