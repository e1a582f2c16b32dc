// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "ui/jobs/job_status.h"

#include <QObject>
#include <QThreadPool>
#include <QTimer>

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

namespace eigenquant {

/// What a job came to: a value, or the sentence that says why there is none.
template <typename T>
struct JobOutcome {
    std::optional<T> value;
    QString error;
    bool cancelled = false;
};

/// Runs long verbs off the UI thread. A newer request with the same tag replaces the queued one and
/// stops the running one; outcomes of superseded jobs are dropped. Exceptions become outcomes.
/// Lives on, and calls back on, the UI thread.
class JobRunner : public QObject {
    Q_OBJECT

public:
    explicit JobRunner(QObject* parent = nullptr);
    /// Stops everything and waits for it; no callback runs afterwards.
    ~JobRunner() override;

    /// Queues work(const RunContext&) → T, and calls done(JobOutcome<T>) with what it came to.
    template <typename Work, typename Done>
    std::uint64_t submit(JobLane lane, QString tag, QString title, Work work, Done done)
    {
        using T = std::decay_t<std::invoke_result_t<Work, const RunContext&>>;
        auto result = std::make_shared<std::optional<T>>();
        return enqueue(
            lane, std::move(tag), std::move(title),
            [result, work = std::move(work)](const RunContext& context) { result->emplace(work(context)); },
            [result, done = std::move(done)](const QString& error, bool cancelled) {
                done(JobOutcome<T>{std::move(*result), error, cancelled});
            });
    }

    void cancel(std::uint64_t id);
    void cancelAll();
    bool isBusy() const { return !m_jobs.empty(); }
    /// Running and queued jobs, oldest first.
    std::vector<JobStatus> activeJobs() const;

signals:
    /// A job was queued, started, advanced (at most 20 times a second) or ended.
    void jobChanged(const eigenquant::JobStatus& status);

private:
    struct Job;
    using Work = std::function<void(const RunContext&)>;
    using Finish = std::function<void(const QString& error, bool cancelled)>;

    std::uint64_t enqueue(JobLane lane, QString tag, QString title, Work work, Finish finish);
    void supersede(const QString& tag);
    void startNext(JobLane lane);
    void start(const std::shared_ptr<Job>& job);
    void finish(const std::shared_ptr<Job>& job);
    void publishProgress();

    QThreadPool m_pool;
    std::vector<std::shared_ptr<Job>> m_jobs;
    QTimer m_progressTimer;
    std::uint64_t m_lastId = 0;
};

} // namespace eigenquant
