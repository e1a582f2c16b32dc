// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/parse.h"
#include "app/cli/site_flags.h"
#include "app/cli/text_flags.h"
#include "app/cli/text_format.h"
#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

namespace eigenquant::cli {

namespace {

constexpr std::size_t kShown = 10;

struct ActivationsCommand {
    std::string model, stats, window = "0";
    SiteFlags site;
    TextFlags text;
    bool values = false;
};

Json toJson(const ChannelMeasures& measures, const std::vector<float>& values, bool withValues)
{
    if (values.empty())
        return nullptr;
    Json json{{"max", numbers(measures.largest)},
              {"mean_square", numbers(measures.meanSquare)},
              {"kurtosis", numbers(measures.kurtosis)}};
    if (withValues)
        json["values"] = numbers({values.begin(), values.end()});
    return json;
}

Json toJson(const ActivationMaps& maps, bool withValues)
{
    Json tokens = Json::array();
    for (std::size_t i = 0; i < maps.tokens.size(); ++i)
        tokens.push_back({{"id", maps.sample.ids[i]}, {"text", maps.tokens[i]}});
    return {{"layer", maps.sample.site.layer},
            {"site", name(maps.sample.site.site)},
            {"channels", maps.sample.channels},
            {"window", maps.window},
            {"tokens", std::move(tokens)},
            {"original", toJson(maps.measures, maps.sample.values, withValues)},
            {"rotated", toJson(maps.rotatedMeasures, maps.rotated, withValues)},
            {"why_not_rotated", textOrNull(maps.whyNotRotated)}};
}

std::string strongest(const std::string& space, const ChannelMeasures& measures)
{
    constexpr auto kRight = Table::Align::Right;
    std::vector<std::size_t> order(measures.largest.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const std::size_t shown = std::min(kShown, order.size());
    std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(shown), std::ranges::greater{},
                              [&](std::size_t j) { return measures.largest[j]; });
    Table table({{space, kRight}, {"max |x|", kRight}, {"RMS", kRight}, {"kurtosis", kRight}});
    for (std::size_t i = 0; i < shown; ++i)
        table.add({std::to_string(order[i]), significant(measures.largest[order[i]], 5),
                   significant(std::sqrt(measures.meanSquare[order[i]]), 5), fixed(measures.kurtosis[order[i]], 1)});
    return table.text();
}

std::string toText(const ActivationMaps& maps)
{
    const std::string rotated = maps.rotated.empty() ? "not rotated: " + maps.whyNotRotated + "\n"
                                                     : strongest("dimension", maps.rotatedMeasures);
    return maps.sample.site.name() + " at " + grouped(maps.sample.tokens()) + " tokens of " + maps.textName + "\n\n" +
           strongest("channel", maps.measures) + "\n" + rotated;
}

int run(const ActivationsCommand& command, Console& console)
{
    const TextOptions text = command.text.toOptions();
    const auto window =
        static_cast<int>(parseInteger("--window", command.window, 0, std::numeric_limits<int>::max()));
    const SiteId site = command.site.toSite();
    const auto session = ModelSession::open(command.model, console.options().compute);
    const ActivationMaps maps = session->activationMaps(site, text, window, command.stats, console.context());
    console.print(toJson(maps, command.values), toText(maps));
    return 0;
}

} // namespace

void addActivations(CLI::App& app, Action& action)
{
    auto command = std::make_shared<ActivationsCommand>();
    CLI::App* verb = addVerb(
        app, "activations", "what one site's channels do at the tokens of a window, as they are and rotated",
        "eigenquant activations demo --text wiki.txt --layer 3 --site mlp_in --stats demo.stats");
    verb->add_option("MODEL", command->model, "a model folder, a .gguf file, or \"demo\"")->required();
    verb->add_option("--stats", command->stats, "statistics of the model, whose second moments give the rotation")
        ->type_name("STATS");
    command->site.addTo(*verb);
    command->text.context = "256";
    command->text.addTo(*verb, "0", true);
    verb->add_option("--window", command->window, "the window of the text, from 0")
        ->type_name("N")
        ->capture_default_str();
    verb->add_flag("--values", command->values, "with every value in --json, token by token");
    verb->callback(
        [command, &action] { action = [command](Console& console) { return run(*command, console); }; });
}

} // namespace eigenquant::cli
