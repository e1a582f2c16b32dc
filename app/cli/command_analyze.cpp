// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/parse.h"
#include "app/cli/text_flags.h"
#include "app/cli/text_format.h"

#include <memory>

namespace eigenquant::cli {

namespace {

struct AnalyzeFlags {
    std::string model, out;
    TextFlags text;
    std::string maxMoments = "4GiB";
    bool noMoments = false;
};

double topShare(const SiteStatistics& site)
{
    return salientEnergyShare(site, Basis::Pca, Select::Top, SalientBudget{}.count(site.channels));
}

double topEigenvalue(const SiteStatistics& site)
{
    return site.eigenvalues.empty() ? 0.0 : site.eigenvalues.front();
}

Json toJson(const SiteStatistics& site)
{
    return {{"layer", site.id.layer},
            {"site", name(site.id.site)},
            {"channels", site.channels},
            {"tokens", site.tokens},
            {"top_eigenvalue", number(topEigenvalue(site))},
            {"energy_share_top_1_32", number(topShare(site))}};
}

Json toJson(const ModelStatistics& statistics, const std::string& out)
{
    Json sites = Json::array();
    for (const SiteStatistics& site : statistics.sites)
        sites.push_back(toJson(site));
    return {{"out", out},
            {"fingerprint", statistics.fingerprint},
            {"tokens", statistics.tokens},
            {"windows", statistics.windows},
            {"context", statistics.context},
            {"has_moments", statistics.hasMoments},
            {"seconds", number(statistics.seconds)},
            {"peak_rss_bytes", statistics.peakRssBytes},
            {"sites", std::move(sites)}};
}

std::string toText(const ModelStatistics& statistics, const std::string& out)
{
    constexpr auto kRight = Table::Align::Right;
    Table table({{"layer", kRight},
                 {"site"},
                 {"channels", kRight},
                 {"top eigenvalue", kRight},
                 {"energy in top 1/32", kRight}});
    for (const SiteStatistics& site : statistics.sites)
        table.add({std::to_string(site.id.layer), std::string(name(site.id.site)), grouped(site.channels),
                   significant(topEigenvalue(site), 5), fixed(100 * topShare(site), 1) + " %"});
    return table.text() + "\n" +
           Table({{}, {}})
               .add({"tokens", grouped(statistics.tokens) + " (" + grouped(statistics.windows) + " windows of " +
                                   grouped(statistics.context) + ")"})
               .add({"second moments", statistics.hasMoments ? "kept" : "left out"})
               .add({"time", duration(statistics.seconds)})
               .add({"peak memory", byteSize(statistics.peakRssBytes)})
               .add({"fingerprint", statistics.fingerprint})
               .add({"written to", out})
               .text();
}

int run(const AnalyzeFlags& flags, Console& console)
{
    AnalyzeOptions options;
    options.text = flags.text.toOptions();
    options.out = flags.out;
    options.keepMoments = !flags.noMoments;
    options.maxMomentsBytes = parseBytes("--max-moments", flags.maxMoments);
    options.overwrite = console.options().force;
    const auto session = ModelSession::open(flags.model, console.options().compute);
    const auto statistics = session->analyze(options, console.context());
    console.print(toJson(*statistics, flags.out), toText(*statistics, flags.out));
    return 0;
}

} // namespace

void addAnalyze(CLI::App& app, Action& action)
{
    auto flags = std::make_shared<AnalyzeFlags>();
    CLI::App* verb =
        addVerb(app, "analyze", "eigenvalues and channel energies of every site, in one pass over a text",
                "eigenquant analyze demo --text calibration.txt --out demo.stats");
    verb->add_option("MODEL", flags->model, "the model")->required();
    flags->text.addTo(*verb, "128", true);
    verb->add_option("--out", flags->out, "the STATS file")->required()->type_name("STATS");
    verb->add_option("--max-moments", flags->maxMoments, "leave the second moments out above this size (4GiB)")
        ->type_name("BYTES");
    verb->add_flag("--no-moments", flags->noMoments, "leave the second moments out");
    verb->callback([flags, &action] { action = [flags](Console& console) { return run(*flags, console); }; });
}

} // namespace eigenquant::cli
