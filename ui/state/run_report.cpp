// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/run_report.h"

#include "core/session/session.h"
#include "ui/state/check_options.h"

#include <QDir>
#include <QFileInfo>

#include <algorithm>
#include <cmath>

namespace eigenquant {

namespace {

/// "003-rosaq-4": the stem of the file that holds a row, and the name of its checkpoint.
QString stemOf(const RunReport& report, const ComparisonRow& row)
{
    // Rows come in the order of their files, of which none is there for a row that failed.
    const auto found = std::ranges::find(report.comparison.rows, row.key, &ComparisonRow::key);
    const QStringList files = QDir(report.folder + QStringLiteral("/rows"))
                                  .entryList({QStringLiteral("*.json")}, QDir::Files, QDir::Name);
    const auto place = found - report.comparison.rows.begin();
    return place < files.size() ? QFileInfo(files[place]).completeBaseName() : QString();
}

std::optional<LatencyRow> smallestBatch(const LatencyResult& latency)
{
    const auto least = std::ranges::min_element(latency.rows, {}, &LatencyRow::batch);
    return least == latency.rows.end() ? std::nullopt : std::optional(*least);
}

bool isFinite(const ComparisonRow& row)
{
    return std::isfinite(row.effectiveBits) && std::isfinite(row.perplexity);
}

/// Whether `other` is as good in both figures and better in one.
bool isBetter(const ComparisonRow& other, const ComparisonRow& row)
{
    return other.effectiveBits <= row.effectiveBits && other.perplexity <= row.perplexity &&
           (other.effectiveBits < row.effectiveBits || other.perplexity < row.perplexity);
}

void markFront(std::vector<RunEntry>& entries)
{
    const auto competes = [](const RunEntry& entry) {
        return entry.result.method != "float" && !entry.result.failure && isFinite(entry.result);
    };
    for (RunEntry& entry : entries)
        entry.onFront =
            competes(entry) && std::ranges::none_of(entries, [&](const RunEntry& other) {
                return competes(other) && other.report == entry.report && isBetter(other.result, entry.result);
            });
}

} // namespace

RunReport loadRunReport(const QString& folder)
{
    RunReport report;
    report.folder = QDir(folder).absolutePath();
    report.name = QDir(folder).dirName();
    report.comparison = loadComparison(std::filesystem::path(report.folder.toStdU16String()));
    for (const ComparisonRow& row : report.comparison.rows)
        if (const QString file = latencyFile(report, row); QFileInfo(file).isFile())
            report.latencies[row.name] = loadLatency(file);
    return report;
}

QString checkpointOf(const RunReport& report, const ComparisonRow& row)
{
    const QString stem = stemOf(report, row);
    const QString folder = report.folder + QStringLiteral("/checkpoints/") + stem;
    return !stem.isEmpty() && QFileInfo(folder).isDir() ? folder : QString();
}

QString latencyFile(const RunReport& report, const ComparisonRow& row)
{
    return report.folder + QStringLiteral("/latency/") + stemOf(report, row) + QStringLiteral(".json");
}

std::vector<RunEntry> runEntries(const std::vector<RunReport>& reports)
{
    std::vector<RunEntry> entries;
    for (std::size_t i = 0; i < reports.size(); ++i) {
        const std::vector<ComparisonRow>& rows = reports[i].comparison.rows;
        for (std::size_t j = 0; j < rows.size(); ++j) {
            RunEntry entry{.report = int(i), .row = int(j), .reportName = reports[i].name, .result = rows[j]};
            if (const auto found = reports[i].latencies.find(rows[j].name); found != reports[i].latencies.end())
                entry.latency = smallestBatch(found->second);
            const std::vector<ComparisonRow>& first = reports.front().comparison.rows;
            const auto same = std::ranges::find(first, rows[j].name, &ComparisonRow::name);
            if (i > 0 && same != first.end())
                entry.difference = rows[j].perplexity - same->perplexity;
            entries.push_back(std::move(entry));
        }
    }
    markFront(entries);
    return entries;
}

QStringList compareArguments(const CompareRequest& request, const QString& model, const QString& stats,
                             const QString& calibration, const QString& device)
{
    QStringList words{QStringLiteral("compare"),   model,
                      QStringLiteral("--stats"),   stats,
                      QStringLiteral("--eval"),    request.text,
                      QStringLiteral("--context"), QString::number(request.context),
                      QStringLiteral("--windows"), QString::number(request.windows),
                      QStringLiteral("--methods"), request.methods.join(QLatin1Char(',')),
                      QStringLiteral("--out"),     request.folder,
                      QStringLiteral("--device"),  device,
                      QStringLiteral("--json")};
    const auto add = [&words](const char* flag, QString value) {
        if (value.remove(QLatin1Char(' ')); !value.isEmpty())
            words << QString::fromLatin1(flag) << value;
    };
    add("--bits", request.bits);
    add("--salient", request.salient);
    add("--group-size", request.groupSizes);
    if (!calibration.isEmpty())
        words << QStringLiteral("--text") << calibration;
    if (request.keep)
        words << QStringLiteral("--keep");
    return words;
}

} // namespace eigenquant
