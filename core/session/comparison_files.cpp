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
    std::error_code failure;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder / "rows", failure))
        if (entry.path().extension() == ".json")
            files.push_back(entry.path());
    if (files.empty())
        throw Error::invalid("this is not the folder of a comparison")
            .file(folder.string())
            .found(failure ? failure.message() : "no row")
            .expected("rows/NNN-name.json")
            .hint("choose what eigenquant compare --out named");
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
}

} // namespace

Comparison loadComparison(const fs::path& folder)
{
    Comparison comparison;
    comparison.folder = folder.string();
    for (const fs::path& file : rowFiles(folder)) {
        comparison.rows.push_back(comparisonRowFromJson(readFile(file), file));
        comparison.rows.back().reused = true;
    }
    if (const fs::path report = folder / "compare.json"; fs::exists(report))
        readReport(comparison, report);
    return comparison;
}

} // namespace eigenquant
