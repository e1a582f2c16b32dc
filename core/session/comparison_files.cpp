// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/strict_json.h"
#include "core/io/text_file.h"
#include "core/session/comparison_rows.h"
#include "core/session/session.h"

#include <algorithm>

namespace eigenquant {
namespace {

namespace fs = std::filesystem;

/// In the order of their numbers, which is that of the comparison.
std::vector<fs::path> rowFiles(const fs::path& folder)
{
    std::error_code none; // a report alone, without its folder of rows, is enough
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder / "rows", none))
        if (entry.path().extension() == ".json")
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

int count(const JsonObject& json, const char* key)
{
    return static_cast<int>(json.getIntegerOr(key, 0, 0, INT32_MAX));
}

ComparisonText textFromJson(const JsonObject& json)
{
    return {json.getStringOr("text", ""), json.getStringOr("text_hash", ""),
            json.getIntegerOr("tokens", 0, 0, INT64_MAX), count(json, "context"), count(json, "windows")};
}

/// The rows of a report whose folder of rows was left behind; those that failed have no figures.
void readRows(Comparison& comparison, const JsonObject& json, const fs::path& file)
{
    for (const nlohmann::json& row : json.getArray("rows"))
        if (!row.is_object() || !row.contains("error") || row.at("error").is_null())
            comparison.rows.push_back(comparisonRowFromJson(row.dump(), file));
}

void readReport(Comparison& comparison, const fs::path& file)
{
    const nlohmann::json value = parseStrictJson(readFile(file), file);
    const JsonObject json(value, file);
    const JsonObject model = json.getObject("model");
    comparison.model.name = model.getStringOr("name", "");
    comparison.model.fingerprint = model.getStringOr("fingerprint", "");
    const JsonObject calibration = json.getObject("calibration"), evaluation = json.getObject("evaluation");
    comparison.calibration = textFromJson(calibration);
    comparison.statsFingerprint = calibration.getStringOr("fingerprint", "");
    comparison.evaluation = textFromJson(evaluation);
    comparison.evaluationTokens = evaluation.getIntegerOr("tokens_total", 0, 0, INT64_MAX);
    comparison.klWindows = count(evaluation, "kl_windows");
    comparison.device = json.getStringOr("device", "");
    comparison.dtype = json.getStringOr("dtype", "");
    if (comparison.rows.empty())
        readRows(comparison, json, file);
}

} // namespace

Comparison loadComparison(const fs::path& folder)
{
    Comparison comparison;
    comparison.folder = folder.string();
    for (const fs::path& file : rowFiles(folder))
        comparison.rows.push_back(comparisonRowFromJson(readFile(file), file));
    if (const fs::path report = folder / "compare.json"; fs::exists(report))
        readReport(comparison, report);
    if (comparison.rows.empty())
        throw Error::invalid("this is not the folder of a comparison")
            .file(folder.string())
            .found("no row")
            .expected("rows/NNN-name.json or compare.json")
            .hint("choose what eigenquant compare --out named");
    for (ComparisonRow& row : comparison.rows)
        row.reused = true;
    return comparison;
}

} // namespace eigenquant
