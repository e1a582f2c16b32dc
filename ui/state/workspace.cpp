// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/workspace.h"

#include <QFileInfo>

#include <algorithm>

namespace eigenquant {

Workspace::Workspace(QObject* parent) : QObject(parent) {}

const ModelInfo* Workspace::modelInfo() const
{
    if (m_session)
        return &m_session->info();
    return m_statistics ? &m_statistics->model : nullptr;
}

bool Workspace::statisticsMatchModel() const
{
    return !m_session || !m_statistics || m_session->info().fingerprint == m_statistics->model.fingerprint;
}

QString Workspace::title() const
{
    const ModelInfo* model = modelInfo();
    return model ? QString::fromStdString(model->name) : QString();
}

void Workspace::setSession(std::shared_ptr<ModelSession> session, const QString& path)
{
    m_session = std::move(session);
    m_modelPath = path;
    emit modelChanged();
    setActivations(nullptr);
    setWeightRanges(nullptr);
    setResults({});
}

void Workspace::setStatistics(std::shared_ptr<const ModelStatistics> statistics, PreparedPlan plan)
{
    m_statistics = std::move(statistics);
    m_selection.setLayerCount(m_statistics ? int(m_statistics->sites.size() / kAllSites.size()) : 0);
    m_plan.reset(m_statistics, std::move(plan));
    emit statisticsChanged();
}

void Workspace::setComparedStatistics(std::shared_ptr<const ModelStatistics> statistics)
{
    m_comparedStatistics = std::move(statistics);
    emit comparedStatisticsChanged();
}

void Workspace::setActivations(std::shared_ptr<const ActivationMaps> maps)
{
    m_activations = std::move(maps);
    emit activationsChanged();
}

void Workspace::setWeightRanges(std::shared_ptr<const WeightRanges> ranges)
{
    m_weightRanges = std::move(ranges);
    emit weightRangesChanged();
}

void Workspace::setTexts(const QString& calibration, const QString& check)
{
    m_calibrationText = calibration;
    m_checkText = check;
    emit textsChanged();
}

void Workspace::setResults(WorkspaceResults results)
{
    m_results = std::move(results);
    emit resultsChanged();
}

void Workspace::addReport(RunReport report)
{
    const auto same = std::ranges::find(m_reports, report.folder, &RunReport::folder);
    if (same != m_reports.end())
        *same = std::move(report);
    else
        m_reports.push_back(std::move(report));
    emit reportsChanged();
}

void Workspace::removeReport(int index)
{
    if (index < 0 || index >= int(m_reports.size()))
        return;
    m_reports.erase(m_reports.begin() + index);
    emit reportsChanged();
}

void Workspace::setReports(std::vector<RunReport> reports)
{
    m_reports = std::move(reports);
    emit reportsChanged();
}

void Workspace::setGpu(GpuState gpu)
{
    m_gpu = std::move(gpu);
    emit gpuChanged();
}

CheckSubject Workspace::checkSubject() const
{
    const bool isPacked = m_session && m_session->info().sourceFormat == "eigenquant";
    CheckSubject subject;
    if (m_session)
        (isPacked ? subject.packed : subject.original) = m_modelPath;
    if (m_results.quantized)
        subject.packed = QString::fromStdString(m_results.quantized->directory);
    return subject;
}

void Workspace::setDevice(const QString& device)
{
    m_compute.device = device.toStdString();
}

} // namespace eigenquant
