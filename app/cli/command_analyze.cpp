// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/parse.h"
#include "app/cli/text_flags.h"
#include "app/cli/text_format.h"

#include <algorithm>
#include <memory>

namespace eigenquant::cli {

namespace {

struct AnalyzeFlags {
    std::string model, out;
    TextFlags text;
    std::string maxMoments = "4GiB";
    bool noMoments = false;
    bool normsOnly = false;
    bool noFisher = false;
    bool noResume = false;
};

/// Of the energy, by falling eigenvalue; without eigenvalues, by falling energy of the channels themselves.
double topShare(const SiteStatistics& site)
{
    const Basis basis = site.eigenvalues.empty() ? Basis::Original : Basis::Pca;
    return salientEnergyShare(site, basis, Select::Top, SalientBudget{}.count(site.channels));
}

Json toJson(const SiteStatistics& site)
{
    const bool rotated = !site.eigenvalues.empty();
    return {{"layer", site.id.layer},
            {"site", name(site.id.site)},
            {"channels", site.channels},
            {"tokens", site.tokens},
            {"top_eigenvalue", rotated ? Json(number(site.eigenvalues.front())) : Json(nullptr)},
            {"energy_share_top_1_32", rotated ? Json(number(topShare(site))) : Json(nullptr)}};
}

/// Bytes that gathering a site took while the text was read: float64 sums, of four powers
/// too, and float32 largest magnitudes.
std::uint64_t gatheringBytes(const ModelStatistics& statistics, bool normsOnly)
{
    std::uint64_t bytes = 0;
    for (const SiteStatistics& site : statistics.sites) {
        const auto channels = static_cast<std::uint64_t>(site.channels);
        bytes += channels * (normsOnly ? 1 : channels) * sizeof(double) +
                 channels * (4 * sizeof(double) + sizeof(float));
    }
    return bytes;
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
            {"norms_only", statistics.normsOnly},
            {"has_moments", statistics.hasMoments},
            {"gathering_bytes", gatheringBytes(statistics, statistics.normsOnly)},
            {"seconds", number(statistics.seconds)},
            {"peak_rss_bytes", statistics.peakRssBytes},
            {"caution", caution(statistics).empty() ? Json(nullptr) : Json(caution(statistics))},
            {"sites", std::move(sites)}};
}

std::string siteTable(const ModelStatistics& statistics)
{
    constexpr auto kRight = Table::Align::Right;
    Table table({{"layer", kRight},
                 {"site"},
                 {"channels", kRight},
                 {statistics.normsOnly ? "top channel energy" : "top eigenvalue", kRight},
                 {"energy in top 1/32", kRight}});
    for (const SiteStatistics& site : statistics.sites) {
        const std::vector<double>& energy = statistics.normsOnly ? site.channelEnergy : site.eigenvalues;
        const double top = energy.empty() ? 0 : *std::max_element(energy.begin(), energy.end());
        table.add({std::to_string(site.id.layer), std::string(name(site.id.site)), grouped(site.channels),
                   significant(top, 5), fixed(100 * topShare(site), 1) + " %"});
    }
    return table.text();
}

std::string secondMomentsText(const ModelStatistics& statistics)
{
    if (statistics.normsOnly)
        return "not gathered: channel norms took " + byteSize(gatheringBytes(statistics, true)) + " instead of " +
               byteSize(gatheringBytes(statistics, false));
    return statistics.hasMoments ? "kept" : "left out";
}

std::string toText(const ModelStatistics& statistics, const std::string& out)
{
    const std::string warning = caution(statistics).empty() ? "" : "Caution: " + caution(statistics) + ".\n\n";
    return siteTable(statistics) + "\n" + warning +
           Table({{}, {}})
               .add({"tokens", grouped(statistics.tokens) + " (" + grouped(statistics.windows) + " windows of " +
                                   grouped(statistics.context) + ")"})
               .add({"second moments", secondMomentsText(statistics)})
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
    options.normsOnly = flags.normsOnly;
    if (flags.noFisher)
        options.fisherWindows = 0;
    options.maxMomentsBytes = parseBytes("--max-moments", flags.maxMoments);
    options.overwrite = console.options().force;
    options.resume = !flags.noResume;
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
    verb->add_flag("--no-fisher", flags->noFisher,
                   "do not measure what the model feels of each linear's error, which --target-bits and etq go by");
    verb->add_flag("--no-resume", flags->noResume,
                   "begin anew, and keep nothing for another run when stopped (otherwise STATS.partial)");
    verb->add_flag("--norms-only", flags->normsOnly,
                   "channel norms alone, in little memory: enough for rtn, salient and cmpq");
    verb->callback([flags, &action] { action = [flags](Console& console) { return run(*flags, console); }; });
}

} // namespace eigenquant::cli
