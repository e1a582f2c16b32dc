// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/demo_report.h"

#include "app/cli/demo_html.h"
#include "app/cli/demo_plots.h"
#include "app/cli/text_format.h"
#include "core/session/files.h"
#include "core/session/session.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace eigenquant::cli {

namespace {

constexpr double kFloatBits = 16; // what the model as it is takes in the formats it is served in

double weightCount(const LinearStatistics& linear)
{
    return static_cast<double>(linear.outFeatures) * linear.inFeatures;
}

double weightCount(const ModelStatistics& statistics)
{
    double count = 0;
    for (const LinearStatistics& linear : statistics.linears)
        count += weightCount(linear);
    return count;
}

DemoRow floatRow(const DemoVariant& variant, const ModelStatistics& statistics)
{
    DemoRow row{.name = variant.name, .effectiveBits = kFloatBits};
    row.bytes = static_cast<std::uint64_t>(weightCount(statistics) * kFloatBits / 8);
    return row;
}

DemoRow quantizedRow(const DemoVariant& variant, const ModelStatistics& statistics)
{
    const QuantizeResult& outcome = *variant.outcome;
    DemoRow row{.name = variant.name,
                .effectiveBits = outcome.effectiveBits,
                .rotationBits = outcome.rotationBits,
                .bytes = outcome.bytes};
    const double all = weightCount(statistics);
    for (const LinearOutcome& linear : outcome.linears) {
        const double share = weightCount(statistics.linear(linear.id)) / all;
        row.outputError += share * linear.outputError;
        row.predictedError += share * linear.predictedError;
    }
    return row;
}

Json toJson(const DemoRow& row)
{
    return {{"name", row.name},
            {"effective_bits", number(row.effectiveBits)},
            {"rotation_bits", number(row.rotationBits)},
            {"bits_without_rotation", number(row.effectiveBits - row.rotationBits)},
            {"bytes", row.bytes},
            {"perplexity", number(row.perplexity)},
            {"stderr", number(row.standardError)},
            {"mean_output_error", number(row.outputError)},
            {"mean_predicted_error", number(row.predictedError)}};
}

Json planSettings(const PlanOptions& options)
{
    return {{"method", name(options.method)},           {"bits", options.bits},
            {"group_size", options.groupSize},          {"symmetric", options.symmetric},
            {"salient", number(options.salient.value)}, {"attn_out", name(options.attnOut)},
            {"mlp_out", name(options.mlpOut)},          {"seed", options.seed}};
}

std::string rowsCsv(const std::vector<DemoRow>& rows)
{
    std::string csv = "name,effective_bits,rotation_bits,bytes,perplexity,stderr,mean_output_error,"
                      "mean_predicted_error\n";
    for (const DemoRow& row : rows)
        csv += row.name + "," + significant(row.effectiveBits, 9) + "," + significant(row.rotationBits, 9) + "," +
               std::to_string(row.bytes) + "," + significant(row.perplexity, 9) + "," +
               significant(row.standardError, 9) + "," + significant(row.outputError, 9) + "," +
               significant(row.predictedError, 9) + "\n";
    return csv;
}

std::string spectraCsv(const ModelStatistics& statistics)
{
    constexpr std::string_view kFractions[] = {"1/64", "1/32", "1/16", "1/8"};
    std::string csv = "layer,site,channels,tokens,top_eigenvalue";
    for (const std::string_view fraction : kFractions)
        for (const char* basis : {"rotated", "original"})
            csv.append(",energy_share_top_").append(fraction).append("_").append(basis);
    csv += "\n";
    for (const SiteStatistics& site : statistics.sites) {
        csv += std::to_string(site.id.layer) + "," + std::string(name(site.id.site)) + "," +
               std::to_string(site.channels) + "," + std::to_string(site.tokens) + "," +
               significant(site.eigenvalues.empty() ? 0 : site.eigenvalues.front(), 9);
        for (const std::string_view fraction : kFractions) {
            const int kept = SalientBudget::parse(fraction).count(site.channels);
            for (const Basis basis : {Basis::Pca, Basis::Original})
                csv.append(",").append(significant(salientEnergyShare(site, basis, Select::Top, kept), 9));
        }
        csv += "\n";
    }
    return csv;
}

std::string linearsCsv(const DemoResult& result)
{
    std::string csv = "variant,linear,method,bits,group_size,salient,effective_bits,rotation_bits,bytes,"
                      "output_error,predicted_error\n";
    for (const DemoVariant& variant : result.variants) {
        if (!variant.outcome || !variant.plan)
            continue;
        for (const LinearOutcome& linear : variant.outcome->linears) {
            const LinearPlan& plan = variant.plan->linear(linear.id);
            csv += variant.name + "," + linear.id.name() + "," + std::string(name(plan.method)) + "," +
                   significant(plan.bits, 9) + "," + std::to_string(plan.groupSize) + "," +
                   std::to_string(plan.salient) + "," + significant(linear.effectiveBits, 9) + "," +
                   significant(linear.rotationBits, 9) + "," + std::to_string(linear.bytes) + "," +
                   significant(linear.outputError, 9) + "," + significant(linear.predictedError, 9) + "\n";
        }
    }
    return csv;
}

} // namespace

std::vector<DemoRow> demoRows(const DemoResult& result)
{
    std::vector<DemoRow> rows;
    for (const DemoVariant& variant : result.variants) {
        rows.push_back(variant.outcome ? quantizedRow(variant, *result.statistics)
                                       : floatRow(variant, *result.statistics));
        rows.back().perplexity = variant.check.perplexity;
        rows.back().standardError = variant.check.standardError;
    }
    return rows;
}

std::string demoTable(const std::vector<DemoRow>& rows)
{
    constexpr auto kRight = Table::Align::Right;
    Table table({{"variant"},
                 {"effective bits", kRight},
                 {"without rotation", kRight},
                 {"size", kRight},
                 {"perplexity", kRight},
                 {"+/-", kRight},
                 {"mean output error", kRight}});
    for (const DemoRow& row : rows)
        table.add({row.name, fixed(row.effectiveBits, 3), fixed(row.effectiveBits - row.rotationBits, 3),
                   byteSize(row.bytes), fixed(row.perplexity, 3), fixed(row.standardError, 3),
                   significant(row.outputError, 3)});
    return table.text();
}

std::vector<std::string> demoRemarks(const DemoResult& result)
{
    const ModelStatistics& statistics = *result.statistics;
    const PerplexityResult& check = result.variants.front().check;
    std::vector<std::string> remarks{
        "Calibration: " + statistics.textName + ", " + grouped(statistics.tokens) + " tokens in windows of " +
            grouped(statistics.context) + ".",
        "Check: " + result.checkText + ", " + grouped(check.tokensScored) + " tokens scored in windows of " +
            grouped(check.context) + ", computed on " + check.device + " in " + check.dtype +
            "; +/- is the standard error from the spread of the windows.",
        "Sizes and bits are those of the linear layers; embedding and head are left alone. The float row "
        "counts 16 bits a weight.",
        "The output error of a linear is |XdW|^2 / |XW|^2 on the calibration text; the mean is weighed by "
        "weights."};
    const std::vector<DemoRow> rows = demoRows(result);
    if (std::any_of(rows.begin(), rows.end(), [](const DemoRow& row) { return row.rotationBits > 0; }))
        remarks.push_back(
            "Effective bits count the rotations that are applied at run time, one square matrix a site: on "
            "a model as narrow as this one they outweigh the weights themselves, which the column "
            "without rotation shows alone.");
    std::set<std::string> blockTypes;
    for (const TensorInfo& tensor : result.model.tensors)
        if (tensor.dtype.starts_with("Q"))
            blockTypes.insert(tensor.dtype);
    if (!blockTypes.empty())
        remarks.push_back("The weights of this model file had been quantized before (" +
                          joined({blockTypes.begin(), blockTypes.end()}) +
                          "); the float row is that file, dequantized.");
    return remarks;
}

Json demoJson(const DemoResult& result, const std::string& folder)
{
    const ModelStatistics& statistics = *result.statistics;
    const PerplexityResult& check = result.variants.front().check;
    Json rows = Json::array(), settings = Json::array();
    for (const DemoRow& row : demoRows(result))
        rows.push_back(toJson(row));
    for (const DemoVariant& variant : result.variants)
        if (variant.plan)
            settings.push_back({{"name", variant.name}, {"plan", planSettings(variant.plan->options)}});
    return {{"folder", folder},
            {"version", version()},
            {"rows", std::move(rows)},
            {"settings", std::move(settings)},
            {"model",
             {{"name", result.model.name},
              {"architecture", result.model.architecture},
              {"source_format", result.model.sourceFormat},
              {"fingerprint", result.model.fingerprint}}},
            {"calibration",
             {{"text", statistics.textName},
              {"text_hash", statistics.textHash},
              {"tokens", statistics.tokens},
              {"context", statistics.context},
              {"windows", statistics.windows},
              {"fingerprint", statistics.fingerprint}}},
            {"check",
             {{"text", result.checkText},
              {"text_hash", check.textHash},
              {"tokens_scored", check.tokensScored},
              {"context", check.context},
              {"windows", check.windows},
              {"device", check.device},
              {"dtype", check.dtype}}},
            {"loads_in", result.exported.loadsIn},
            {"remarks", demoRemarks(result)},
            {"seconds", number(result.seconds)}};
}

void writeDemoReport(const DemoResult& result, const std::filesystem::path& folder, const std::string& finalFolder)
{
    const std::vector<DemoRow> rows = demoRows(result);
    const std::vector<DemoPlot> plots = demoPlots(result);
    writeFile(folder / "report.json",
              demoJson(result, finalFolder).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    writeFile(folder / "summary.csv", rowsCsv(rows));
    writeFile(folder / "spectra.csv", spectraCsv(*result.statistics));
    writeFile(folder / "linears.csv", linearsCsv(result));
    std::filesystem::create_directory(folder / "plots");
    for (const DemoPlot& plot : plots)
        writeFile(folder / "plots" / (plot.name + ".svg"), plot.svg);
    writeFile(folder / "report.html", demoHtml(result, rows, plots));
}

} // namespace eigenquant::cli
