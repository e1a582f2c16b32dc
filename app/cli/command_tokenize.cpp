// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "core/session/files.h"

#include <memory>

namespace eigenquant::cli {

namespace {

struct TokenizeOptions {
    std::string model, text;
};

int run(const TokenizeOptions& options, Console& console)
{
    const auto session = ModelSession::open(options.model, console.options().compute);
    const auto ids = session->tokenize(readText(options.text));
    std::string line;
    for (const std::int32_t id : ids)
        line += (line.empty() ? "" : ",") + std::to_string(id);
    console.print({{"ids", ids}, {"count", ids.size()}}, line + "\n");
    return 0;
}

} // namespace

void addTokenize(CLI::App& app, Action& action)
{
    auto options = std::make_shared<TokenizeOptions>();
    CLI::App* verb = addVerb(app, "tokenize", "the token ids of a text, as the model's own tokenizer gives them",
                             "eigenquant tokenize demo --text notes.txt");
    verb->add_option("MODEL", options->model, "the model")->required();
    verb->add_option("--text", options->text, "a UTF-8 text file, or - for standard input")
        ->required()
        ->type_name("FILE");
    verb->callback(
        [options, &action] { action = [options](Console& console) { return run(*options, console); }; });
}

} // namespace eigenquant::cli
