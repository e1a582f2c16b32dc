// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/project_reference.h"

#include <QFileInfo>

namespace eigenquant {

namespace {

bool isWord(const QString& path)
{
    return path == QLatin1String("demo"); // a MODEL argument that is no path
}

} // namespace

QJsonObject referenceToJson(const ProjectReference& reference, const QDir& folder)
{
    QJsonObject object;
    if (reference.path.isEmpty())
        return object;
    object[QLatin1String("absolute")] = reference.path;
    if (!isWord(reference.path))
        object[QLatin1String("relative")] = folder.relativeFilePath(reference.path);
    if (!reference.fingerprint.isEmpty())
        object[QLatin1String("fingerprint")] = reference.fingerprint;
    return object;
}

ProjectReference referenceFromJson(const QJsonValue& value, const QDir& folder)
{
    ProjectReference reference;
    reference.fingerprint = value[QLatin1String("fingerprint")].toString();
    const QString relative = value[QLatin1String("relative")].toString();
    const QString absolute = value[QLatin1String("absolute")].toString();
    const QString beside = relative.isEmpty() ? QString() : QDir::cleanPath(folder.absoluteFilePath(relative));
    if (isWord(absolute) || (beside.isEmpty() && absolute.isEmpty())) {
        reference.path = absolute;
        return reference;
    }
    // Beside the project first: a folder that was copied as a whole must not reach back to the original.
    for (const QString& path : {beside, absolute})
        if (!path.isEmpty() && QFileInfo::exists(path)) {
            reference.path = path;
            return reference;
        }
    reference.path = absolute.isEmpty() ? beside : absolute;
    reference.missing =
        beside.isEmpty() || beside == absolute ? reference.path : beside + QStringLiteral(", ") + reference.path;
    return reference;
}

QJsonArray referencesToJson(const std::vector<ProjectReference>& references, const QDir& folder)
{
    QJsonArray array;
    for (const ProjectReference& reference : references)
        array.append(referenceToJson(reference, folder));
    return array;
}

std::vector<ProjectReference> referencesFromJson(const QJsonValue& value, const QDir& folder)
{
    std::vector<ProjectReference> references;
    for (const QJsonValue& entry : value.toArray())
        if (ProjectReference reference = referenceFromJson(entry, folder); !reference.path.isEmpty())
            references.push_back(std::move(reference));
    return references;
}

} // namespace eigenquant
