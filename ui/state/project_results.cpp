// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/project_results.h"

#include "core/base/error.h"
#include "ui/state/check_options.h"
#include "ui/state/json_fields.h"
#include "ui/state/measurements.h"
#include "ui/state/project_reference.h"

#include <QJsonArray>

namespace eigenquant {

namespace {

QJsonObject folderToJson(const std::string& path, const QDir& folder)
{
    return referenceToJson({QString::fromStdString(path), {}, {}}, folder);
}

std::vector<std::string> words(const QJsonValue& value)
{
    std::vector<std::string> result;
    for (const QJsonValue& entry : value.toArray())
        result.push_back(entry.toString().toStdString());
    return result;
}

QJsonArray toJson(const std::vector<std::string>& texts)
{
    QJsonArray array;
    for (const std::string& text : texts)
        array.append(QString::fromStdString(text));
    return array;
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
            {QStringLiteral("tokens_per_second"), result.tokensPerSecond},
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
    result.perplexity = jsonNumber(value, "perplexity");
    result.standardError = jsonNumber(value, "stderr");
    result.windows = value[QLatin1String("windows")].toInt();
    result.context = value[QLatin1String("context")].toInt();
    result.tokensScored = value[QLatin1String("tokens_scored")].toInteger();
    result.tokensTotal = value[QLatin1String("tokens_total")].toInteger();
    result.seconds = value[QLatin1String("seconds")].toDouble();
    result.tokensPerSecond = value[QLatin1String("tokens_per_second")].toDouble();
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
             folderToJson(result.directory, folder)},
            {QStringLiteral("effective_bits"), result.effectiveBits},
            {QStringLiteral("rotation_bits"), result.rotationBits},
            {QStringLiteral("bytes"), qint64(result.bytes)},
            {QStringLiteral("file_bytes"), qint64(result.fileBytes)},
            {QStringLiteral("seconds"), result.seconds},
            {QStringLiteral("linears"), linears}};
}

std::optional<QuantizeResult> quantizedFrom(const QJsonValue& value, const QDir& folder, QString& missing)
{
    const ProjectReference checkpoint = referenceFromJson(value[QLatin1String("checkpoint")], folder);
    if (checkpoint.path.isEmpty())
        return {};
    missing = checkpoint.missing;
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
                                  .predictedError = jsonNumber(entry, "predicted_error"),
                                  .outputError = jsonNumber(entry, "output_error")});
    }
    return result;
}

QJsonObject toJson(const ExportResult& result, const QDir& folder)
{
    return {{QStringLiteral("folder"), folderToJson(result.directory, folder)},
            {QStringLiteral("files"), toJson(result.files)},
            {QStringLiteral("loads_in"), toJson(result.loadsIn)},
            {QStringLiteral("bytes"), qint64(result.bytes)}};
}

std::optional<ExportResult> exportedFrom(const QJsonValue& value, const QDir& folder, QString& missing)
{
    const ProjectReference place = referenceFromJson(value[QLatin1String("folder")], folder);
    if (place.path.isEmpty())
        return {};
    missing = place.missing;
    return ExportResult{.directory = place.path.toStdString(),
                        .files = words(value[QLatin1String("files")]),
                        .loadsIn = words(value[QLatin1String("loads_in")]),
                        .bytes = std::uint64_t(value[QLatin1String("bytes")].toInteger())};
}

/// What a reader of a verb's answer makes of the value; nothing where there is none, or it is refused.
template <typename T>
std::optional<T> answerFrom(const QJsonValue& value, T (*read)(const QJsonObject&))
{
    if (!value.isObject())
        return {};
    try {
        return read(value.toObject());
    } catch (const Error&) {
        return {};
    }
}

} // namespace

QJsonObject resultsToJson(const WorkspaceResults& results, const QDir& folder)
{
    QJsonObject object;
    if (results.quantized)
        object[QLatin1String("quantized")] = toJson(*results.quantized, folder);
    if (results.exported)
        object[QLatin1String("exported")] = toJson(*results.exported, folder);
    if (results.floatPerplexity)
        object[QLatin1String("float_perplexity")] = toJson(*results.floatPerplexity);
    if (results.quantizedPerplexity)
        object[QLatin1String("quantized_perplexity")] = toJson(*results.quantizedPerplexity);
    if (results.latency)
        object[QLatin1String("latency")] = latencyToJson(*results.latency);
    if (results.sensitivity)
        object[QLatin1String("sensitivity")] = sensitivityToJson(*results.sensitivity);
    return object;
}

WorkspaceResults resultsFromJson(const QJsonValue& value, const QDir& folder, MissingFolders& missing)
{
    WorkspaceResults results;
    results.quantized = quantizedFrom(value[QLatin1String("quantized")], folder, missing.checkpoint);
    results.exported = exportedFrom(value[QLatin1String("exported")], folder, missing.exported);
    results.floatPerplexity = perplexityFrom(value[QLatin1String("float_perplexity")]);
    results.quantizedPerplexity = perplexityFrom(value[QLatin1String("quantized_perplexity")]);
    results.latency = answerFrom(value[QLatin1String("latency")], latencyFromJson);
    results.sensitivity = answerFrom(value[QLatin1String("sensitivity")], sensitivityFromJson);
    return results;
}

WorkspaceResults withoutMissing(WorkspaceResults results, const MissingFolders& missing)
{
    if (!missing.checkpoint.isEmpty()) {
        results.quantized.reset();
        results.quantizedPerplexity.reset();
        results.latency.reset();
    }
    if (!missing.exported.isEmpty())
        results.exported.reset();
    return results;
}

WorkspaceResults withMissing(WorkspaceResults results, const WorkspaceResults& kept, const MissingFolders& missing)
{
    if (!missing.checkpoint.isEmpty() && !results.quantized) {
        results.quantized = kept.quantized;
        results.quantizedPerplexity = kept.quantizedPerplexity;
        if (!results.latency)
            results.latency = kept.latency;
    }
    if (!missing.exported.isEmpty() && !results.exported)
        results.exported = kept.exported;
    return results;
}

} // namespace eigenquant
