// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/site_flags.h"
#include "app/cli/text_format.h"

#include <algorithm>
#include <memory>
#include <numeric>

namespace eigenquant::cli {

namespace {

constexpr std::size_t kShownRows = 10;

struct SpectrumOptions {
    std::string stats, salient, against;
    SiteFlags site;
};

Json spectrumToJson(const SiteStatistics& site)
{
    Json object{{"layer", site.id.layer},
                {"site", name(site.id.site)},
                {"channels", site.channels},
                {"tokens", site.tokens},
                {"basis", name(site.eigenvalues.empty() ? Basis::Original : Basis::Pca)},
                {"eigenvalues", site.eigenvalues.empty() ? Json(nullptr) : numbers(site.eigenvalues)},
                {"channel_energy", numbers(site.channelEnergy)},
                {"channel_max", numbers(site.channelMax)}};
    if (!site.headWiseEnergy.empty())
        object["head_wise_energy"] = numbers(site.headWiseEnergy);
    return object;
}

/// The energy that K channels hold, as the window says it beside its line.
Json keptToJson(const SiteStatistics& site, int salient)
{
    const auto share = [&](Basis basis) {
        return basis == Basis::Pca && site.eigenvalues.empty()
                   ? Json(nullptr)
                   : number(salientEnergyShare(site, basis, Select::Top, salient));
    };
    return {{"salient", salient},
            {"energy_share", share(Basis::Pca)},
            {"energy_share_original", share(Basis::Original)}};
}

Json toJson(const SpectrumFigures& figures)
{
    return {{"model", figures.model},
            {"text", figures.text},
            {"tokens", figures.tokens},
            {"channels", figures.channels},
            {"energy", number(figures.energy)},
            {"energy_share", number(figures.keptShare)},
            {"effective_dimensions", number(figures.effectiveDimensions)}};
}

Json toJson(const SpectrumDifference& difference)
{
    return {{"first", toJson(difference.first)},
            {"second", toJson(difference.second)},
            {"same_model", difference.sameModel},
            {"same_text", difference.sameText},
            {"decades_apart", number(difference.decadesApart)},
            {"shared_outliers", difference.sharedOutliers < 0 ? Json(nullptr) : Json(difference.sharedOutliers)}};
}

std::string differenceTable(const SpectrumDifference& difference)
{
    constexpr auto kRight = Table::Align::Right;
    Table table({{"statistics"},
                 {"tokens", kRight},
                 {"energy", kRight},
                 {"top K hold", kRight},
                 {"effective dimensions", kRight}});
    for (const SpectrumFigures* figures : {&difference.first, &difference.second})
        table.add({figures->model + ", " + figures->text, grouped(figures->tokens), significant(figures->energy, 4),
                   fixed(100 * figures->keptShare, 1) + " %", fixed(figures->effectiveDimensions, 1)});
    const std::string outliers =
        difference.sharedOutliers < 0
            ? "the models differ in width"
            : std::to_string(difference.sharedOutliers) + " of the " + std::to_string(difference.salient) +
                  " strongest original channels are the same";
    return "\nK = " + std::to_string(difference.salient) + "\n" + table.text() + "the spectra lie " +
           fixed(difference.decadesApart, 3) + " decades apart; " + outliers + "\n";
}

std::vector<std::size_t> channelsByEnergy(const SiteStatistics& site)
{
    std::vector<std::size_t> order(site.channelEnergy.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return site.channelEnergy[a] > site.channelEnergy[b]; });
    return order;
}

std::string topTable(const SiteStatistics& site)
{
    constexpr auto kRight = Table::Align::Right;
    Table table({{"rank", kRight},
                 {"eigenvalue", kRight},
                 {"channel", kRight},
                 {"channel energy", kRight},
                 {"largest |x|", kRight}});
    const auto order = channelsByEnergy(site);
    const std::size_t rows = std::min({kShownRows, order.size(), site.channelMax.size()});
    for (std::size_t i = 0; i < rows; ++i)
        table.add({std::to_string(i + 1), i < site.eigenvalues.size() ? significant(site.eigenvalues[i], 6) : "-",
                   std::to_string(order[i]), significant(site.channelEnergy[order[i]], 6),
                   significant(site.channelMax[order[i]], 6)});
    return table.text();
}

std::string shareTable(const SiteStatistics& site)
{
    constexpr auto kRight = Table::Align::Right;
    Table table(
        {{"kept", kRight}, {"channels", kRight}, {"energy, rotated", kRight}, {"energy, original", kRight}});
    for (const char* fraction : {"1/64", "1/32", "1/16", "1/8", "1/4"}) {
        const int kept = SalientBudget::parse(fraction).count(site.channels);
        const auto share = [&](Basis basis) -> std::string {
            if (basis == Basis::Pca && site.eigenvalues.empty())
                return "-";
            return fixed(100 * salientEnergyShare(site, basis, Select::Top, kept), 1) + " %";
        };
        table.add({fraction, grouped(kept), share(Basis::Pca), share(Basis::Original)});
    }
    return table.text();
}

int run(const SpectrumOptions& options, Console& console)
{
    const SiteId site = options.site.toSite();
    const auto statistics = loadStatistics(options.stats);
    const SiteStatistics& found = statistics->site(site);
    const std::string why =
        statistics->normsOnly ? "no eigenvalues: the statistics are of channel norms alone (--norms-only)\n" : "";
    const int salient = SalientBudget::parse(options.salient).count(found.channels);
    Json json = spectrumToJson(found);
    const auto kurtosis = channelKurtosis(options.stats);
    const auto index = static_cast<std::size_t>(&found - statistics->sites.data()); // both by layer, then site
    json["channel_kurtosis"] = index < kurtosis.size() ? numbers(kurtosis[index]) : Json(nullptr);
    json.update(keptToJson(found, salient));
    std::string difference;
    if (!options.against.empty()) {
        const SpectrumDifference apart =
            spectrumDifference(*statistics, *loadStatistics(options.against), found.id, salient);
        json["against"] = toJson(apart);
        difference = differenceTable(apart);
    }
    console.print(json, found.id.name() + ": " + grouped(found.channels) + " channels, " +
                                     grouped(found.tokens) + " tokens\n" + why + "\n" + topTable(found) + "\n" +
                                     shareTable(found) + difference);
    return 0;
}

} // namespace

void addSpectrum(CLI::App& app, Action& action)
{
    auto options = std::make_shared<SpectrumOptions>();
    CLI::App* verb = addVerb(app, "spectrum", "eigenvalues and channel energies of one site",
                             "eigenquant spectrum demo.stats --layer 3 --site mlp_in");
    verb->add_option("STATS", options->stats, "what eigenquant analyze wrote")->required();
    options->site.addTo(*verb);
    options->salient = "1/32";
    verb->add_option("--salient", options->salient, "the K that energy_share is of: a count or a fraction")
        ->type_name("K")
        ->capture_default_str();
    verb->add_option("--against", options->against, "other statistics, of another text or model, to compare with")
        ->type_name("STATS");
    verb->callback(
        [options, &action] { action = [options](Console& console) { return run(*options, console); }; });
}

} // namespace eigenquant::cli
