// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/plan_flags.h"
#include "app/cli/text_flags.h"
#include "app/cli/text_format.h"
#include "core/base/error.h"

#include <memory>
#include <optional>

namespace eigenquant::cli {

namespace {

struct QuantizeCommand {
    std::string model, stats, out;
    std::optional<std::string> plan;
    PlanFlags flags;
    TextFlags text;
    bool noResume = false;
};

Json toJson(const LinearOutcome& linear)
{
    return {{"name", linear.id.name()},
            {"effective_bits", number(linear.effectiveBits)},
            {"rotation_bits", number(linear.rotationBits)},
            {"bytes", linear.bytes},
            {"output_error", number(linear.outputError)},
            {"predicted_error", number(linear.predictedError)}};
}

Json toJson(const QuantizeResult& result)
{
    Json linears = Json::array();
    for (const LinearOutcome& linear : result.linears)
        linears.push_back(toJson(linear));
    return {{"out", result.directory},
            {"effective_bits", number(result.effectiveBits)},
            {"rotation_bits", number(result.rotationBits)},
            {"bytes", result.bytes},
            {"file_bytes", result.fileBytes},
            {"seconds", number(result.seconds)},
            {"peak_rss_bytes", result.peakRssBytes},
            {"linears", std::move(linears)}};
}

std::string toText(const QuantizeResult& result)
{
    constexpr auto kRight = Table::Align::Right;
    Table table({{"linear"},
                 {"effective bits", kRight},
                 {"size", kRight},
                 {"output error", kRight},
                 {"predicted", kRight}});
    for (const LinearOutcome& linear : result.linears)
        table.add({linear.id.name(), fixed(linear.effectiveBits, 3), byteSize(linear.bytes),
                   significant(linear.outputError, 3), significant(linear.predictedError, 3)});
    return table.text() + "\n" +
           Table({{}, {}})
               .add({"effective bits", fixed(result.effectiveBits, 4)})
               .add({"of these rotation", fixed(result.rotationBits, 4)})
               .add({"quantized linears", byteSize(result.bytes)})
               .add({"whole checkpoint", byteSize(result.fileBytes)})
               .add({"time", duration(result.seconds)})
               .add({"peak memory", byteSize(result.peakRssBytes)})
               .add({"written to", result.directory})
               .text();
}

/// The plan's own settings, checked before anything is opened; nothing if the plan is a file.
std::optional<PlanOptions> planOptions(const QuantizeCommand& command, const Console& console)
{
    if (command.plan && command.flags.given())
        throw Error::usage("a plan already says how to quantize")
            .field("--plan")
            .hint("give either --plan, or --method and the flags with it");
    if (!command.plan && !command.flags.given())
        throw Error::usage("how to quantize is not said")
            .field("--method")
            .hint("give --plan PLAN, or --method with --bits, --group-size and --salient");
    if (command.plan)
        return std::nullopt;
    return command.flags.toOptions(console.options().seed);
}

int run(const QuantizeCommand& command, Console& console)
{
    const auto settings = planOptions(command, console);
    QuantizeOptions options;
    options.out = command.out;
    options.overwrite = console.options().force;
    options.resume = !command.noResume;
    if (command.text.given())
        options.text = command.text.toOptions();
    const auto session = ModelSession::open(command.model, console.options().compute);
    const Plan plan = settings ? makePlan(*loadStatistics(command.stats), *settings) : loadPlan(*command.plan);
    const QuantizeResult result = session->quantize(command.stats, plan, options, console.context());
    console.print(toJson(result), toText(result));
    return 0;
}

} // namespace

void addQuantize(CLI::App& app, Action& action)
{
    auto command = std::make_shared<QuantizeCommand>();
    CLI::App* verb = addVerb(app, "quantize", "carry a plan out and write the packed checkpoint",
                             "eigenquant quantize demo --stats demo.stats --plan demo.plan.json --out demo-4bit");
    verb->add_option("MODEL", command->model, "the model")->required();
    verb->add_option("--stats", command->stats, "what eigenquant analyze wrote")->required()->type_name("STATS");
    verb->add_option("--plan", command->plan, "what eigenquant plan wrote")->type_name("PLAN");
    verb->add_option("--out", command->out, "the folder of the checkpoint")->required()->type_name("DIR");
    verb->add_flag("--no-resume", command->noResume,
                   "begin anew, and keep nothing for another run when stopped (otherwise DIR.partial)");
    command->flags.addTo(*verb);
    command->text.addTo(*verb, "128", false);
    verb->callback(
        [command, &action] { action = [command](Console& console) { return run(*command, console); }; });
}

} // namespace eigenquant::cli
