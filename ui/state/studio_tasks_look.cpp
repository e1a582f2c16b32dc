// SPDX-License-Identifier: GPL-3.0-or-later
// What is read to be looked at, and changes neither model, statistics nor plan.
#include "ui/state/studio_tasks.h"

#include <QFileInfo>

namespace eigenquant {

void StudioTasks::compareStatistics(const QString& path)
{
    if (path.isEmpty()) {
        m_workspace.setComparedStatistics(nullptr);
        return;
    }
    m_workspace.jobs().submit(
        JobLane::Files, QStringLiteral("compare-statistics"), tr("Open %1 for comparison").arg(QFileInfo(path).fileName()),
        [file = std::filesystem::path(path.toStdU16String())](const RunContext&) { return loadStatistics(file); },
        [this](const JobOutcome<std::shared_ptr<const ModelStatistics>>& outcome) {
            if (outcome.value)
                m_workspace.setComparedStatistics(*outcome.value);
            else if (!outcome.cancelled)
                emit failed(tr("The statistics cannot be compared with"), outcome.error);
        });
}

} // namespace eigenquant
