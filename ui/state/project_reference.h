// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDir>
#include <QJsonArray>
#include <QJsonObject>
#include <QString>

#include <vector>

namespace eigenquant {

/// A file or folder that a project refers to, and how to tell that it is still the same.
struct ProjectReference {
    QString path;        ///< absolute; empty: the project has none
    QString fingerprint; ///< of a model or statistics; empty: not known
    /// Where it was looked for, if it is not there.
    QString missing;
};

/// Relative to the project's folder, and absolute for when the project is moved alone.
QJsonObject referenceToJson(const ProjectReference& reference, const QDir& folder);
/// What lies beside the project is taken before what lies where it was.
ProjectReference referenceFromJson(const QJsonValue& value, const QDir& folder);

QJsonArray referencesToJson(const std::vector<ProjectReference>& references, const QDir& folder);
/// Leaves out what names nothing.
std::vector<ProjectReference> referencesFromJson(const QJsonValue& value, const QDir& folder);

} // namespace eigenquant
