// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"
#include "ui/state/project_reference.h"
#include "ui/state/project_results.h"

#include <QJsonObject>
#include <QString>

#include <optional>

namespace eigenquant {

/// All that a project file says: what was open, the plan as it was edited, and what came of it.
struct Project {
    ProjectReference model, statistics, comparedStatistics, calibrationText, checkText;
    std::optional<Plan> plan; ///< its predictions have to be made anew
    WorkspaceResults results;
    MissingFolders missingFolders;
    std::vector<ProjectReference> reports; ///< folders of comparisons, in the order they were opened
    SiteId site;
    QString page;
    QString recoveredFrom; ///< in a recovery file: the project that was being edited; may be empty
    QJsonObject unknown;   ///< keys that this version does not know; they are written again
};

inline constexpr int kProjectVersion = 1;
inline constexpr char kProjectSuffix[] = "eigenquant";

/// The JSON text of a project file at `file`: paths relative to its folder, and absolute for when it is moved alone.
QByteArray projectToJson(const Project& project, const QString& file);
/// Throws Error: Invalid for what is no project or is damaged, Unsupported for one of a newer version.
Project projectFromJson(const QByteArray& json, const QString& file);

/// Whole or not at all. Throws Error::io.
void saveProject(const Project& project, const QString& file);
Project loadProject(const QString& file);

} // namespace eigenquant
