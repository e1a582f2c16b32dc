// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/parse.h"

#include <memory>

namespace eigenquant::cli {

namespace {

struct DetokenizeOptions {
    std::string model, ids;
};

int run(const DetokenizeOptions& options, Console& console)
{
    const auto ids = parseIds(options.ids);
    const auto session = ModelSession::open(options.model, console.options().compute);
    const std::string text = session->detokenize(ids);
    console.print({{"text", text}}, text + "\n");
    return 0;
}

} // namespace

void addDetokenize(CLI::App& app, Action& action)
{
    auto options = std::make_shared<DetokenizeOptions>();
    CLI::App* verb =
        addVerb(app, "detokenize", "the text of token ids", "eigenquant detokenize demo --ids 504,3575");
    verb->add_option("MODEL", options->model, "the model")->required();
    verb->add_option("--ids", options->ids, "token ids with commas between them")->required()->type_name("1,2,3");
    verb->callback(
        [options, &action] { action = [options](Console& console) { return run(*options, console); }; });
}

} // namespace eigenquant::cli
