// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/job_runner.h"

#include "ui/jobs/progress_bridge.h"

#include <QFutureWatcher>
#include <QPromise>
#include <QtConcurrent>

#include <algorithm>
#include <new>

namespace eigenquant {

/// How a job ended, apart from its value.
struct JobEnd {
    QString error;
    bool cancelled = false;
};

namespace {

constexpr int kProgressIntervalMs = 50;
constexpr int kLaneCount = 2;

JobEnd runGuarded(const std::function<void(const RunContext&)>& work, const RunContext& context)
{
    try {
        work(context);
        return {};
    } catch (const Error& error) {
        return {QString::fromUtf8(error.what()), error.isCancelled()};
    } catch (const std::bad_alloc&) {
        return {JobRunner::tr("There is not enough memory for this; close other programs or choose less text."),
                false};
    } catch (const std::exception& error) {
        return {QString::fromUtf8(error.what()), false};
    } catch (...) {
        return {JobRunner::tr("An unknown failure stopped the job."), false};
    }
}

std::int64_t milliseconds(ProgressBridge::Clock::duration span)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
}

void takeOver(JobStatus& status, const ProgressBridge::Snapshot& snapshot, ProgressBridge::Clock::time_point now)
{
    const Progress& progress = snapshot.progress;
    status.stage = QString::fromStdString(progress.stage);
    status.unit = QString::fromStdString(progress.unit);
    status.done = progress.done;
    status.total = progress.total;
    const std::int64_t advanced = progress.done - snapshot.stageFirst;
    const bool predictable = advanced > 0 && progress.total >= progress.done;
    status.remainingMs =
        predictable ? milliseconds(now - snapshot.stageStarted) * (progress.total - progress.done) / advanced : -1;
}

} // namespace

struct JobRunner::Job {
    JobStatus status;
    Work work;
    Finish finish;
    std::stop_source stop;
    ProgressBridge bridge;
    ProgressBridge::Clock::time_point started;
    QFutureWatcher<JobEnd> watcher;
    bool superseded = false;
};

JobRunner::JobRunner(QObject* parent) : QObject(parent)
{
    qRegisterMetaType<JobStatus>();
    m_pool.setMaxThreadCount(kLaneCount);
    m_progressTimer.setInterval(kProgressIntervalMs);
    connect(&m_progressTimer, &QTimer::timeout, this, &JobRunner::publishProgress);
}

JobRunner::~JobRunner()
{
    for (const auto& job : m_jobs) {
        job->watcher.disconnect(this);
        job->stop.request_stop();
    }
    for (const auto& job : m_jobs)
        job->watcher.waitForFinished();
}

std::uint64_t JobRunner::enqueue(JobLane lane, QString tag, QString title, Work work, Finish finish)
{
    supersede(tag);
    auto job = std::make_shared<Job>();
    job->status.id = ++m_lastId;
    job->status.tag = std::move(tag);
    job->status.title = std::move(title);
    job->status.lane = lane;
    job->work = std::move(work);
    job->finish = std::move(finish);
    m_jobs.push_back(job);
    emit jobChanged(job->status);
    startNext(lane);
    return job->status.id;
}

void JobRunner::supersede(const QString& tag)
{
    const auto jobs = m_jobs;
    for (const auto& job : jobs) {
        if (job->status.tag != tag)
            continue;
        job->superseded = true;
        cancel(job->status.id);
    }
}

void JobRunner::cancel(std::uint64_t id)
{
    const auto found =
        std::find_if(m_jobs.begin(), m_jobs.end(), [&](const auto& job) { return job->status.id == id; });
    if (found == m_jobs.end())
        return;
    const auto job = *found;
    job->stop.request_stop();
    if (job->status.state != JobState::Queued)
        return;
    m_jobs.erase(found);
    job->status.state = JobState::Cancelled;
    emit jobChanged(job->status);
    if (!job->superseded)
        job->finish(tr("stopped on request"), true);
}

void JobRunner::cancelAll()
{
    // Newest first: a queued job must not start in the moment between two cancellations.
    const auto jobs = m_jobs;
    for (auto job = jobs.rbegin(); job != jobs.rend(); ++job)
        cancel((*job)->status.id);
}

std::vector<JobStatus> JobRunner::activeJobs() const
{
    std::vector<JobStatus> result;
    for (const auto& job : m_jobs)
        result.push_back(job->status);
    return result;
}

void JobRunner::startNext(JobLane lane)
{
    const auto inLane = [&](JobState state) {
        return std::find_if(m_jobs.begin(), m_jobs.end(), [&](const auto& job) {
            return job->status.lane == lane && job->status.state == state;
        });
    };
    if (inLane(JobState::Running) != m_jobs.end())
        return;
    if (const auto next = inLane(JobState::Queued); next != m_jobs.end())
        start(*next);
}

void JobRunner::start(const std::shared_ptr<Job>& job)
{
    job->status.state = JobState::Running;
    job->started = ProgressBridge::Clock::now();
    connect(&job->watcher, &QFutureWatcher<JobEnd>::finished, this, [this, id = job->status.id] {
        const auto found =
            std::find_if(m_jobs.begin(), m_jobs.end(), [&](const auto& other) { return other->status.id == id; });
        if (found != m_jobs.end())
            finish(*found);
    });
    job->watcher.setFuture(QtConcurrent::run(&m_pool, [raw = job.get()](QPromise<JobEnd>& promise) {
        // The runner keeps the job until its watcher has finished, so the plain pointer is safe here.
        const RunContext context{raw->stop.get_token(), [raw](const Progress& p) { raw->bridge.report(p); }};
        promise.addResult(runGuarded(raw->work, context));
    }));
    m_progressTimer.start();
    emit jobChanged(job->status);
}

void JobRunner::finish(const std::shared_ptr<Job>& ended)
{
    const auto job = ended;
    const JobEnd end = job->watcher.result();
    std::erase(m_jobs, job);
    JobStatus& status = job->status;
    status.elapsedMs = milliseconds(ProgressBridge::Clock::now() - job->started);
    const bool cancelled = end.cancelled || job->superseded;
    status.state = cancelled ? JobState::Cancelled : end.error.isEmpty() ? JobState::Succeeded : JobState::Failed;
    status.error = end.error;
    status.remainingMs = -1;
    if (std::none_of(m_jobs.begin(), m_jobs.end(),
                     [](const auto& other) { return other->status.state == JobState::Running; }))
        m_progressTimer.stop();
    // The watcher is still inside its own signal: the job may only go once control is back in the event loop.
    QMetaObject::invokeMethod(this, [job] {}, Qt::QueuedConnection);
    emit jobChanged(status);
    if (!job->superseded)
        job->finish(end.error, end.cancelled);
    startNext(status.lane);
}

void JobRunner::publishProgress()
{
    const auto now = ProgressBridge::Clock::now();
    const auto jobs = m_jobs;
    for (const auto& job : jobs) {
        if (job->status.state != JobState::Running)
            continue;
        JobStatus& status = job->status;
        const std::int64_t elapsed = milliseconds(now - job->started);
        const auto snapshot = job->bridge.take();
        // Without news the clock alone moves, once a second.
        if (!snapshot && elapsed / 1000 == status.elapsedMs / 1000)
            continue;
        status.elapsedMs = elapsed;
        if (snapshot)
            takeOver(status, *snapshot, now);
        emit jobChanged(status);
    }
}

} // namespace eigenquant
