// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/parse.h"
#include "app/cli/text_format.h"

#include <memory>

namespace eigenquant::cli {

namespace {

struct LogitsOptions {
    std::string model, ids, out;
};

int run(const LogitsOptions& options, Console& console)
{
    const auto ids = parseIds(options.ids);
    const auto session = ModelSession::open(options.model, console.options().compute);
    const auto shape = session->logits(ids, options.out, console.options().force, console.context());
    console.print({{"shape", shape}, {"out", options.out}},
                  "wrote logits, F32 " + shapeText(shape) + ", to " + options.out + "\n");
    return 0;
}

} // namespace

void addLogits(CLI::App& app, Action& action)
{
    auto options = std::make_shared<LogitsOptions>();
    CLI::App* verb = addVerb(app, "logits", "the logits of every position, as a safetensors file",
                             "eigenquant logits demo --ids 504,3575 --out logits.safetensors");
    verb->add_option("MODEL", options->model, "the model")->required();
    verb->add_option("--ids", options->ids, "token ids with commas between them")->required()->type_name("1,2,3");
    verb->add_option("--out", options->out, "the file: logits, F32 [tokens, vocabulary]")
        ->required()
        ->type_name("FILE");
    verb->callback(
        [options, &action] { action = [options](Console& console) { return run(*options, console); }; });
}

} // namespace eigenquant::cli
