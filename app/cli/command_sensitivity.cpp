// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/text_flags.h"
#include "app/cli/text_format.h"

#include <memory>

namespace eigenquant::cli {

namespace {

struct SensitivityCommand {
    std::string model, checkpoint;
    TextFlags text;
};

Json toJson(const ModelSensitivity& result)
{
    Json layers = Json::array();
    for (const LayerSensitivity& layer : result.layers)
        layers.push_back({{"layer", layer.layer}, {"on", number(layer.on)}, {"off", number(layer.off)}});
    return {{"all", number(result.all)},
            {"layers", layers},
            {"windows", result.windows},
            {"context", result.context},
            {"tokens_scored", result.tokensScored},
            {"seconds", number(result.seconds)},
            {"device", result.device},
            {"dtype", result.dtype},
            {"text_hash", result.textHash}};
}

std::string toText(const ModelSensitivity& result)
{
    using Align = Table::Align;
    Table table({{"layer", Align::Right},
                 {"KL, on alone", Align::Right},
                 {"KL, all but it", Align::Right},
                 {"saved", Align::Right}});
    for (const LayerSensitivity& layer : result.layers)
        table.add({std::to_string(layer.layer), fixed(layer.on, 5), fixed(layer.off, 5),
                   fixed(result.all - layer.off, 5)});
    return table.text() + "all layers: KL " + fixed(result.all, 5) + " nats a token, over " +
           grouped(result.tokensScored) + " tokens in " + duration(result.seconds) + " on " + result.device + ", " +
           result.dtype + "\n";
}

int run(const SensitivityCommand& command, Console& console)
{
    const TextOptions text = command.text.toOptions();
    const auto session = ModelSession::open(command.model, console.options().compute);
    const ModelSensitivity result = session->sensitivity(command.checkpoint, text, console.context());
    console.print(toJson(result), toText(result));
    return 0;
}

} // namespace

void addSensitivity(CLI::App& app, Action& action)
{
    auto command = std::make_shared<SensitivityCommand>();
    CLI::App* verb = addVerb(app, "sensitivity",
                             "what each layer of a checkpoint costs: it alone quantized, and all but it",
                             "eigenquant sensitivity demo --checkpoint demo-4bit --text wiki.valid.txt");
    verb->add_option("MODEL", command->model, "the model that the checkpoint was made from")->required();
    verb->add_option("--checkpoint", command->checkpoint, "what eigenquant quantize wrote")
        ->required()
        ->type_name("DIR");
    command->text.context = "512";
    command->text.addTo(*verb, "2", true);
    verb->callback(
        [command, &action] { action = [command](Console& console) { return run(*command, console); }; });
}

} // namespace eigenquant::cli
