// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/state/bit_spreader.h"
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
    /// Opens statistics to look at the open ones beside; an empty path puts them away.
    void compareStatistics(const QString& path);
    /// Reads the selected site's activations at a window of `tokens` tokens of the calibration text.
    void readActivations(int window, int tokens);
    /// Quantizes one linear as the plan says, and keeps how its weights are distributed before and after.
    void measureWeights(LinearId linear);
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
    /// Plans these sites anew, all if there are none named; off the UI thread where it takes a while, as it does with
    /// target bits and for wide models.
    void replan(const PlanOptions& options, const std::vector<int>& rows);
    /// Brings the whole plan to a number of bits as a slider is dragged.
    BitSpreader& bitSpreader() { return m_spreader; }
    /// Reads a plan for planRead(), without taking it over.
    void readPlanFile(const QString& path);
    /// Takes over what `eigenquant sensitivity --json` wrote.
    void loadSensitivity(const QString& path);
    /// Measures every layer of the quantized checkpoint, in a program of its own.
    void measureSensitivity();
    /// Opens the folder of a comparison, finished or not.
    void openComparison(const QString& folder);
    /// Runs `eigenquant compare` in a program of its own; its rows appear as they are done.
    void runComparison(const CompareRequest& request);
    /// Plans the open model as a row of a report was planned, and puts this in the budgets' place.
    void reopenPlan(int report, int row);
    /// Times decoding with the checkpoint that a row left behind, and keeps the figures in the report's folder.
    void timeDecoding(int report, int row);
    /// Quantizes one layer of the plan and measures it on the beginning of the check text. A later call takes the
    /// place of an earlier one, whose outcome is dropped.
    void measureEffect(int layer);

signals:
    /// `what` could not be done, and the core's sentence that says why.
    void failed(const QString& what, const QString& message);
    /// A project file is to be opened.
    void projectChosen(const QString& path);
    /// Something that can be opened again was opened.
    void opened(const QString& path);
    /// A plan for the open statistics, its predictions up to date, and the name of its file.
    void planRead(const eigenquant::Plan& plan, const QString& name);
    void effectMeasured(const eigenquant::LayerEffect& effect);
    /// `message` is empty where it was stopped.
    void effectFailed(const QString& message);
    void checkStarted();
    /// `message` says why it is not complete; empty after a whole one, and after one that was stopped.
    void checkEnded(const QString& message);

private:
    template <typename T>
    bool succeeded(const JobOutcome<T>& outcome, const QString& what);
    /// Puts a plan for the open statistics in the present one's place, as soon as it is predicted.
    void takePlan(const Plan& plan, const QString& text);
    void replaceUnlessChanged(const JobOutcome<PreparedPlan>& outcome, int revision, const QString& text);
    void takeStatistics(std::shared_ptr<const ModelStatistics> statistics, PreparedPlan plan);
    template <typename T>
    void submitCheck(const QString& tag, const QString& title, const QStringList& arguments,
                     T (*read)(const QJsonObject&), std::optional<T> WorkspaceResults::*place);
    template <typename T>
    void takeCheck(const JobOutcome<T>& outcome, std::optional<T> WorkspaceResults::*place);
    void endCheck(const QString& message);
    QString gpuDevice() const;
    /// Stops what works with the present model, if that is allowed; false: it goes on.
    bool stopModelJobs();
    void readReport(const QString& folder, bool complain);
    void takeSensitivity(ModelSensitivity sensitivity);

    Workspace& m_workspace;
    std::function<bool(const QString& title)> m_mayStop;
    QString m_helper;
    BitSpreader m_spreader;
    QTimer m_newRows; ///< while a comparison runs
    CheckSubject m_checked;                   ///< what the running check is of
    bool m_checksGpu = false;
    std::vector<std::uint64_t> m_checkJobs;   ///< of the running check, the next first
};

} // namespace eigenquant
