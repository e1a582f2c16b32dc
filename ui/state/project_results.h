// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/state/workspace_results.h"

#include <QDir>
#include <QJsonObject>
#include <QString>

namespace eigenquant {

/// Folders that results speak of and that are not there any more: where they were looked for. Empty: there.
struct MissingFolders {
    QString checkpoint;
    QString exported;
};

/// The results as a project in `folder` keeps them.
QJsonObject resultsToJson(const WorkspaceResults& results, const QDir& folder);
/// What is not understood is left out; what is not there is named in `missing`, and its figures are read all the same.
WorkspaceResults resultsFromJson(const QJsonValue& value, const QDir& folder, MissingFolders& missing);

/// `results` without what rests on a folder that is missing.
WorkspaceResults withoutMissing(WorkspaceResults results, const MissingFolders& missing);
/// `results`, and what withoutMissing() took from `kept`, where nothing newer has taken its place.
WorkspaceResults withMissing(WorkspaceResults results, const WorkspaceResults& kept, const MissingFolders& missing);

} // namespace eigenquant
