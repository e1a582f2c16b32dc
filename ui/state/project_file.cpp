// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/project_file.h"

#include "core/session/session.h"
#include "ui/text/format.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSaveFile>

namespace eigenquant {

namespace {

constexpr qint64 kLargest = 256 << 20; // a project of a model with a thousand layers is far below
const QString kFormat = QStringLiteral("eigenquant-project");
const QStringList kKnown{
    QStringLiteral("format"),     QStringLiteral("version"), QStringLiteral("model"),
    QStringLiteral("statistics"), QStringLiteral("texts"),   QStringLiteral("plan"),
    QStringLiteral("results"),    QStringLiteral("view"),    QStringLiteral("recovered_from")};

bool isWord(const QString& path)
{
    return path == QLatin1String("demo"); // a MODEL argument that is no path
}

QJsonObject toJson(const ProjectReference& reference, const QDir& folder)
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

ProjectReference referenceFrom(const QJsonValue& value, const QDir& folder)
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

QJsonObject toJson(const PerplexityResult& result)
{
    return {{QStringLiteral("perplexity"), result.perplexity},
            {QStringLiteral("stderr"), result.standardError},
            {QStringLiteral("windows"), result.windows},
            {QStringLiteral("context"), result.context},
            {QStringLiteral("tokens_scored"), qint64(result.tokensScored)},
            {QStringLiteral("tokens_total"), qint64(result.tokensTotal)},
            {QStringLiteral("seconds"), result.seconds},
            {QStringLiteral("device"), QString::fromStdString(result.device)},
            {QStringLiteral("dtype"), QString::fromStdString(result.dtype)},
            {QStringLiteral("kernels"), QString::fromStdString(result.kernels)},
            {QStringLiteral("text_hash"), QString::fromStdString(result.textHash)}};
}

std::optional<PerplexityResult> perplexityFrom(const QJsonValue& value)
{
    if (!value.isObject())
        return {};
    PerplexityResult result;
    result.perplexity = value[QLatin1String("perplexity")].toDouble();
    result.standardError = value[QLatin1String("stderr")].toDouble();
    result.windows = value[QLatin1String("windows")].toInt();
    result.context = value[QLatin1String("context")].toInt();
    result.tokensScored = value[QLatin1String("tokens_scored")].toInteger();
    result.tokensTotal = value[QLatin1String("tokens_total")].toInteger();
    result.seconds = value[QLatin1String("seconds")].toDouble();
    result.device = value[QLatin1String("device")].toString().toStdString();
    result.dtype = value[QLatin1String("dtype")].toString().toStdString();
    result.kernels = value[QLatin1String("kernels")].toString().toStdString();
    result.textHash = value[QLatin1String("text_hash")].toString().toStdString();
    return result;
}

QJsonObject toJson(const QuantizeResult& result, const QDir& folder)
{
    QJsonArray linears;
    for (const LinearOutcome& linear : result.linears)
        linears.append(QJsonObject{{QStringLiteral("name"), QString::fromStdString(linear.id.name())},
                                   {QStringLiteral("effective_bits"), linear.effectiveBits},
                                   {QStringLiteral("rotation_bits"), linear.rotationBits},
                                   {QStringLiteral("bytes"), qint64(linear.bytes)},
                                   {QStringLiteral("predicted_error"), linear.predictedError},
                                   {QStringLiteral("output_error"), linear.outputError}});
    return {{QStringLiteral("checkpoint"),
             toJson(ProjectReference{QString::fromStdString(result.directory), {}, {}}, folder)},
            {QStringLiteral("effective_bits"), result.effectiveBits},
            {QStringLiteral("rotation_bits"), result.rotationBits},
            {QStringLiteral("bytes"), qint64(result.bytes)},
            {QStringLiteral("file_bytes"), qint64(result.fileBytes)},
            {QStringLiteral("seconds"), result.seconds},
            {QStringLiteral("linears"), linears}};
}

/// Nothing for a checkpoint that is not there any more.
std::optional<QuantizeResult> quantizedFrom(const QJsonValue& value, const QDir& folder)
{
    const ProjectReference checkpoint = referenceFrom(value[QLatin1String("checkpoint")], folder);
    if (checkpoint.path.isEmpty() || !checkpoint.missing.isEmpty())
        return {};
    QuantizeResult result;
    result.directory = checkpoint.path.toStdString();
    result.effectiveBits = value[QLatin1String("effective_bits")].toDouble();
    result.rotationBits = value[QLatin1String("rotation_bits")].toDouble();
    result.bytes = std::uint64_t(value[QLatin1String("bytes")].toInteger());
    result.fileBytes = std::uint64_t(value[QLatin1String("file_bytes")].toInteger());
    result.seconds = value[QLatin1String("seconds")].toDouble();
    for (const QJsonValue& entry : value[QLatin1String("linears")].toArray()) {
        const auto id = LinearId::fromName(entry[QLatin1String("name")].toString().toStdString());
        if (!id)
            continue;
        result.linears.push_back({.id = *id,
                                  .effectiveBits = entry[QLatin1String("effective_bits")].toDouble(),
                                  .rotationBits = entry[QLatin1String("rotation_bits")].toDouble(),
                                  .bytes = std::uint64_t(entry[QLatin1String("bytes")].toInteger()),
                                  .predictedError = entry[QLatin1String("predicted_error")].toDouble(),
                                  .outputError = entry[QLatin1String("output_error")].toDouble()});
    }
    return result;
}

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
    object[QLatin1String("model")] = toJson(project.model, folder);
    object[QLatin1String("statistics")] = toJson(project.statistics, folder);
    object[QLatin1String("texts")] =
        QJsonObject{{QStringLiteral("calibration"), toJson(project.calibrationText, folder)},
                    {QStringLiteral("check"), toJson(project.checkText, folder)}};
    if (project.plan)
        object[QLatin1String("plan")] =
            QJsonDocument::fromJson(QByteArray::fromStdString(planToJson(*project.plan))).object();
    QJsonObject results;
    if (project.quantized)
        results[QLatin1String("quantized")] = toJson(*project.quantized, folder);
    if (project.floatPerplexity)
        results[QLatin1String("float_perplexity")] = toJson(*project.floatPerplexity);
    if (project.quantizedPerplexity)
        results[QLatin1String("quantized_perplexity")] = toJson(*project.quantizedPerplexity);
    object[QLatin1String("results")] = results;
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
    project.model = referenceFrom(object[QLatin1String("model")], folder);
    project.statistics = referenceFrom(object[QLatin1String("statistics")], folder);
    project.calibrationText = referenceFrom(object[QLatin1String("texts")][QLatin1String("calibration")], folder);
    project.checkText = referenceFrom(object[QLatin1String("texts")][QLatin1String("check")], folder);
    if (const QJsonValue plan = object[QLatin1String("plan")]; plan.isObject())
        project.plan = planFromJson(QJsonDocument(plan.toObject()).toJson().toStdString(),
                                    std::filesystem::path(file.toStdU16String()));
    const QJsonValue results = object[QLatin1String("results")];
    project.quantized = quantizedFrom(results[QLatin1String("quantized")], folder);
    project.floatPerplexity = perplexityFrom(results[QLatin1String("float_perplexity")]);
    if (project.quantized)
        project.quantizedPerplexity = perplexityFrom(results[QLatin1String("quantized_perplexity")]);
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
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly) || out.write(bytes) != bytes.size() || !out.commit())
        throw Error::io("the project could not be saved")
            .file(file.toStdString())
            .found(out.errorString().toStdString())
            .hint("choose a folder that you may write to, with room for it");
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
