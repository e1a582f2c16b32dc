// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/plan_flags.h"
#include "app/cli/text_format.h"
#include "core/base/error.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

namespace eigenquant::cli {

namespace {

struct PlanCommand {
    std::string model, stats;
    std::optional<std::string> edit, out;
    PlanFlags flags;
};

Json toJson(const LinearPlan& linear)
{
    return {{"name", linear.id.name()},
            {"method", name(linear.method)},
            {"bits", linear.bits},
            {"group_size", linear.groupSize},
            {"salient", linear.salient},
            {"effective_bits", number(linear.effectiveBits)},
            {"rotation_bits", number(linear.rotationBits)},
            {"bytes", linear.bytes},
            {"predicted_error", number(linear.predictedError)},
            {"predicted_kl", number(linear.predictedKl)}};
}

Json toJson(const MemoryEstimate& memory)
{
    return {{"bytes", memory.total()},
            {"linears", memory.linears},
            {"outer", memory.outer},
            {"cache", memory.cache},
            {"tokens", memory.tokens}};
}

Json toJson(const Plan& plan, const MemoryEstimate& memory, const std::optional<std::string>& out)
{
    Json linears = Json::array();
    for (const LinearPlan& linear : plan.linears)
        linears.push_back(toJson(linear));
    return {{"method", name(plan.options.method)},
            {"effective_bits", number(plan.totals.effectiveBits)},
            {"rotation_bits", number(plan.totals.rotationBits)},
            {"bytes", plan.totals.bytes},
            {"predicted_error", number(plan.totals.predictedError)},
            {"predicted_kl", number(plan.totals.predictedKl)},
            {"memory", toJson(memory)},
            {"stats_fingerprint", plan.statsFingerprint},
            {"out", out ? Json(*out) : Json(nullptr)},
            {"linears", std::move(linears)}};
}

std::string toText(const Plan& plan, const MemoryEstimate& memory, const std::optional<std::string>& out)
{
    constexpr auto kRight = Table::Align::Right;
    Table table({{"linear"},
                 {"method"},
                 {"bits", kRight},
                 {"group", kRight},
                 {"salient", kRight},
                 {"effective bits", kRight},
                 {"of these rotation", kRight},
                 {"size", kRight},
                 {"predicted error", kRight}});
    for (const LinearPlan& linear : plan.linears)
        table.add({linear.id.name(), std::string(name(linear.method)), significant(linear.bits, 4),
                   std::to_string(linear.groupSize), std::to_string(linear.salient),
                   fixed(linear.effectiveBits, 3), fixed(linear.rotationBits, 3), byteSize(linear.bytes),
                   significant(linear.predictedError, 3)});
    Table totals({{}, {}});
    totals.add({"effective bits", fixed(plan.totals.effectiveBits, 4)})
        .add({"of these rotation", fixed(plan.totals.rotationBits, 4)})
        .add({"size", byteSize(plan.totals.bytes)})
        .add({"predicted error", significant(plan.totals.predictedError, 4)})
        .add({"predicted KL, nats a token", significant(plan.totals.predictedKl, 4)});
    totals.add({"memory to decode with", byteSize(memory.total()) + ", " + byteSize(memory.cache) +
                                             " of it keys and values of " + std::to_string(memory.tokens) +
                                             " tokens"});
    if (out)
        totals.add({"written to", *out});
    return table.text() + "\n" + totals.text();
}

void refuseOtherModel(const ModelInfo& model, const ModelStatistics& statistics, const std::string& stats)
{
    if (model.fingerprint != statistics.model.fingerprint)
        throw Error::invalid("these statistics were made for another model")
            .file(stats)
            .field("model fingerprint")
            .expected(model.fingerprint)
            .found(statistics.model.fingerprint)
            .hint("run eigenquant analyze on this model");
}

void refuseOutputOverInput(const std::string& out, const std::string& stats)
{
    std::error_code ignored; // a file that is not there is no input
    if (std::filesystem::equivalent(out, stats, ignored))
        throw Error::usage("the output is one of the inputs").file(out).field("--out").hint("choose another name");
}

/// The plan of a file with the rules, then the target, applied.
Plan editedPlan(const std::string& file, const PlanFlags& flags, const ModelStatistics& statistics)
{
    Plan plan = loadPlan(file);
    if (plan.statsFingerprint != statistics.fingerprint)
        throw Error::invalid("the plan was made for other statistics")
            .file(file)
            .field("statistics")
            .expected(statistics.fingerprint)
            .found(plan.statsFingerprint);
    validatePlan(plan, statistics);
    predict(plan, statistics);
    applyRules(plan, flags.rules, statistics);
    if (flags.targetBits) {
        plan.options.targetBits = flags.wantedBits();
        allocateBits(plan, statistics, plan.options.targetBits);
    }
    return plan;
}

int run(const PlanCommand& command, Console& console)
{
    if (command.edit)
        command.flags.refuseAllButEdits();
    const PlanOptions options = command.flags.toOptions(console.options().seed);
    const auto session = ModelSession::open(command.model, console.options().compute);
    const auto statistics = loadStatistics(command.stats);
    refuseOtherModel(session->info(), *statistics, command.stats);
    const Plan plan =
        command.edit ? editedPlan(*command.edit, command.flags, *statistics) : makePlan(*statistics, options);
    console.context().checkpoint();
    if (command.out) {
        refuseOutputOverInput(*command.out, command.stats);
        savePlan(plan, *command.out, console.options().force);
    }
    const MemoryEstimate memory = estimateMemory(plan, session->info());
    console.print(toJson(plan, memory, command.out), toText(plan, memory, command.out));
    return 0;
}

} // namespace

void addPlan(CLI::App& app, Action& action)
{
    auto command = std::make_shared<PlanCommand>();
    CLI::App* verb =
        addVerb(app, "plan", "how every linear would be quantized, before any work",
                "eigenquant plan demo --stats demo.stats --method rosaq --bits 4 --out demo.plan.json");
    verb->add_option("MODEL", command->model, "the model")->required();
    verb->add_option("--stats", command->stats, "what eigenquant analyze wrote")->required()->type_name("STATS");
    verb->add_option("--edit", command->edit, "a plan to change with --set and --target-bits, in place of making one")
        ->type_name("PLAN");
    verb->add_option("--out", command->out, "the plan file; without it the plan is only shown")->type_name("PLAN");
    command->flags.addTo(*verb);
    verb->callback(
        [command, &action] { action = [command](Console& console) { return run(*command, console); }; });
}

} // namespace eigenquant::cli
