// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/check_options.h"

#include "ui/state/json_fields.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>

namespace eigenquant {

namespace {

constexpr int kCpuContext = 512;
constexpr int kCpuWindows = 4;
constexpr int kCpuTokens = 16;
constexpr int kCpuBatch = 16;
constexpr int kMaxBatch = 4096;

/// 0 where the verb says null: not known.
double numberOrZero(const QJsonObject& object, const char* key)
{
    return object.value(QLatin1String(key)).toDouble(0);
}

std::int64_t integer(const QJsonObject& object, const char* key)
{
    return object.value(QLatin1String(key)).toInteger(0);
}

void require(const QJsonObject& object, const char* key)
{
    if (!object.contains(QLatin1String(key)))
        throw Error::invalid("this is not what eigenquant answers")
            .field(key)
            .found("nothing")
            .expected("a value")
            .hint("use programs of one version");
}

LinearLatency linearFromJson(const QJsonObject& object)
{
    return {.name = jsonText(object, "name"),
            .kernel = jsonText(object, "kernel"),
            .us = jsonNumber(object, "us"),
            .baselineUs = jsonNumber(object, "baseline_us")};
}

LatencyRow rowFromJson(const QJsonObject& object)
{
    for (const char* key : {"batch", "ms_per_step", "tokens_per_second", "kv"})
        require(object, key);
    LatencyRow row;
    row.batch = int(integer(object, "batch"));
    row.askedBatch = int(std::max<std::int64_t>(integer(object, "asked_batch"), row.batch));
    row.kv = kvPrecisionFromName(jsonText(object, "kv"));
    row.msPerStep = jsonNumber(object, "ms_per_step");
    row.tokensPerSecond = jsonNumber(object, "tokens_per_second");
    row.baselineMsPerStep = jsonNumber(object, "baseline_ms_per_step");
    row.baselineTokensPerSecond = jsonNumber(object, "baseline_tokens_per_second");
    row.speedup = jsonNumber(object, "speedup");
    row.promptMs = jsonNumber(object, "prompt_ms");
    row.kernel = jsonText(object, "kernel");
    row.gpuBytes = std::uint64_t(integer(object, "gpu_bytes"));
    row.baselineGpuBytes = std::uint64_t(integer(object, "baseline_gpu_bytes"));
    row.rooflineMs = numberOrZero(object, "roofline_ms");
    row.rooflineShare = numberOrZero(object, "roofline_share");
    row.baselineRooflineMs = numberOrZero(object, "baseline_roofline_ms");
    row.rotationShare = numberOrZero(object, "rotation_share");
    for (const QJsonValue& linear : object.value(QLatin1String("linears")).toArray())
        row.linears.push_back(linearFromJson(linear.toObject()));
    return row;
}

QJsonObject linearToJson(const LinearLatency& linear)
{
    return {{QStringLiteral("name"), QString::fromStdString(linear.name)},
            {QStringLiteral("kernel"), QString::fromStdString(linear.kernel)},
            {QStringLiteral("us"), linear.us},
            {QStringLiteral("baseline_us"), linear.baselineUs}};
}

QJsonObject rowToJson(const LatencyRow& row)
{
    QJsonArray linears;
    for (const LinearLatency& linear : row.linears)
        linears.append(linearToJson(linear));
    const std::string_view kv = name(row.kv);
    return {{QStringLiteral("batch"), row.batch},
            {QStringLiteral("asked_batch"), row.askedBatch},
            {QStringLiteral("kv"), QString::fromLatin1(kv.data(), qsizetype(kv.size()))},
            {QStringLiteral("ms_per_step"), row.msPerStep},
            {QStringLiteral("tokens_per_second"), row.tokensPerSecond},
            {QStringLiteral("baseline_ms_per_step"), row.baselineMsPerStep},
            {QStringLiteral("baseline_tokens_per_second"), row.baselineTokensPerSecond},
            {QStringLiteral("speedup"), row.speedup},
            {QStringLiteral("prompt_ms"), row.promptMs},
            {QStringLiteral("kernel"), QString::fromStdString(row.kernel)},
            {QStringLiteral("gpu_bytes"), qint64(row.gpuBytes)},
            {QStringLiteral("baseline_gpu_bytes"), qint64(row.baselineGpuBytes)},
            {QStringLiteral("roofline_ms"), row.rooflineMs},
            {QStringLiteral("roofline_share"), row.rooflineShare},
            {QStringLiteral("baseline_roofline_ms"), row.baselineRooflineMs},
            {QStringLiteral("rotation_share"), row.rotationShare},
            {QStringLiteral("linears"), linears}};
}

QString joined(const std::vector<int>& numbers)
{
    QStringList words;
    for (const int number : numbers)
        words << QString::number(number);
    return words.join(QLatin1Char(','));
}

} // namespace

CheckOptions shortened(CheckOptions options)
{
    options.text.context = std::min(options.text.context, kCpuContext);
    options.text.windows = options.text.windows == 0 ? kCpuWindows : std::min(options.text.windows, kCpuWindows);
    options.generate = std::min(options.generate, kCpuTokens);
    std::erase_if(options.batches, [](int batch) { return batch > kCpuBatch; });
    if (options.batches.empty())
        options.batches = {1};
    return options;
}

std::vector<int> batchesFromText(const QString& text)
{
    std::vector<int> batches;
    for (const QString& word : text.split(QLatin1Char(','))) {
        bool isNumber = false;
        const int batch = word.trimmed().toInt(&isNumber);
        if (!isNumber || batch < 1 || batch > kMaxBatch)
            return {};
        batches.push_back(batch);
    }
    return batches;
}

QStringList perplexityArguments(const QString& model, const CheckOptions& options, const QString& device)
{
    return {QStringLiteral("perplexity"), model,
            QStringLiteral("--text"),     QString::fromStdU16String(options.text.file.u16string()),
            QStringLiteral("--context"),  QString::number(options.text.context),
            QStringLiteral("--windows"),  QString::number(options.text.windows),
            QStringLiteral("--device"),   device,
            QStringLiteral("--json")};
}

QStringList latencyArguments(const QString& model, const CheckOptions& options, const QString& device)
{
    const std::string_view kv = name(options.kv);
    return {QStringLiteral("bench"),      model,
            QStringLiteral("--batch"),    joined(options.batches),
            QStringLiteral("--prompt"),   QString::number(options.prompt),
            QStringLiteral("--generate"), QString::number(options.generate),
            QStringLiteral("--kv"),       QString::fromLatin1(kv.data(), qsizetype(kv.size())),
            QStringLiteral("--device"),   device,
            QStringLiteral("--json")};
}

QStringList probeArguments(const QString& device)
{
    return {QStringLiteral("bench"),      QStringLiteral("--shape"),    QStringLiteral("tiny"),
            QStringLiteral("--batch"),    QStringLiteral("1"),          QStringLiteral("--prompt"),
            QStringLiteral("1"),          QStringLiteral("--generate"), QStringLiteral("1"),
            QStringLiteral("--baseline"), QStringLiteral("none"),       QStringLiteral("--device"),
            device,                       QStringLiteral("--json")};
}

PerplexityResult perplexityFromJson(const QJsonObject& object)
{
    for (const char* key : {"perplexity", "stderr", "windows", "context", "device", "dtype"})
        require(object, key);
    PerplexityResult result;
    result.perplexity = jsonNumber(object, "perplexity");
    result.standardError = jsonNumber(object, "stderr");
    result.windows = int(integer(object, "windows"));
    result.context = int(integer(object, "context"));
    result.tokensScored = integer(object, "tokens_scored");
    result.tokensTotal = integer(object, "tokens_total");
    result.seconds = jsonNumber(object, "seconds");
    result.tokensPerSecond = jsonNumber(object, "tokens_per_second");
    result.device = jsonText(object, "device");
    result.dtype = jsonText(object, "dtype");
    result.kernels = jsonText(object, "kernels");
    result.textHash = jsonText(object, "text_hash");
    return result;
}

LatencyResult latencyFromJson(const QJsonObject& object)
{
    for (const char* key : {"device", "dtype", "model", "rows"})
        require(object, key);
    LatencyResult result;
    result.device = jsonText(object, "device");
    result.dtype = jsonText(object, "dtype");
    result.model = jsonText(object, "model");
    result.method = jsonText(object, "method");
    result.effectiveBits = numberOrZero(object, "effective_bits");
    result.prompt = int(integer(object, "prompt"));
    result.generate = int(integer(object, "generate"));
    result.memoryBytesPerSecond = numberOrZero(object, "memory_bytes_per_second");
    result.flopsPerSecond = numberOrZero(object, "flops_per_second");
    result.seconds = jsonNumber(object, "seconds");
    for (const QJsonValue& row : object.value(QLatin1String("rows")).toArray())
        result.rows.push_back(rowFromJson(row.toObject()));
    for (const QJsonValue& warning : object.value(QLatin1String("warnings")).toArray())
        result.warnings.push_back(warning.toString().toStdString());
    return result;
}

QJsonObject latencyToJson(const LatencyResult& result)
{
    QJsonArray rows, warnings;
    for (const LatencyRow& row : result.rows)
        rows.append(rowToJson(row));
    for (const std::string& warning : result.warnings)
        warnings.append(QString::fromStdString(warning));
    return {{QStringLiteral("device"), QString::fromStdString(result.device)},
            {QStringLiteral("dtype"), QString::fromStdString(result.dtype)},
            {QStringLiteral("model"), QString::fromStdString(result.model)},
            {QStringLiteral("method"), QString::fromStdString(result.method)},
            {QStringLiteral("effective_bits"), result.effectiveBits},
            {QStringLiteral("prompt"), result.prompt},
            {QStringLiteral("generate"), result.generate},
            {QStringLiteral("memory_bytes_per_second"), result.memoryBytesPerSecond},
            {QStringLiteral("flops_per_second"), result.flopsPerSecond},
            {QStringLiteral("seconds"), result.seconds},
            {QStringLiteral("rows"), rows},
            {QStringLiteral("warnings"), warnings}};
}

LatencyResult loadLatency(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        throw Error::io("cannot be read: " + file.errorString().toStdString()).file(path.toStdString());
    const QJsonDocument document = QJsonDocument::fromJson(file.readAll());
    try {
        return latencyFromJson(document.object());
    } catch (Error& error) {
        throw error.file(path.toStdString());
    }
}

} // namespace eigenquant
