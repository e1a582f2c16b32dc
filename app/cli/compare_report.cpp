// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/compare_report.h"

#include "app/cli/compare_html.h"
#include "app/cli/scatter_plot.h"
#include "app/cli/text_format.h"
#include "core/session/files.h"
#include "core/session/session.h"

#include <algorithm>

namespace eigenquant::cli {

namespace {

std::string padded(std::string text, std::size_t width, bool right)
{
    // Names may hold letters of several bytes: a terminal counts letters.
    const auto letters = static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
    text.insert(right ? 0 : text.size(), width - std::min(width, letters), ' ');
    return text;
}

std::string tableLine(const std::vector<std::string>& cells, std::size_t nameWidth)
{
    constexpr std::size_t widths[] = {14, 12, 10, 9, 8, 9, 10, 10, 10};
    std::string line = padded(cells.front(), nameWidth, false);
    for (std::size_t i = 1; i < cells.size(); ++i)
        line += "  " + padded(cells[i], widths[i - 1], true);
    return line + "\n";
}

Json textJson(const ComparisonText& text)
{
    return {{"text", text.name},
            {"text_hash", text.hash},
            {"tokens", text.tokensUsed},
            {"context", text.context},
            {"windows", text.windows}};
}

std::string csvField(const std::string& text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char c : text)
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

std::string csvLine(const std::vector<std::string>& fields)
{
    std::string line;
    for (const std::string& field : fields)
        line += (line.empty() ? "" : ",") + csvField(field);
    return line + "\n";
}

/// Numbers as the JSON report has them, so that both say the same to the last digit.
std::string csvNumber(const Json& row, const char* key)
{
    return row.at(key).is_null() ? "" : row.at(key).dump();
}

ScatterPlot perplexityPlot(const Comparison& comparison, bool withRotations)
{
    ScatterPlot plot;
    plot.title = comparison.model.name + ": perplexity of " + comparison.evaluation.name;
    plot.xLabel = withRotations ? "effective bits a weight, all that is needed at run time"
                                : "bits a weight, without run-time rotations";
    plot.yLabel = "perplexity";
    for (const ComparisonRow& row : comparison.rows) {
        if (row.failure)
            continue;
        if (row.method == "float") {
            plot.reference = row.perplexity;
            plot.referenceLabel = "float " + fixed(row.perplexity, 3);
            continue;
        }
        plot.points.push_back({row.name, row.effectiveBits - (withRotations ? 0 : row.rotationBits), row.perplexity,
                               row.standardError, row.method});
    }
    return plot;
}

std::string scoringRemark(const Comparison& comparison)
{
    return "Scored on " + comparison.evaluation.name + ": " + grouped(comparison.evaluation.tokensUsed) + " of " +
           grouped(comparison.evaluationTokens) + " tokens, in " + grouped(comparison.evaluation.windows) +
           " windows of " + grouped(comparison.evaluation.context) + ", on " + comparison.device + " in " +
           comparison.dtype + "; +/- is the standard error from the spread of the windows.";
}

} // namespace

std::string comparisonHead(std::size_t nameWidth)
{
    return tableLine({"variant", "effective bits", "w/o rotation", "perplexity", "+/-", "KL", "same top", "size",
                      "time", "peak mem."},
                     nameWidth);
}

std::string comparisonLine(const ComparisonRow& row, std::size_t nameWidth)
{
    if (row.failure)
        return padded(row.name, nameWidth, false) + "  failed: " + row.failure->message + "\n";
    return tableLine({row.name, fixed(row.effectiveBits, 3), fixed(row.effectiveBits - row.rotationBits, 3),
                      fixed(row.perplexity, 4), fixed(row.standardError, 3), fixed(row.kl, 4),
                      fixed(100 * row.sameTop, 2) + " %", byteSize(row.bytes),
                      row.reused ? "done before" : duration(row.seconds), byteSize(row.peakRssBytes)},
                     nameWidth);
}

bool hasRunTimeRotations(const Comparison& comparison)
{
    return std::any_of(comparison.rows.begin(), comparison.rows.end(),
                       [](const ComparisonRow& row) { return !row.failure && row.rotationBits > 0; });
}

std::vector<std::string> comparisonRemarks(const Comparison& comparison)
{
    std::vector<std::string> remarks{
        scoringRemark(comparison),
        "Calibrated on " + comparison.calibration.name + ": " + grouped(comparison.calibration.tokensUsed) +
            " tokens in " + grouped(comparison.calibration.windows) + " windows of " +
            grouped(comparison.calibration.context) + ".",
        "KL is the mean over tokens of KL(float || variant) in nats, and same top the share of tokens for which both "
        "hold the same next one the most likely, over the first " +
            grouped(comparison.klWindows) + " windows.",
        "Sizes and bits are those of the linear layers, everything that they need at run time counted; embedding and "
        "head are left alone. The float row counts 16 bits a weight.",
        "Rows marked as control are uniform round to nearest with one bit more than a variant that was asked for: "
        "they are there whether they were asked for or not, and what spends extra bits should beat them.",
        "Peak memory is the highest resident set while the row was made, the float model in memory beside it."};
    if (hasRunTimeRotations(comparison))
        remarks.push_back("Effective bits count rotations that are applied at run time, one matrix a site; the bits "
                          "without them are shown beside.");
    if (!comparison.quantizedBefore.empty())
        remarks.push_back("The weights had been through " + joined(comparison.quantizedBefore, " and ") +
                          " before: the float model is that file, dequantized.");
    return remarks;
}

Json comparisonJson(const Comparison& comparison)
{
    Json rows = Json::array();
    for (const ComparisonRow& row : comparison.rows)
        rows.push_back(Json::parse(comparisonRowToJson(row)));
    Json calibration = textJson(comparison.calibration);
    calibration["fingerprint"] = comparison.statsFingerprint;
    Json evaluation = textJson(comparison.evaluation);
    evaluation["tokens_total"] = comparison.evaluationTokens;
    evaluation["kl_windows"] = comparison.klWindows;
    return {{"version", version()},
            {"model",
             {{"name", comparison.model.name},
              {"architecture", comparison.model.architecture},
              {"parameters", comparison.model.parameters},
              {"source_format", comparison.model.sourceFormat},
              {"fingerprint", comparison.model.fingerprint},
              {"quantized_before", comparison.quantizedBefore}}},
            {"calibration", std::move(calibration)},
            {"evaluation", std::move(evaluation)},
            {"device", comparison.device},
            {"dtype", comparison.dtype},
            {"rows", std::move(rows)},
            {"remarks", comparisonRemarks(comparison)}};
}

std::string comparisonCsv(const Comparison& comparison)
{
    constexpr const char* numbers[] = {"bits", "salient", "effective_bits", "rotation_bits", "perplexity", "stderr",
                                       "kl", "same_top", "bytes", "seconds", "quantize_seconds", "peak_rss_bytes"};
    const std::vector<std::string> shared{
        comparison.model.name,        comparison.model.fingerprint, joined(comparison.quantizedBefore, " "),
        comparison.calibration.name,  comparison.calibration.hash,  comparison.statsFingerprint,
        comparison.evaluation.name,   comparison.evaluation.hash,   std::to_string(comparison.evaluation.tokensUsed),
        std::to_string(comparison.evaluation.context), std::to_string(comparison.evaluation.windows),
        std::to_string(comparison.klWindows), comparison.dtype, std::string(version())};
    std::vector<std::string> head{"name", "method", "control"};
    head.insert(head.end(), std::begin(numbers), std::end(numbers));
    for (const char* title : {"device", "settings", "error", "model", "model_fingerprint", "quantized_before",
                              "calibration_text", "calibration_hash", "statistics_fingerprint", "text", "text_hash",
                              "tokens", "context", "windows", "kl_windows", "dtype", "version"})
        head.emplace_back(title);
    std::string csv = csvLine(head);
    for (const ComparisonRow& row : comparison.rows) {
        const Json json = Json::parse(comparisonRowToJson(row));
        std::vector<std::string> fields{row.name, row.method, row.control ? "1" : "0"};
        for (const char* key : numbers)
            fields.push_back(csvNumber(json, key));
        fields.insert(fields.end(), {row.device, row.settings, row.failure ? row.failure->message : ""});
        fields.insert(fields.end(), shared.begin(), shared.end());
        csv += csvLine(fields);
    }
    return csv;
}

std::string comparisonSvg(const Comparison& comparison)
{
    std::vector<ScatterPlot> plots{perplexityPlot(comparison, true)};
    if (hasRunTimeRotations(comparison))
        plots.push_back(perplexityPlot(comparison, false));
    const std::string description = "Model " + comparison.model.fingerprint + ", calibration text " +
                                    comparison.calibration.hash + ", text " + comparison.evaluation.hash +
                                    ", eigenquant " + std::string(version()) + ". " +
                                    joined(comparisonRemarks(comparison), " ");
    return scatterSvg(plots, description);
}

void writeComparison(const Comparison& comparison, const std::filesystem::path& folder)
{
    const std::string svg = comparisonSvg(comparison);
    const std::string json = comparisonJson(comparison).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
    writeFileAtomically(folder / "compare.json", json, true);
    writeFileAtomically(folder / "compare.csv", comparisonCsv(comparison), true);
    writeFileAtomically(folder / "compare.svg", svg, true);
    writeFileAtomically(folder / "compare.html", comparisonHtml(comparison, svg), true);
}

} // namespace eigenquant::cli
