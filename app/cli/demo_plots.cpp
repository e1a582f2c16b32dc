// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/demo_plots.h"

#include "app/cli/svg_plot.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

namespace eigenquant::cli {

namespace {

/// First, middle and last layer; fewer if there are fewer.
std::set<int> layersToShow(const ModelStatistics& statistics)
{
    const int last = std::max(statistics.model.layers - 1, 0);
    return {0, last / 2, last};
}

std::vector<double> sorted(std::vector<double> values)
{
    std::sort(values.begin(), values.end(), std::greater<>());
    return values;
}

/// Root mean squares of mean squares; rounding may leave an eigenvalue a little below 0.
std::vector<double> rootMeanSquares(std::vector<double> energies)
{
    for (double& energy : energies)
        energy = std::sqrt(std::max(energy, 0.0));
    return energies;
}

DemoPlot spectrumPlot(const ModelStatistics& statistics, Site site)
{
    const std::string siteName(name(site));
    Plot plot{.title = siteName + ": eigenvalues and channel energies",
              .xLabel = "rank",
              .yLabel = "mean square",
              .logX = true,
              .logY = true,
              .firstX = 1};
    int colour = 0;
    for (const int layer : layersToShow(statistics)) {
        const SiteStatistics& found = statistics.site({layer, site});
        const std::string layerName = "layer " + std::to_string(layer);
        plot.series.push_back({layerName + ", eigenvalues", found.eigenvalues, Series::Style::Solid, colour});
        plot.series.push_back(
            {layerName + ", channels by energy", sorted(found.channelEnergy), Series::Style::Dashed, colour});
        ++colour;
    }
    return {
        "spectrum_" + siteName,
        "What " + siteName +
            " holds, by falling size: eigenvalues of the second moment (solid) against the "
            "energies of the model's own channels (dashed). The steeper the solid line, the more a few rotated "
            "dimensions carry.",
        toSvg({plot}, 760, 420)};
}

/// How far the strongest channel stands out of the ordinary ones.
double outlierRatio(const SiteStatistics& site)
{
    const std::vector<double> energies = sorted(site.channelEnergy);
    if (energies.empty() || !(energies[energies.size() / 2] > 0))
        return 0;
    return energies.front() / energies[energies.size() / 2];
}

const SiteStatistics& layerWithStrongestOutlier(const ModelStatistics& statistics, Site site)
{
    const SiteStatistics* strongest = &statistics.site({0, site});
    for (const SiteStatistics& candidate : statistics.sites)
        if (candidate.id.site == site && outlierRatio(candidate) > outlierRatio(*strongest))
            strongest = &candidate;
    return *strongest;
}

DemoPlot outlierPlot(const ModelStatistics& statistics, Site site)
{
    const SiteStatistics& found = layerWithStrongestOutlier(statistics, site);
    const std::string where = "layer " + std::to_string(found.id.layer) + ", " + std::string(name(site));
    const Plot original{.title = where + ": original channels",
                        .xLabel = "channel",
                        .yLabel = "root mean square",
                        .series = {{"", rootMeanSquares(found.channelEnergy), Series::Style::Stems, 0}}};
    const Plot rotated{.title = where + ": rotated by the eigenvectors",
                       .xLabel = "dimension, by falling eigenvalue",
                       .yLabel = "root mean square",
                       .series = {{"", rootMeanSquares(found.eigenvalues), Series::Style::Stems, 1}}};
    return {"outliers_" + std::string(name(site)),
            "The layer whose " + std::string(name(site)) +
                " has the strongest outlier. Left: the model's own "
                "channels. Right: after the rotation the energy stands in the first dimensions, which stay FP16.",
            toSvg({original, rotated}, 480, 360)};
}

/// Mean output error of the linears of each layer.
std::vector<double> errorByLayer(const QuantizeResult& outcome, int layers)
{
    std::vector<double> sum(static_cast<std::size_t>(layers)), count(sum);
    for (const LinearOutcome& linear : outcome.linears) {
        const auto layer = static_cast<std::size_t>(linear.id.layer);
        if (layer >= sum.size())
            continue;
        sum[layer] += linear.outputError;
        count[layer] += 1;
    }
    for (std::size_t i = 0; i < sum.size(); ++i)
        sum[i] = count[i] > 0 ? sum[i] / count[i] : 0;
    return sum;
}

DemoPlot errorPlot(const DemoResult& result)
{
    Plot plot{.title = "Output error by layer", .xLabel = "layer", .yLabel = "mean |XdW|^2 / |XW|^2"};
    int colour = 0;
    for (const DemoVariant& variant : result.variants)
        if (variant.outcome)
            plot.series.push_back({variant.name, errorByLayer(*variant.outcome, result.statistics->model.layers),
                                   Series::Style::Bars, colour++});
    return {"error_by_layer", "The output error of each layer's linears, averaged, as measured on what is stored.",
            toSvg({plot}, 960, 360)};
}

} // namespace

std::vector<DemoPlot> demoPlots(const DemoResult& result)
{
    std::vector<DemoPlot> plots;
    for (const Site site : kAllSites)
        plots.push_back(spectrumPlot(*result.statistics, site));
    for (const Site site : {Site::AttnIn, Site::MlpIn, Site::MlpOut})
        plots.push_back(outlierPlot(*result.statistics, site));
    plots.push_back(errorPlot(result));
    return plots;
}

} // namespace eigenquant::cli
