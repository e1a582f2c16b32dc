// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/json_output.h"
#include "core/results/model_info.h"
#include "core/results/outcome.h"
#include "core/results/plan.h"
#include "core/results/statistics.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace eigenquant::cli {

/// One way to store the model, with its perplexity on the check text.
struct DemoVariant {
    std::string name;
    std::optional<Plan> plan;              ///< empty: the model as it is
    std::optional<QuantizeResult> outcome; ///< with the plan
    PerplexityResult check;
};

/// All that the demo found out. The first variant is the model as it is, the last the one exported.
struct DemoResult {
    ModelInfo model;
    std::shared_ptr<const ModelStatistics> statistics;
    std::vector<DemoVariant> variants;
    ExportResult exported;
    std::string checkText; ///< file name of the check text
    double seconds = 0;
};

/// One line of the demo's table.
struct DemoRow {
    std::string name;
    double effectiveBits = 0; ///< 16 for the model as it is
    double rotationBits = 0;
    std::uint64_t bytes = 0; ///< of the linears, rotations included
    double perplexity = 0;
    double standardError = 0;
    double outputError = 0;    ///< mean over linears, weighed by their weights
    double predictedError = 0; ///< likewise
};

std::vector<DemoRow> demoRows(const DemoResult& result);
/// The rows as an aligned table for a terminal.
std::string demoTable(const std::vector<DemoRow>& rows);
/// What a reader has to know to judge the figures, as sentences.
std::vector<std::string> demoRemarks(const DemoResult& result);
/// What --json prints and report.json holds; `folder` as it is to be named.
Json demoJson(const DemoResult& result, const std::string& folder);
/// Writes report.json, report.html, the CSV tables and the plots into an existing folder.
/// `finalFolder` is the name the folder will have for the reader.
void writeDemoReport(const DemoResult& result, const std::filesystem::path& folder,
                     const std::string& finalFolder);

} // namespace eigenquant::cli
