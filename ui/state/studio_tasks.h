// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/state/workspace.h"

#include <QObject>

namespace eigenquant {

/// Every verb of the studio: puts the work on the job runner, and the result into the workspace.
class StudioTasks : public QObject {
    Q_OBJECT

public:
    explicit StudioTasks(Workspace& workspace, QObject* parent = nullptr);

    /// Opens what the path is: a model, statistics, a plan or a text; by folder content and suffix.
    void openPath(const QString& path);
    void openDemo();
    void openModel(const QString& path);
    void openStatistics(const QString& path);
    /// The text is used for calibration and, until another is chosen, for checks.
    void openText(const QString& path);
    void loadPlanFile(const QString& path);
    /// Returns whether it was written.
    bool savePlanFile(const QString& path);
    /// Opens the model anew on another device.
    void setDevice(const QString& device);

    void analyze(const AnalyzeOptions& options);
    void quantize(const QuantizeOptions& options);
    /// Perplexity of the open model and, if it was quantized, of the checkpoint.
    void measure(const TextOptions& text, bool floatModel, bool quantizedModel);
    void exportQuantized(const ExportOptions& options);
    /// Plans these sites anew, all if there are none named; with target bits off the UI thread, since it takes a while.
    void replan(const PlanOptions& options, const std::vector<int>& rows);

signals:
    /// `what` could not be done, and the core's sentence that says why.
    void failed(const QString& what, const QString& message);
    /// Something that can be opened again was opened.
    void opened(const QString& path);

private:
    template <typename T>
    bool succeeded(const JobOutcome<T>& outcome, const QString& what);
    void takeStatistics(std::shared_ptr<const ModelStatistics> statistics, Plan plan);
    void measureFloat(const TextOptions& text);
    void measureQuantized(const TextOptions& text);

    Workspace& m_workspace;
};

} // namespace eigenquant
