// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/parse.h"
#include "app/cli/text_format.h"
#include "core/base/error.h"
#include "core/session/files.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

namespace eigenquant::cli {

namespace {

struct GenerateFlags {
    std::string model;
    std::optional<std::string> prompt, text, ids;
    std::string tokens = "64";
    std::string temperature = "0";
    std::string topK = "0";
    std::string topP = "1";
    std::string kv = "f16";
};

GenerateOptions toOptions(const GenerateFlags& flags, std::uint64_t seed)
{
    const int sources = (flags.prompt ? 1 : 0) + (flags.text ? 1 : 0) + (flags.ids ? 1 : 0);
    if (sources != 1)
        throw Error::usage("what to go on with is not clear")
            .found(std::to_string(sources) + " of --prompt, --text and --ids")
            .expected("exactly one of them");
    GenerateOptions options;
    options.tokens = static_cast<int>(parseInteger("--tokens", flags.tokens, 1, kMaxTokens));
    options.temperature = parseNumber("--temperature", flags.temperature, 0);
    options.topK =
        static_cast<int>(parseInteger("--top-k", flags.topK, 0, std::numeric_limits<std::int32_t>::max()));
    options.topP = parseNumber("--top-p", flags.topP, 0);
    if (options.topP <= 0 || options.topP > 1)
        throw Error::usage("the value makes no sense")
            .field("--top-p")
            .found("\"" + flags.topP + "\"")
            .expected("a share above 0 and at most 1");
    if (flags.kv != "f16" && flags.kv != "int8")
        throw Error::usage("there is no such choice")
            .field("--kv")
            .found("\"" + flags.kv + "\"")
            .expected("f16 or int8");
    options.kv = kvPrecisionFromName(flags.kv);
    options.seed = seed;
    if (flags.ids)
        options.prompts = {parseIds(*flags.ids)};
    return options;
}

/// The prompt as ids, so that its length is known. Throws Error::usage where there is nothing to go on with, or no
/// room for what is asked for.
void takePrompt(GenerateOptions& options, const GenerateFlags& flags, const ModelSession& session)
{
    if (flags.prompt)
        options.prompts = {session.tokenize(*flags.prompt)};
    else if (flags.text)
        options.prompts = {session.tokenize(readText(*flags.text))};
    const auto length = static_cast<std::int64_t>(options.prompts.front().size());
    if (length == 0)
        throw Error::usage("the prompt is empty").field(flags.prompt ? "--prompt" : "--text").hint("give some text");
    const int context = session.info().contextLength;
    if (context > 0 && length + options.tokens > context)
        throw Error::usage("prompt and new tokens together are longer than the model's context")
            .field("--tokens")
            .found(std::to_string(length) + " + " + std::to_string(options.tokens) + " = " +
                   std::to_string(length + options.tokens) + " tokens")
            .expected("at most " + std::to_string(context))
            .hint("ask for fewer tokens");
}

Json toJson(const GenerateResult& result, std::size_t promptTokens)
{
    return {{"ids", result.ids.front()},
            {"text", result.text.front()},
            {"prompt_tokens", promptTokens},
            {"tokens", result.ids.front().size()},
            {"tokens_per_second", number(result.tokensPerSecond)},
            {"prompt_ms", number(result.promptMs)},
            {"device", result.device},
            {"dtype", result.dtype},
            {"kernel", textOrNull(result.kernel)}};
}

std::string summary(const GenerateResult& result)
{
    const std::string kernel = result.kernel.empty() ? "" : ", " + result.kernel;
    return grouped(static_cast<std::int64_t>(result.ids.front().size())) + " tokens, " +
           fixed(result.tokensPerSecond, 1) + " tokens/s on " + result.device + ", " + result.dtype + kernel;
}

/// The text as it comes, on standard output.
GenerateResult stream(ModelSession& session, const GenerateOptions& options, Console& console)
{
    // A bar of progress would be drawn over the text.
    RunContext context = console.context();
    context.onProgress = nullptr;
    std::size_t printed = 0;
    const auto print = [&](const GeneratedPiece& piece) {
        console.printPart(piece.text);
        printed += piece.text.size();
    };
    try {
        const auto result = session.generate(options, print, context);
        // Pieces hold whole characters: bytes of one that never became whole are still to come.
        const std::string& text = result.text.front();
        console.printPart(text.substr(std::min(printed, text.size())) + "\n");
        return result;
    } catch (Error& stop) {
        if (!stop.isCancelled())
            throw;
        console.printPart("\n");
        throw stop.hint("the text ends here");
    }
}

int run(const GenerateFlags& flags, Console& console)
{
    GenerateOptions options = toOptions(flags, console.options().seed);
    const auto session = ModelSession::open(flags.model, console.options().compute);
    takePrompt(options, flags, *session);
    if (console.options().json) {
        const GenerateResult result = session->generate(options, {}, console.context());
        console.print(toJson(result, options.prompts.front().size()), {});
    } else {
        console.note(summary(stream(*session, options, console)));
    }
    return 0;
}

} // namespace

void addGenerate(CLI::App& app, Action& action)
{
    auto flags = std::make_shared<GenerateFlags>();
    CLI::App* verb = addVerb(app, "generate", "goes on with a text, token by token",
                             "eigenquant generate demo --prompt \"The capital of France is\" --tokens 32");
    verb->add_option("MODEL", flags->model, "the model")->required();
    verb->add_option("--prompt", flags->prompt, "the text to go on with")->type_name("TEXT");
    verb->add_option("--text", flags->text, "the same from a UTF-8 file, or - for standard input")->type_name("FILE");
    verb->add_option("--ids", flags->ids, "the same as token ids with commas between them")->type_name("1,2,3");
    verb->add_option("--tokens", flags->tokens, "at most so many; the model may end before (64)")->type_name("N");
    verb->add_option("--temperature", flags->temperature, "0: always the likeliest token (0)")->type_name("T");
    verb->add_option("--top-k", flags->topK, "choose among so many likeliest tokens; 0: all (0)")->type_name("K");
    verb->add_option("--top-p", flags->topP, "choose among the likeliest tokens that make up this share (1)")
        ->type_name("P");
    verb->add_option("--kv", flags->kv, "keys and values as f16 or int8 (f16)")->type_name("T");
    verb->callback([flags, &action] { action = [flags](Console& console) { return run(*flags, console); }; });
}

} // namespace eigenquant::cli
