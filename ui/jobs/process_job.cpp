// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/process_job.h"

#include <QCoreApplication>
#include <QDir>
#include <QJsonDocument>
#include <QProcess>
#include <QRegularExpression>

#include <csignal>
#include <sys/prctl.h>

namespace eigenquant {

namespace {

constexpr int kStartMs = 10000;
constexpr int kPollMs = 50; // how late a stop may be seen

/// What a program says on standard error: progress goes to the job, the last other line is kept for a failure.
class ErrorStream {
public:
    explicit ErrorStream(const RunContext& context) : m_context(context) {}

    void take(const QByteArray& bytes)
    {
        m_rest += bytes;
        for (qsizetype end = m_rest.indexOf('\n'); end >= 0; end = m_rest.indexOf('\n')) {
            takeLine(QString::fromUtf8(m_rest.first(end)).trimmed());
            m_rest.remove(0, end + 1);
        }
    }
    QString lastWords() const
    {
        const QString rest = QString::fromUtf8(m_rest).trimmed();
        return rest.isEmpty() ? m_lastWords : rest;
    }

private:
    void takeLine(const QString& line)
    {
        const auto progress = progressFromLine(line);
        if (progress && m_context.onProgress)
            m_context.onProgress(*progress);
        else if (!progress && !line.isEmpty())
            m_lastWords = line;
    }

    const RunContext& m_context;
    QByteArray m_rest;
    QString m_lastWords;
};

void start(QProcess& process, const ProcessCommand& command)
{
    process.setProgram(command.program);
    process.setArguments(command.arguments);
    process.setStandardInputFile(QProcess::nullDevice());
    // Should the studio itself go down, what it started goes with it.
    process.setChildProcessModifier([] { prctl(PR_SET_PDEATHSIG, SIGTERM); });
    process.start();
    if (!process.waitForStarted(kStartMs))
        throw Error::io("the program that does the work cannot be started: " + process.errorString().toStdString())
            .file(command.program.toStdString())
            .hint("install eigenquant beside the studio");
}

void end(QProcess& process, int patienceMs)
{
    process.terminate();
    if (process.waitForFinished(patienceMs))
        return;
    process.kill();
    process.waitForFinished(-1);
}

/// What a program that did not succeed said about it.
Error failureOf(const QProcess& process, const QJsonObject& answer, const QString& lastWords)
{
    const QJsonObject error = answer.value(QLatin1String("error")).toObject();
    const QString message = error.value(QLatin1String("message")).toString();
    if (process.exitStatus() == QProcess::NormalExit && !message.isEmpty())
        return {ErrorCode(error.value(QLatin1String("code")).toInt(int(ErrorCode::Internal))), message.toStdString()};
    const bool crashed = process.exitStatus() == QProcess::CrashExit;
    const std::string summary =
        crashed ? "the program that did the work crashed (signal " + std::to_string(process.exitCode()) +
                      "); the studio is not affected"
                : "the program that did the work failed without a reason (exit code " +
                      std::to_string(process.exitCode()) + ")";
    Error failure = Error::internal(summary);
    if (!lastWords.isEmpty())
        failure.hint("its last words were \"" + lastWords.toStdString() + "\"");
    return failure;
}

} // namespace

QJsonObject runProcess(const ProcessCommand& command, const RunContext& context)
{
    context.checkpoint();
    QProcess process;
    start(process, command);
    ErrorStream errors(context);
    while (!process.waitForFinished(kPollMs) && process.state() != QProcess::NotRunning) {
        errors.take(process.readAllStandardError());
        if (context.stop.stop_requested()) {
            end(process, command.patienceMs);
            throw Error::cancelled();
        }
    }
    errors.take(process.readAllStandardError());
    QJsonParseError problem;
    const QJsonDocument answer = QJsonDocument::fromJson(process.readAllStandardOutput(), &problem);
    if (process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0)
        throw failureOf(process, answer.object(), errors.lastWords());
    if (!answer.isObject())
        throw Error::internal("the program that did the work answered something else than an object: " +
                              problem.errorString().toStdString())
            .file(command.program.toStdString());
    return answer.object();
}

std::optional<Progress> progressFromLine(const QString& line)
{
    static const QRegularExpression kPattern(
        QStringLiteral(R"(^(.+?): ([\d,]+)(?:/([\d,]+))?(?: ([^(,]+?))?(?: \(\d+ %\))?(?:, ETA [\d:]+)?$)"));
    const QRegularExpressionMatch match = kPattern.match(line);
    if (!match.hasMatch())
        return std::nullopt;
    const auto count = [&](int group) { return match.captured(group).remove(QLatin1Char(',')).toLongLong(); };
    return Progress{match.captured(1).toStdString(), match.captured(4).toStdString(), count(2), count(3)};
}

QString helperProgram()
{
    return QDir(QCoreApplication::applicationDirPath()).filePath(QStringLiteral("eigenquant"));
}

} // namespace eigenquant
