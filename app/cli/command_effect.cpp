// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/parse.h"
#include "app/cli/text_flags.h"
#include "app/cli/text_format.h"

#include <memory>

namespace eigenquant::cli {

namespace {

constexpr int kMaxLayer = 1 << 20;

struct EffectCommand {
    std::string model, stats, plan, layer;
    TextFlags text;
};

Json toJson(const LayerEffect& effect)
{
    Json linears = Json::array();
    for (const LinearOutcome& linear : effect.linears)
        linears.push_back({{"name", linear.id.name()},
                           {"effective_bits", number(linear.effectiveBits)},
                           {"predicted_error", number(linear.predictedError)},
                           {"output_error", number(linear.outputError)}});
    return {{"layer", effect.layer},
            {"effective_bits", number(effect.effectiveBits)},
            {"bytes", effect.bytes},
            {"output_error", number(effect.outputError)},
            {"kl", number(effect.kl)},
            {"same_top", number(effect.sameTop)},
            {"perplexity", number(effect.perplexity.perplexity)},
            {"stderr", number(effect.perplexity.standardError)},
            {"float_perplexity", number(effect.floatPerplexity)},
            {"windows", effect.perplexity.windows},
            {"context", effect.perplexity.context},
            {"tokens_scored", effect.perplexity.tokensScored},
            {"text_hash", effect.perplexity.textHash},
            {"device", effect.perplexity.device},
            {"dtype", effect.perplexity.dtype},
            {"quantize_seconds", number(effect.quantizeSeconds)},
            {"seconds", number(effect.seconds)},
            {"linears", std::move(linears)}};
}

std::string toText(const LayerEffect& effect)
{
    constexpr auto kRight = Table::Align::Right;
    Table table({{"linear"}, {"effective bits", kRight}, {"predicted error", kRight}, {"output error", kRight}});
    for (const LinearOutcome& linear : effect.linears)
        table.add({linear.id.name(), fixed(linear.effectiveBits, 3), significant(linear.predictedError, 3),
                   significant(linear.outputError, 3)});
    Table totals({{}, {}});
    totals
        .add({"layer " + std::to_string(effect.layer) + " alone quantized",
              fixed(effect.effectiveBits, 3) + " effective bits, " + byteSize(effect.bytes)})
        .add({"error of its output", significant(effect.outputError, 4)})
        .add({"KL, nats a token", significant(effect.kl, 4)})
        .add({"same top", fixed(100 * effect.sameTop, 2) + " %"})
        .add({"perplexity",
              fixed(effect.perplexity.perplexity, 4) + " (float " + fixed(effect.floatPerplexity, 4) + ")"})
        .add({"over", grouped(effect.perplexity.tokensScored) + " tokens in " + duration(effect.seconds) + " on " +
                          effect.perplexity.device + ", " + effect.perplexity.dtype});
    return table.text() + "\n" + totals.text();
}

int run(const EffectCommand& command, Console& console)
{
    const auto layer = static_cast<int>(parseInteger("--layer", command.layer, 0, kMaxLayer));
    const TextOptions text = command.text.toOptions();
    const Plan plan = loadPlan(command.plan);
    const auto session = ModelSession::open(command.model, console.options().compute);
    const LayerEffect effect = session->effect(command.stats, plan, layer, text, console.context());
    console.print(toJson(effect), toText(effect));
    return 0;
}

} // namespace

void addEffect(CLI::App& app, Action& action)
{
    auto command = std::make_shared<EffectCommand>();
    CLI::App* verb = addVerb(app, "effect",
                             "what one layer of a plan costs: it alone is quantized, and measured on a short text",
                             "eigenquant effect demo --stats demo.stats --plan demo.plan.json --layer 3 --text "
                             "wiki.valid.txt");
    verb->add_option("MODEL", command->model, "the model")->required();
    verb->add_option("--stats", command->stats, "what eigenquant analyze wrote")->required()->type_name("STATS");
    verb->add_option("--plan", command->plan, "what eigenquant plan wrote")->required()->type_name("PLAN");
    verb->add_option("--layer", command->layer, "the layer, counted from 0")->required()->type_name("N");
    command->text.context = "256";
    command->text.addTo(*verb, "2", true);
    verb->callback(
        [command, &action] { action = [command](Console& console) { return run(*command, console); }; });
}

} // namespace eigenquant::cli
