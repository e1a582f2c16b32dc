// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/text_format.h"
#include "core/base/error.h"

#include <memory>

namespace eigenquant::cli {

namespace {

struct WeightsCommand {
    std::string model, stats, plan, linear;
};

Json toJson(const WeightDistribution& weights)
{
    Json groups = Json::array();
    for (const GroupRange& group : weights.groups)
        groups.push_back({{"salient", group.salient},
                          {"first_column", group.firstColumn},
                          {"columns", group.columns},
                          {"min", number(group.least)},
                          {"max", number(group.largest)},
                          {"mean_width", number(group.meanWidth)}});
    return {{"min", number(weights.least)},
            {"max", number(weights.largest)},
            {"mean_square", number(weights.meanSquare)},
            {"kurtosis", number(weights.kurtosis)},
            {"histogram", weights.histogram},
            {"groups", std::move(groups)}};
}

Json toJson(const WeightRanges& ranges)
{
    return {{"name", ranges.plan.id.name()},
            {"method", name(ranges.plan.method)},
            {"basis", name(ranges.basis)},
            {"bits", ranges.plan.bits},
            {"group_size", ranges.groupSize},
            {"salient", ranges.plan.salient},
            {"lower", number(ranges.lower)},
            {"upper", number(ranges.upper)},
            {"original", toJson(ranges.original)},
            {"turned", toJson(ranges.turned)},
            {"stored", toJson(ranges.stored)},
            {"output_error", number(ranges.outputError)}};
}

std::string toText(const WeightRanges& ranges)
{
    constexpr auto kRight = Table::Align::Right;
    Table table({{"weights"}, {"min", kRight}, {"max", kRight}, {"mean square", kRight}, {"kurtosis", kRight}});
    const auto add = [&](const std::string& title, const WeightDistribution& weights) {
        table.add({title, significant(weights.least, 4), significant(weights.largest, 4),
                   significant(weights.meanSquare, 4), fixed(weights.kurtosis, 2)});
    };
    add("original", ranges.original);
    add("in the basis " + std::string(name(ranges.basis)), ranges.turned);
    add("stored", ranges.stored);
    return ranges.plan.id.name() + ", " + std::string(name(ranges.plan.method)) + "\n\n" + table.text() +
           "output error " + significant(ranges.outputError, 4) + "\n";
}

int run(const WeightsCommand& command, Console& console)
{
    const auto linear = LinearId::fromName(command.linear);
    if (!linear)
        throw Error::usage("there is no such linear")
            .field("--linear")
            .found("\"" + command.linear + "\"")
            .expected("a layer and q, k, v, o, gate, up or down, such as 3.down");
    const Plan plan = loadPlan(command.plan);
    const auto session = ModelSession::open(command.model, console.options().compute);
    const WeightRanges ranges = session->weightRanges(command.stats, plan, *linear, console.context());
    console.print(toJson(ranges), toText(ranges));
    return 0;
}

} // namespace

void addWeights(CLI::App& app, Action& action)
{
    auto command = std::make_shared<WeightsCommand>();
    CLI::App* verb = addVerb(app, "weights", "how one linear's weights are distributed before and after quantization",
                             "eigenquant weights demo --stats demo.stats --plan plan.json --linear 3.down");
    verb->add_option("MODEL", command->model, "a model folder, a .gguf file, or \"demo\"")->required();
    verb->add_option("--stats", command->stats, "what eigenquant analyze wrote")->required()->type_name("STATS");
    verb->add_option("--plan", command->plan, "what eigenquant plan wrote")->required()->type_name("PLAN");
    verb->add_option("--linear", command->linear, "layer and role, such as 3.down")->required()->type_name("NAME");
    verb->callback(
        [command, &action] { action = [command](Console& console) { return run(*command, console); }; });
}

} // namespace eigenquant::cli
