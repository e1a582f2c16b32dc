// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/project_file.h"

#include "core/session/session.h"
#include "ui/state/project_results.h"
#include "ui/text/format.h"
#include "ui/state/write_whole.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>

namespace eigenquant {

namespace {

constexpr qint64 kLargest = 256 << 20; // a project of a model with a thousand layers is far below
const QString kFormat = QStringLiteral("eigenquant-project");
const QStringList kKnown{
    QStringLiteral("format"),     QStringLiteral("version"), QStringLiteral("model"),
    QStringLiteral("statistics"), QStringLiteral("texts"),   QStringLiteral("plan"),
    QStringLiteral("results"),    QStringLiteral("reports"), QStringLiteral("compared_statistics"),
    QStringLiteral("view"),       QStringLiteral("recovered_from")};

QJsonObject readObject(const QByteArray& json, const QString& file)
{
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(json, &problem);
    if (problem.error != QJsonParseError::NoError || !document.isObject())
        throw Error::invalid("the project file is damaged")
            .file(file.toStdString())
            .found(problem.error == QJsonParseError::NoError
                       ? "no JSON object"
                       : problem.errorString().toStdString() + " at byte " + std::to_string(problem.offset))
            .hint("take it from a backup, or open model and statistics and save a new project");
    const QJsonObject object = document.object();
    if (object[QLatin1String("format")].toString() != kFormat)
        throw Error::invalid("this is no project file")
            .file(file.toStdString())
            .field("format")
            .expected("\"" + kFormat.toStdString() + "\"")
            .hint("plans are opened with Load plan");
    const int version = object[QLatin1String("version")].toInt();
    if (version > kProjectVersion)
        throw Error::unsupported("the project was saved by a newer version of this program")
            .file(file.toStdString())
            .field("version")
            .found(std::to_string(version))
            .expected("at most " + std::to_string(kProjectVersion))
            .hint("update this program; the file was not changed");
    if (version < 1)
        throw Error::invalid("the project file has no version").file(file.toStdString()).field("version");
    return object;
}

} // namespace

QByteArray projectToJson(const Project& project, const QString& file)
{
    const QDir folder = QFileInfo(file).absoluteDir();
    QJsonObject object = project.unknown;
    object[QLatin1String("format")] = kFormat;
    object[QLatin1String("version")] = kProjectVersion;
    object[QLatin1String("model")] = referenceToJson(project.model, folder);
    object[QLatin1String("statistics")] = referenceToJson(project.statistics, folder);
    object[QLatin1String("texts")] =
        QJsonObject{{QStringLiteral("calibration"), referenceToJson(project.calibrationText, folder)},
                    {QStringLiteral("check"), referenceToJson(project.checkText, folder)}};
    if (project.plan)
        object[QLatin1String("plan")] =
            QJsonDocument::fromJson(QByteArray::fromStdString(planToJson(*project.plan))).object();
    object[QLatin1String("results")] = resultsToJson(project.results, folder);
    object[QLatin1String("reports")] = referencesToJson(project.reports, folder);
    object[QLatin1String("compared_statistics")] = referenceToJson(project.comparedStatistics, folder);
    object[QLatin1String("view")] = QJsonObject{{QStringLiteral("layer"), project.site.layer},
                                                {QStringLiteral("site"), text::siteName(project.site.site)},
                                                {QStringLiteral("page"), project.page}};
    if (!project.recoveredFrom.isNull())
        object[QLatin1String("recovered_from")] = project.recoveredFrom;
    return QJsonDocument(object).toJson();
}

Project projectFromJson(const QByteArray& json, const QString& file)
{
    QJsonObject object = readObject(json, file);
    const QDir folder = QFileInfo(file).absoluteDir();
    Project project;
    project.model = referenceFromJson(object[QLatin1String("model")], folder);
    project.statistics = referenceFromJson(object[QLatin1String("statistics")], folder);
    project.calibrationText = referenceFromJson(object[QLatin1String("texts")][QLatin1String("calibration")], folder);
    project.checkText = referenceFromJson(object[QLatin1String("texts")][QLatin1String("check")], folder);
    if (const QJsonValue plan = object[QLatin1String("plan")]; plan.isObject())
        project.plan = planFromJson(QJsonDocument(plan.toObject()).toJson().toStdString(),
                                    std::filesystem::path(file.toStdU16String()));
    project.results = resultsFromJson(object[QLatin1String("results")], folder, project.missingFolders);
    project.reports = referencesFromJson(object[QLatin1String("reports")], folder);
    project.comparedStatistics = referenceFromJson(object[QLatin1String("compared_statistics")], folder);
    const QJsonValue view = object[QLatin1String("view")];
    project.site.layer = view[QLatin1String("layer")].toInt();
    if (const auto site = siteFromName(view[QLatin1String("site")].toString().toStdString()))
        project.site.site = *site;
    project.page = view[QLatin1String("page")].toString();
    project.recoveredFrom = object[QLatin1String("recovered_from")].toString();
    for (const QString& key : kKnown)
        object.remove(key);
    project.unknown = object;
    return project;
}

void saveProject(const Project& project, const QString& file)
{
    const QByteArray bytes = projectToJson(project, file);
    writeWhole(file, bytes, "the project could not be saved");
}

Project loadProject(const QString& file)
{
    QFile in(file);
    if (!in.open(QIODevice::ReadOnly))
        throw Error::io("the project cannot be read")
            .file(file.toStdString())
            .found(in.errorString().toStdString());
    if (in.size() > kLargest)
        throw Error::invalid("this is no project file")
            .file(file.toStdString())
            .found(std::to_string(in.size()) + " bytes");
    return projectFromJson(in.readAll(), file);
}

} // namespace eigenquant
