// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/state/check_options.h"
#include "ui/state/workspace.h"

#include <QObject>

#include <functional>

namespace eigenquant {

/// Every verb of the studio: puts the work on the job runner, and the result into the workspace.
class StudioTasks : public QObject {
    Q_OBJECT

public:
    explicit StudioTasks(Workspace& workspace, QObject* parent = nullptr);

    /// Opens what the path is: a model, statistics, a plan, a project or a text; by folder content and suffix.
    void openPath(const QString& path);
    void openDemo();
    void openModel(const QString& path);
    void openStatistics(const QString& path);
    /// The text is used for calibration and, until another is chosen, for checks.
    void openText(const QString& path);
    void loadPlanFile(const QString& path);
    /// Returns whether it was written.
    bool savePlanFile(const QString& path);
    /// Asked before a model or statistics take the place of those that a running job works with, with the job's title:
    /// whether the job may be stopped. Without it nobody is asked, and the newcomer waits for the job.
    void setMayStop(std::function<bool(const QString& title)> mayStop) { m_mayStop = std::move(mayStop); }
    /// Opens the model anew on another device.
    void setDevice(const QString& device);

    void analyze(const AnalyzeOptions& options);
    void quantize(const QuantizeOptions& options);
    /// Perplexity of the checkpoint and of the model it was made from, then the latency of the checkpoint; of the open
    /// model alone where nothing is quantized. Each in a program of its own (see runProcess).
    void check(const CheckOptions& options, bool onGpu);
    void cancelCheck();
    bool isChecking() const { return !m_checkJobs.empty(); }
    /// Finds out whether there is a GPU that works.
    void lookForGpu();
    /// The program that checks are done by; at first the one beside the studio.
    void setHelperProgram(const QString& program) { m_helper = program; }
    void exportQuantized(const ExportOptions& options);
    /// Plans these sites anew, all if there are none named; with target bits off the UI thread, since it takes a while.
    void replan(const PlanOptions& options, const std::vector<int>& rows);

signals:
    /// `what` could not be done, and the core's sentence that says why.
    void failed(const QString& what, const QString& message);
    /// A project file is to be opened.
    void projectChosen(const QString& path);
    /// Something that can be opened again was opened.
    void opened(const QString& path);
    void checkStarted();
    /// `message` says why it is not complete; empty after a whole one, and after one that was stopped.
    void checkEnded(const QString& message);

private:
    template <typename T>
    bool succeeded(const JobOutcome<T>& outcome, const QString& what);
    void takeStatistics(std::shared_ptr<const ModelStatistics> statistics, Plan plan);
    template <typename T>
    void submitCheck(const QString& tag, const QString& title, const QStringList& arguments,
                     T (*read)(const QJsonObject&), std::optional<T> WorkspaceResults::*place);
    template <typename T>
    void takeCheck(const JobOutcome<T>& outcome, std::optional<T> WorkspaceResults::*place);
    void endCheck(const QString& message);
    QString gpuDevice() const;
    /// Stops what works with the present model, if that is allowed; false: it goes on.
    bool stopModelJobs();

    Workspace& m_workspace;
    std::function<bool(const QString& title)> m_mayStop;
    QString m_helper;
    CheckSubject m_checked;                   ///< what the running check is of
    bool m_checksGpu = false;
    std::vector<std::uint64_t> m_checkJobs;   ///< of the running check, the next first
};

} // namespace eigenquant
