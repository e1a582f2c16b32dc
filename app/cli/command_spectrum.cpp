// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/parse.h"
#include "app/cli/text_format.h"
#include "core/base/error.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <numeric>

namespace eigenquant::cli {

namespace {

constexpr std::size_t kShown = 10;

struct SpectrumOptions {
    std::string stats, layer, site;
};

Json toJson(const SiteStatistics& site)
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
    const std::size_t rows = std::min({kShown, order.size(), site.channelMax.size()});
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
    const auto site = siteFromName(options.site);
    if (!site)
        throw Error::usage("there is no such site")
            .field("--site")
            .found("\"" + options.site + "\"")
            .expected("attn_in, attn_out, mlp_in or mlp_out");
    const auto layer =
        static_cast<int>(parseInteger("--layer", options.layer, 0, std::numeric_limits<int>::max()));
    const auto statistics = loadStatistics(options.stats);
    const SiteStatistics& found = statistics->site({layer, *site});
    const std::string why =
        statistics->normsOnly ? "no eigenvalues: the statistics are of channel norms alone (--norms-only)\n" : "";
    console.print(toJson(found), found.id.name() + ": " + grouped(found.channels) + " channels, " +
                                     grouped(found.tokens) + " tokens\n" + why + "\n" + topTable(found) + "\n" +
                                     shareTable(found));
    return 0;
}

} // namespace

void addSpectrum(CLI::App& app, Action& action)
{
    auto options = std::make_shared<SpectrumOptions>();
    CLI::App* verb = addVerb(app, "spectrum", "eigenvalues and channel energies of one site",
                             "eigenquant spectrum demo.stats --layer 3 --site mlp_in");
    verb->add_option("STATS", options->stats, "what eigenquant analyze wrote")->required();
    verb->add_option("--layer", options->layer, "the layer, from 0")->required()->type_name("L");
    verb->add_option("--site", options->site, "attn_in, attn_out, mlp_in or mlp_out")->required()->type_name("S");
    verb->callback(
        [options, &action] { action = [options](Console& console) { return run(*options, console); }; });
}

} // namespace eigenquant::cli
