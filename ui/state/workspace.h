// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/session.h"
#include "ui/jobs/job_runner.h"
#include "ui/state/plan_document.h"
#include "ui/state/run_report.h"
#include "ui/state/selection.h"
#include "ui/state/workspace_results.h"

#include <QObject>

#include <memory>
#include <optional>

namespace eigenquant {

/// Whether a GPU can be worked with.
struct GpuState {
    enum class Kind { Unknown, Looking, Usable, Missing };
    Kind kind = Kind::Unknown;
    QString detail; ///< the name of a usable GPU; why one is missing
};

/// What a check is of: a packed checkpoint, the model it was made from, or both. Empty: there is none.
struct CheckSubject {
    QString packed;
    QString original;
    bool isEmpty() const { return packed.isEmpty() && original.isEmpty(); }
    bool operator==(const CheckSubject&) const = default;
};

/// All that is open: model, texts, statistics, plan and results. Pages read it and listen to it; only
/// StudioTasks and the shell change it.
class Workspace : public QObject {
    Q_OBJECT

public:
    explicit Workspace(QObject* parent = nullptr);

    Selection& selection() { return m_selection; }
    PlanDocument& plan() { return m_plan; }
    JobRunner& jobs() { return m_jobs; }

    const std::shared_ptr<ModelSession>& session() const { return m_session; }
    const std::shared_ptr<const ModelStatistics>& statistics() const { return m_statistics; }
    /// Other statistics that the open ones are looked at beside: of another text or model. Null: none.
    const std::shared_ptr<const ModelStatistics>& comparedStatistics() const { return m_comparedStatistics; }
    /// Some tokens at a site of the open model; null until they are read.
    const std::shared_ptr<const ActivationMaps>& activations() const { return m_activations; }
    /// A linear's weights before and after; null until they are measured.
    const std::shared_ptr<const WeightRanges>& weightRanges() const { return m_weightRanges; }
    /// Of the open model, else of the one the statistics describe; null if there is neither.
    const ModelInfo* modelInfo() const;
    /// False if model and statistics are open, and the statistics are of another model.
    bool statisticsMatchModel() const;
    const WorkspaceResults& results() const { return m_results; }
    /// The comparisons that are open, in the order they were opened.
    const std::vector<RunReport>& reports() const { return m_reports; }
    const GpuState& gpu() const { return m_gpu; }
    /// The checkpoint that was just quantized, or is open itself; and the open model that is none.
    CheckSubject checkSubject() const;
    const QString& calibrationText() const { return m_calibrationText; }
    const QString& checkText() const { return m_checkText; }
    /// The MODEL argument that the session was opened with.
    const QString& modelPath() const { return m_modelPath; }
    const ComputeOptions& compute() const { return m_compute; }
    /// "model name — text" for the window's title; empty if nothing is open.
    QString title() const;

    void setSession(std::shared_ptr<ModelSession> session, const QString& path);
    void setStatistics(std::shared_ptr<const ModelStatistics> statistics, PreparedPlan plan);
    void setComparedStatistics(std::shared_ptr<const ModelStatistics> statistics);
    void setActivations(std::shared_ptr<const ActivationMaps> maps);
    void setWeightRanges(std::shared_ptr<const WeightRanges> ranges);
    void setTexts(const QString& calibration, const QString& check);
    void setResults(WorkspaceResults results);
    /// Adds a report, or takes the place of the one of the same folder.
    void addReport(RunReport report);
    void removeReport(int index);
    void setReports(std::vector<RunReport> reports);
    void setDevice(const QString& device);
    void setGpu(GpuState gpu);

signals:
    void modelChanged();
    void statisticsChanged();
    void comparedStatisticsChanged();
    void activationsChanged();
    void weightRangesChanged();
    void textsChanged();
    void resultsChanged();
    void gpuChanged();
    void reportsChanged();

private:
    Selection m_selection;
    PlanDocument m_plan;
    std::shared_ptr<ModelSession> m_session;
    std::shared_ptr<const ModelStatistics> m_statistics;
    std::shared_ptr<const ModelStatistics> m_comparedStatistics;
    std::shared_ptr<const ActivationMaps> m_activations;
    std::shared_ptr<const WeightRanges> m_weightRanges;
    WorkspaceResults m_results;
    std::vector<RunReport> m_reports;
    GpuState m_gpu;
    QString m_modelPath;
    QString m_calibrationText;
    QString m_checkText;
    ComputeOptions m_compute;
    JobRunner m_jobs; // last, so that it stops its jobs before anything else goes
};

} // namespace eigenquant
