// SPDX-License-Identifier: GPL-3.0-or-later
// A made-up program that prints, fails, hangs and crashes, in the place of eigenquant.
#include "tests/ui/patience.h"
#include "tests/ui/ui_test.h"
#include "ui/jobs/job_runner.h"
#include "ui/jobs/process_job.h"

#include <QFile>
#include <QTemporaryDir>

#include <csignal>
#include <vector>

using namespace eigenquant;

namespace {

} // namespace

class ProcessJobTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    /// A shell script as the program.
    ProcessCommand script(const QByteArray& body, int patienceMs = 3000)
    {
        static int count = 0;
        const QString path = m_folder.filePath(QStringLiteral("program%1").arg(++count));
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write("#!/bin/sh\n" + body + "\n") < 0)
            qFatal("the script cannot be written");
        file.close();
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        return {path, {}, patienceMs};
    }

    /// What running the program throws.
    static Error failure(const ProcessCommand& command)
    {
        try {
            runProcess(command, {});
        } catch (const Error& error) {
            return error;
        }
        return Error::internal("nothing was thrown");
    }

private slots:
    void theAnswerIsTheObjectThatWasPrinted()
    {
        ProcessCommand command = script("echo remark >&2; printf '{\"words\": \"%s\", \"count\": 3}\\n' \"$1 $2\"");
        command.arguments = {"a b", "--flag"};
        const QJsonObject answer = runProcess(command, {});
        QCOMPARE(answer["words"].toString(), "a b --flag");
        QCOMPARE(answer["count"].toInt(), 3);
    }

    void progressOnStandardErrorIsReported()
    {
        std::vector<Progress> seen;
        const RunContext context{{}, [&](const Progress& progress) { seen.push_back(progress); }};
        runProcess(script("echo 'scoring: 1/1,204 windows (0 %)' >&2; echo 'note: careful' >&2\n"
                          "printf 'scoring: 600/1,204 windows (49 %%), ETA 1:02:09' >&2; echo >&2; echo '{}'"),
                   context);
        QCOMPARE(seen.size(), std::size_t(2));
        QCOMPARE(seen[0].stage, "scoring");
        QCOMPARE(seen[0].unit, "windows");
        QCOMPARE(seen[0].done, 1);
        QCOMPARE(seen[1].done, 600);
        QCOMPARE(seen[1].total, 1204);
    }

    void linesThatAreNoProgress_data()
    {
        QTest::addColumn<QString>("line");
        QTest::newRow("empty") << "";
        QTest::newRow("remark") << "no GPU can be used: no NVIDIA driver is installed";
        QTest::newRow("row") << "batch 16: 3.210 ms a step, 2.31x of FP16";
    }

    void linesThatAreNoProgress()
    {
        QFETCH(QString, line);
        QVERIFY(!progressFromLine(line));
    }

    void progressWithoutATotal()
    {
        const auto progress = progressFromLine("reading: 12,345 tokens");
        QVERIFY(progress);
        QCOMPARE(progress->done, 12345);
        QCOMPARE(progress->total, 0);
        QCOMPARE(progress->unit, "tokens");
    }

    void aFailureIsTheProgramsOwnSentence()
    {
        const Error error = failure(script(
            "echo '{\"error\": {\"code\": 5, \"message\": \"not enough GPU memory: found 1 GiB\"}}'; exit 5"));
        QCOMPARE(QString(error.what()), "not enough GPU memory: found 1 GiB");
        QCOMPARE(error.code(), ErrorCode::Resources);
    }

    void aFailureWithoutAReasonTellsTheLastWords()
    {
        const Error error = failure(script("echo 'loading: 1/2 layers (50 %)' >&2; echo 'cannot go on' >&2; exit 3"));
        const QString message = error.what();
        QVERIFY2(message.contains("exit code 3") && message.contains("cannot go on"), qPrintable(message));
    }

    void aCrashBecomesAMessage()
    {
        const Error error = failure(script("echo 'illegal memory access' >&2; kill -SEGV $$"));
        const QString message = error.what();
        QCOMPARE(error.code(), ErrorCode::Internal);
        QVERIFY2(message.contains("crashed (signal 11)") && message.contains("illegal memory access"),
                 qPrintable(message));
    }

    void anAnswerThatIsNoObjectIsRefused()
    {
        QVERIFY(QString(failure(script("echo hello")).what()).contains("something else"));
        QVERIFY(QString(failure(script("true")).what()).contains("something else"));
        QVERIFY(QString(failure(script("echo '[1]'")).what()).contains("something else"));
    }

    void aProgramThatIsNotThereIsNamed()
    {
        const Error error = failure({m_folder.filePath("nowhere"), {}});
        QCOMPARE(error.code(), ErrorCode::Io);
        QVERIFY(QString(error.what()).contains("nowhere"));
    }

    void muchOutputDoesNotBlock()
    {
        const QJsonObject answer = runProcess(
            script("i=0; while [ $i -lt 3000 ]; do echo 'a long line of noise that nobody asked for' >&2; i=$((i+1)); "
                   "done; printf '{\"text\": \"'; head -c 300000 /dev/zero | tr '\\0' x; printf '\"}'"),
            {});
        QCOMPARE(answer["text"].toString().size(), 300000);
    }

    void aStopEndsAProgramThatHangs_data()
    {
        QTest::addColumn<QByteArray>("body");
        // exec: the shell itself is the one that is to end.
        QTest::newRow("politely") << QByteArray("echo 'waiting: 0/1 turns (0 %)' >&2; exec sleep 600");
        QTest::newRow("by force") << QByteArray("trap '' TERM; echo 'waiting: 0/1 turns (0 %)' >&2; exec sleep 600");
    }

    void aStopEndsAProgramThatHangs()
    {
        QFETCH(QByteArray, body);
        JobRunner runner;
        bool ended = false;
        bool started = false;
        const auto id = runner.submit(
            JobLane::Model, "hang", "Hang",
            [command = script(body, 200)](const RunContext& context) { return runProcess(command, context); },
            [&](const JobOutcome<QJsonObject>& outcome) {
                QVERIFY(outcome.cancelled);
                ended = true;
            });
        QObject::connect(&runner, &JobRunner::jobChanged, &runner,
                         [&](const JobStatus& status) { started = started || status.stage == "waiting"; });
        AWAIT_VERIFY(started);
        runner.cancel(id);
        AWAIT_VERIFY(ended); // long before the script's own end
    }
};

EIGENQUANT_PLAIN_UI_TEST(tst_process_job, ProcessJobTest)
#include "tst_process_job.moc"
