// SPDX-License-Identifier: GPL-3.0-or-later
// What is measured of the plan's layers, and plans that are only looked at.
#include "ui/jobs/process_job.h"
#include "ui/state/measurements.h"
#include "ui/state/studio_tasks.h"
#include "ui/text/format.h"

#include <QFileInfo>

namespace eigenquant {

namespace {

// Short enough to be told while one waits.
constexpr int kEffectContext = 256, kEffectWindows = 2;

} // namespace

void StudioTasks::readPlanFile(const QString& path)
{
    if (m_workspace.plan().isEmpty())
        return;
    m_workspace.jobs().submit(
        JobLane::Files, QStringLiteral("read-plan"), tr("Read %1").arg(QFileInfo(path).fileName()),
        [file = text::toPath(path), statistics = m_workspace.plan().sharedStatistics()](const RunContext&) {
            Plan plan = loadPlan(file);
            validatePlan(plan, *statistics);
            predict(plan, *statistics);
            return plan;
        },
        [this, path](const JobOutcome<Plan>& outcome) {
            if (outcome.value)
                emit planRead(*outcome.value, QFileInfo(path).fileName());
            else if (!outcome.cancelled)
                emit failed(tr("The plan cannot be compared"), outcome.error);
        });
}

void StudioTasks::loadSensitivity(const QString& path)
{
    try {
        takeSensitivity(eigenquant::loadSensitivity(path));
    } catch (const Error& error) {
        emit failed(tr("The sensitivity cannot be opened"), QString::fromUtf8(error.what()));
    }
}

void StudioTasks::takeSensitivity(ModelSensitivity sensitivity)
{
    const ModelInfo* model = m_workspace.modelInfo();
    if (!model)
        throw Error::usage("nothing is open that it could be of").hint("open the statistics of the model first");
    if (int(sensitivity.layers.size()) != model->layers)
        throw Error::invalid("this sensitivity is of another model")
            .found(std::to_string(sensitivity.layers.size()) + " layers")
            .expected(std::to_string(model->layers));
    WorkspaceResults results = m_workspace.results();
    results.sensitivity = std::move(sensitivity);
    m_workspace.setResults(std::move(results));
}

void StudioTasks::measureSensitivity()
{
    const CheckSubject subject = m_workspace.checkSubject();
    const QString text =
        m_workspace.checkText().isEmpty() ? m_workspace.calibrationText() : m_workspace.checkText();
    const QString what = tr("The sensitivity was not measured");
    if (subject.packed.isEmpty() || subject.original.isEmpty()) {
        emit failed(what,
                    tr("It is measured of a checkpoint beside its model: open the model and quantize it first."));
        return;
    }
    if (text.isEmpty()) {
        emit failed(what, tr("Choose a text to measure it on first: File, Open text."));
        return;
    }
    const QString device = QString::fromStdString(m_workspace.compute().device);
    m_workspace.jobs().submit(
        JobLane::Model, QStringLiteral("sensitivity"), tr("Sensitivity of every layer"),
        [command = ProcessCommand{m_helper, sensitivityArguments(subject, text, device)}](
            const RunContext& context) { return sensitivityFromJson(runProcess(command, context)); },
        [this, what](const JobOutcome<ModelSensitivity>& outcome) {
            try {
                if (outcome.value)
                    takeSensitivity(*outcome.value);
                else if (!outcome.cancelled)
                    emit failed(what, outcome.error);
            } catch (const Error& error) {
                emit failed(what, QString::fromUtf8(error.what()));
            }
        });
}

void StudioTasks::measureEffect(int layer)
{
    const auto session = m_workspace.session();
    const QString file =
        m_workspace.checkText().isEmpty() ? m_workspace.calibrationText() : m_workspace.checkText();
    if (!session || m_workspace.plan().isEmpty() || file.isEmpty())
        return;
    const TextOptions text{.file = file.toStdU16String(), .context = kEffectContext, .windows = kEffectWindows};
    m_workspace.jobs().submit(
        JobLane::Model, QStringLiteral("effect"), tr("Effect of layer %1").arg(layer),
        [session, layer, text, plan = m_workspace.plan().plan(),
         stats = std::filesystem::path(m_workspace.statistics()->path)](const RunContext& context) {
            return session->effect(stats, plan, layer, text, context);
        },
        [this](const JobOutcome<LayerEffect>& outcome) {
            if (outcome.value)
                emit effectMeasured(*outcome.value);
            else
                emit effectFailed(outcome.cancelled ? QString() : outcome.error);
        });
}

} // namespace eigenquant
