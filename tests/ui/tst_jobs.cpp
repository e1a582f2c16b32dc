// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/patience.h"
#include "tests/ui/ui_test.h"
#include "ui/jobs/job_runner.h"

#include <QSignalSpy>

#include <atomic>
#include <chrono>
#include <semaphore>
#include <stdexcept>
#include <thread>

using namespace eigenquant;

namespace {

/// Works until it is stopped.
int workUntilStopped(const RunContext& context)
{
    for (;;) {
        context.checkpoint();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

} // namespace

class JobsTest : public QObject {
    Q_OBJECT

private slots:
    void valueArrivesOnTheUiThread()
    {
        JobRunner runner;
        std::optional<int> value;
        Qt::HANDLE workThread = nullptr;
        Qt::HANDLE doneThread = nullptr;
        runner.submit(
            JobLane::Files, "answer", "Answer",
            [&](const RunContext&) {
                workThread = QThread::currentThreadId();
                return 42;
            },
            [&](const JobOutcome<int>& outcome) {
                doneThread = QThread::currentThreadId();
                value = outcome.value;
            });
        AWAIT_COMPARE(value, std::optional(42));
        QCOMPARE(doneThread, QThread::currentThreadId());
        QVERIFY(workThread != doneThread);
        QVERIFY(!runner.isBusy());
    }

    void errorsBecomeOutcomes()
    {
        JobRunner runner;
        QStringList errors;
        const auto note = [&](const JobOutcome<int>& outcome) {
            QVERIFY(!outcome.value);
            QVERIFY(!outcome.cancelled);
            errors << outcome.error;
        };
        runner.submit(
            JobLane::Model, "a", "A",
            [](const RunContext&) -> int { throw Error::invalid("the tensor is truncated").file("m.gguf"); }, note);
        runner.submit(
            JobLane::Model, "b", "B", [](const RunContext&) -> int { throw std::runtime_error("plain"); }, note);
        runner.submit(
            JobLane::Model, "c", "C", [](const RunContext&) -> int { throw std::bad_alloc(); }, note);
        runner.submit(
            JobLane::Model, "d", "D", [](const RunContext&) -> int { throw 1; }, note);
        AWAIT_COMPARE(errors.size(), 4);
        QCOMPARE(errors[0], "m.gguf: the tensor is truncated");
        QCOMPARE(errors[1], "plain");
        QVERIFY(errors[2].contains("memory"));
        QVERIFY(!errors[3].isEmpty());
    }

    void cancelStopsARunningJob()
    {
        JobRunner runner;
        bool cancelled = false;
        const auto id = runner.submit(JobLane::Model, "long", "Long", workUntilStopped,
                                      [&](const JobOutcome<int>& outcome) { cancelled = outcome.cancelled; });
        AWAIT_VERIFY(runner.activeJobs().front().state == JobState::Running);
        runner.cancel(id);
        AWAIT_VERIFY(cancelled);
        QVERIFY(!runner.isBusy());
    }

    void newerRequestReplacesQueuedAndRunningOfTheSameTag()
    {
        JobRunner runner;
        std::atomic<int> startedSecond = 0;
        QList<int> outcomes;
        const auto done = [&](const JobOutcome<int>& outcome) {
            if (outcome.value)
                outcomes << *outcome.value;
            else
                outcomes << -1;
        };
        runner.submit(JobLane::Model, "same", "First", workUntilStopped, done);
        runner.submit(
            JobLane::Model, "same", "Second",
            [&](const RunContext&) {
                ++startedSecond;
                return 2;
            },
            done);
        runner.submit(
            JobLane::Model, "same", "Third", [](const RunContext&) { return 3; }, done);
        AWAIT_COMPARE(outcomes, QList<int>{3});
        AWAIT_VERIFY(!runner.isBusy());
        QCOMPARE(outcomes, QList<int>{3});
        QCOMPARE(startedSecond.load(), 0);
    }

    void oneJobOfALaneAtATime()
    {
        JobRunner runner;
        std::atomic<int> running = 0;
        std::atomic<int> most = 0;
        int finished = 0;
        for (int i = 0; i < 5; ++i)
            runner.submit(
                JobLane::Model, QString::number(i), "Job",
                [&](const RunContext&) {
                    most = std::max(most.load(), ++running);
                    std::this_thread::sleep_for(std::chrono::milliseconds(5));
                    --running;
                    return 0;
                },
                [&](const JobOutcome<int>&) { ++finished; });
        AWAIT_COMPARE(finished, 5);
        QCOMPARE(most.load(), 1);
    }

    void filesDoNotWaitForTheModel()
    {
        JobRunner runner;
        bool opened = false;
        const auto id =
            runner.submit(JobLane::Model, "long", "Long", workUntilStopped, [](const JobOutcome<int>&) {});
        runner.submit(
            JobLane::Files, "open", "Open", [](const RunContext&) { return true; },
            [&](const JobOutcome<bool>& outcome) { opened = outcome.value.value_or(false); });
        AWAIT_VERIFY(opened);
        runner.cancel(id);
    }

    void progressIsThrottled()
    {
        JobRunner runner;
        QSignalSpy spy(&runner, &JobRunner::jobChanged);
        bool finished = false;
        runner.submit(
            JobLane::Model, "chatty", "Chatty",
            [](const RunContext& context) {
                const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
                std::int64_t done = 0;
                while (std::chrono::steady_clock::now() < end)
                    context.report("counting", "steps", ++done, 1LL << 40);
                return done;
            },
            [&](const JobOutcome<std::int64_t>& outcome) {
                QVERIFY(outcome.value.value_or(0) > 1000);
                finished = true;
            });
        AWAIT_VERIFY(finished);
        // Queued, running and ended, and between them at most one every 50 ms.
        QVERIFY2(spy.size() >= 4 && spy.size() <= 3 + 12, qPrintable(QString::number(spy.size())));
        const auto middle = spy.at(spy.size() - 2).front().value<JobStatus>();
        QCOMPARE(middle.stage, "counting");
        QCOMPARE(middle.unit, "steps");
        QVERIFY(middle.done > 0);
    }

    void destroyingTheRunnerStopsItsJobs()
    {
        std::atomic<bool> ended = false;
        bool called = false;
        {
            JobRunner runner;
            runner.submit(
                JobLane::Model, "long", "Long",
                [&](const RunContext& context) {
                    try {
                        return workUntilStopped(context);
                    } catch (...) {
                        ended = true;
                        throw;
                    }
                },
                [&](const JobOutcome<int>&) { called = true; });
            AWAIT_VERIFY(runner.activeJobs().front().state == JobState::Running);
        }
        QVERIFY(ended);
        QCoreApplication::processEvents();
        QVERIFY(!called);
    }
};

EIGENQUANT_PLAIN_UI_TEST(tst_jobs, JobsTest)
#include "tst_jobs.moc"
