// SPDX-License-Identifier: GPL-3.0-or-later
// What is read to be looked at, and changes neither model, statistics nor plan.
#include "ui/state/studio_tasks.h"
#include "ui/text/format.h"

#include <QFileInfo>

namespace eigenquant {

void StudioTasks::compareStatistics(const QString& path)
{
    if (path.isEmpty()) {
        m_workspace.setComparedStatistics(nullptr);
        return;
    }
    m_workspace.jobs().submit(
        JobLane::Files, QStringLiteral("compare-statistics"),
        tr("Open %1 for comparison").arg(QFileInfo(path).fileName()),
        [file = std::filesystem::path(path.toStdU16String())](const RunContext&) { return loadStatistics(file); },
        [this](const JobOutcome<std::shared_ptr<const ModelStatistics>>& outcome) {
            if (outcome.value)
                m_workspace.setComparedStatistics(*outcome.value);
            else if (!outcome.cancelled)
                emit failed(tr("The statistics cannot be compared with"), outcome.error);
        });
}

void StudioTasks::readActivations(int window, int tokens)
{
    const auto session = m_workspace.session();
    const auto statistics = m_workspace.statistics();
    if (!session || !statistics || m_workspace.calibrationText().isEmpty())
        return;
    const SiteId site = m_workspace.selection().site();
    const TextOptions source{std::filesystem::path(m_workspace.calibrationText().toStdU16String()), tokens, 0};
    m_workspace.jobs().submit(
        JobLane::Model, QStringLiteral("read-activations"), tr("Read tokens at %1").arg(text::siteLabel(site)),
        [session, site, source, window,
         stats = std::filesystem::path(statistics->path)](const RunContext& context) {
            return std::make_shared<const ActivationMaps>(
                session->activationMaps(site, source, window, stats, context));
        },
        [this, session](const JobOutcome<std::shared_ptr<const ActivationMaps>>& outcome) {
            if (!outcome.value && !outcome.cancelled)
                emit failed(tr("The tokens were not read"), outcome.error);
            else if (outcome.value && m_workspace.session() == session)
                m_workspace.setActivations(*outcome.value);
        });
}

void StudioTasks::measureWeights(LinearId linear)
{
    const auto session = m_workspace.session();
    if (!session || m_workspace.plan().isEmpty())
        return;
    m_workspace.jobs().submit(
        JobLane::Model, QStringLiteral("measure-weights"),
        tr("Weights of %1").arg(QString::fromStdString(linear.name())),
        [session, linear, plan = m_workspace.plan().plan(),
         stats = std::filesystem::path(m_workspace.statistics()->path)](const RunContext& context) {
            return std::make_shared<const WeightRanges>(session->weightRanges(stats, plan, linear, context));
        },
        [this, session](const JobOutcome<std::shared_ptr<const WeightRanges>>& outcome) {
            if (!outcome.value && !outcome.cancelled)
                emit failed(tr("The weights were not measured"), outcome.error);
            else if (outcome.value && m_workspace.session() == session)
                m_workspace.setWeightRanges(*outcome.value);
        });
}

} // namespace eigenquant
