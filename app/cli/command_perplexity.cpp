// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/parse.h"
#include "app/cli/text_flags.h"
#include "app/cli/text_format.h"
#include "core/base/error.h"

#include <limits>
#include <memory>
#include <optional>

namespace eigenquant::cli {

namespace {

struct PerplexityOptions {
    std::string model;
    TextFlags text;
    std::optional<std::string> failAbove;
};

Json toJson(const PerplexityResult& result)
{
    return {{"perplexity", number(result.perplexity)},
            {"stderr", number(result.standardError)},
            {"windows", result.windows},
            {"tokens_scored", result.tokensScored},
            {"tokens_total", result.tokensTotal},
            {"context", result.context},
            {"seconds", number(result.seconds)},
            {"tokens_per_second", number(result.tokensPerSecond)},
            {"device", result.device},
            {"dtype", result.dtype},
            {"kernels", textOrNull(result.kernels)},
            {"text_hash", result.textHash}};
}

std::string toText(const PerplexityResult& result)
{
    const std::string kernels = result.kernels.empty() ? "" : ", " + result.kernels;
    return Table({{}, {}})
        .add({"perplexity", fixed(result.perplexity, 4) + " +/- " + fixed(result.standardError, 4)})
        .add({"windows", grouped(result.windows) + " of " + grouped(result.context) + " tokens"})
        .add({"tokens scored", grouped(result.tokensScored) + " of " + grouped(result.tokensTotal)})
        .add({"time", duration(result.seconds) + " (" + fixed(result.tokensPerSecond, 0) + " tokens/s)"})
        .add({"computed on", result.device + ", " + result.dtype + kernels})
        .add({"text hash", result.textHash})
        .text();
}

int run(const PerplexityOptions& options, Console& console)
{
    const TextOptions text = options.text.toOptions();
    double limit = std::numeric_limits<double>::infinity();
    if (options.failAbove)
        limit = parseNumber("--fail-above", *options.failAbove, 0.0);
    const auto session = ModelSession::open(options.model, console.options().compute);
    const PerplexityResult result = session->perplexity(text, console.context());
    // Written so that a perplexity that is not a number fails the check.
    const bool failed = options.failAbove && !(result.perplexity <= limit);
    Json object = toJson(result);
    std::string words = toText(result);
    if (options.failAbove) {
        object["fail_above"] = limit;
        object["check_failed"] = failed;
        words +=
            std::string(failed ? "check failed: above " : "check passed: not above ") + *options.failAbove + "\n";
    }
    console.print(object, words);
    return failed ? static_cast<int>(ErrorCode::CheckFailed) : 0;
}

} // namespace

void addPerplexity(CLI::App& app, Action& action)
{
    auto options = std::make_shared<PerplexityOptions>();
    CLI::App* verb = addVerb(app, "perplexity", "the perplexity of a text over windows that do not overlap",
                             "eigenquant perplexity demo --text wiki.test.txt --context 2048");
    verb->add_option("MODEL", options->model, "the model")->required();
    options->text.addTo(*verb, "0", true);
    verb->add_option("--fail-above", options->failAbove, "exit with 7 if the perplexity is above this")
        ->type_name("PPL");
    verb->callback(
        [options, &action] { action = [options](Console& console) { return run(*options, console); }; });
}

} // namespace eigenquant::cli
