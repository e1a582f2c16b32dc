// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"

#include "app/cli/commands.h"
#include "app/cli/failure.h"
#include "app/cli/parse.h"
#include "app/cli/signals.h"
#include "core/base/error.h"
#include "core/base/process_place.h"
#include "core/session/session.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>

namespace eigenquant::cli {

namespace {

constexpr int kMaxThreads = 4096;

/// The common flags as they were written, before they are checked.
struct CommonFlags {
    CommonOptions options;
    std::string threads = "0";
    std::string seed = "0";
    std::string maxRam, maxVram;
};

/// A descriptor that the caller closed would be handed to the first file we open, and what we print
/// would land in it. Opened the wrong way round on purpose, so that using it is an error.
void occupyClosedDescriptors()
{
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (fcntl(descriptor, F_GETFD) == -1)
            (void)open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/// Needed before the command line is understood: its own errors are reported as JSON too.
bool asksForJson(int argc, const char* const* argv)
{
    for (int i = 1; i < argc && std::string_view(argv[i]) != "--"; ++i)
        if (std::string_view(argv[i]) == "--json")
            return true;
    return false;
}

void addCommonFlags(CLI::App& app, CommonFlags& flags)
{
    app.add_flag("--json", flags.options.json, "print one JSON object on standard output and nothing else there");
    app.add_option("--device", flags.options.compute.device, "auto, cpu, cuda or cuda:N (auto)")
        ->type_name("DEVICE");
    app.add_option("--dtype", flags.options.compute.dtype, "auto, f32, bf16 or f16 (auto)")->type_name("DTYPE");
    app.add_option("--threads", flags.threads, "threads to compute with; 0: one for each core (0)")
        ->type_name("N");
    app.add_option("--seed", flags.seed, "seed of everything that is random (0)")->type_name("N");
    app.add_option("--max-ram", flags.maxRam, "memory to keep to, such as 8GiB; what cannot is refused (all there is)")
        ->type_name("BYTES");
    app.add_option("--max-vram", flags.maxVram, "memory of the GPU to keep to (all that is free)")->type_name("BYTES");
    app.add_flag("--quiet", flags.options.quiet, "no progress on standard error");
    app.add_flag("--force", flags.options.force, "overwrite an output that is already there");
}

void addVerbs(CLI::App& app, Action& action)
{
    addInfo(app, action);
    addTokenize(app, action);
    addDetokenize(app, action);
    addLogits(app, action);
    addPerplexity(app, action);
    addAnalyze(app, action);
    addSpectrum(app, action);
    addActivations(app, action);
    addWeights(app, action);
    addPlan(app, action);
    addQuantize(app, action);
    addCompare(app, action);
    addSensitivity(app, action);
    addEffect(app, action);
    addBench(app, action);
    addGenerate(app, action);
    addExport(app, action);
    addDemo(app, action);
}

bool isDevice(const std::string& text)
{
    const std::string_view digits = text.starts_with("cuda:") ? std::string_view(text).substr(5) : "";
    const bool numbered =
        !digits.empty() && digits.size() <= 3 && digits.find_first_not_of("0123456789") == std::string_view::npos;
    return text == "auto" || text == "cpu" || text == "cuda" || numbered;
}

/// At least one byte: nothing at all would be taken for no limit.
std::uint64_t parseLimit(const char* flag, const std::string& text)
{
    const std::uint64_t bytes = parseBytes(flag, text);
    if (bytes == 0)
        throw Error::usage("no memory at all").field(flag).found("\"" + text + "\"").expected("such as 8GiB");
    return bytes;
}

CommonOptions checked(const CommonFlags& flags)
{
    CommonOptions options = flags.options;
    if (!isDevice(options.compute.device))
        throw Error::usage("there is no such device")
            .field("--device")
            .found("\"" + options.compute.device + "\"")
            .expected("auto, cpu, cuda or cuda:N");
    const std::string& dtype = options.compute.dtype;
    if (dtype != "auto" && dtype != "f32" && dtype != "bf16" && dtype != "f16")
        throw Error::usage("there is no such type")
            .field("--dtype")
            .found("\"" + dtype + "\"")
            .expected("auto, f32, bf16 or f16");
    options.compute.threads = static_cast<int>(parseInteger("--threads", flags.threads, 0, kMaxThreads));
    if (!flags.maxRam.empty())
        options.compute.maxRamBytes = parseLimit("--max-ram", flags.maxRam);
    if (!flags.maxVram.empty())
        options.compute.maxVramBytes = parseLimit("--max-vram", flags.maxVram);
    options.seed = static_cast<std::uint64_t>(
        parseInteger("--seed", flags.seed, 0, std::numeric_limits<std::int64_t>::max()));
    return options;
}

/// In a job of several processes only a verb that shares its work makes sense: any other would do it several times,
/// and write the same files at once.
void requireSharedVerb(const CLI::App& app, const ProcessPlace& place)
{
    constexpr std::array kShared{"analyze", "quantize", "perplexity"};
    const auto isChosen = [&](const char* verb) { return app.got_subcommand(verb); };
    if (place.isAlone() || std::ranges::any_of(kShared, isChosen))
        return;
    throw Error::usage("this verb works in one process alone")
        .field("WORLD_SIZE")
        .found(std::to_string(place.size))
        .expected("1; several processes share analyze, quantize and perplexity")
        .hint("start it without torchrun, or unset WORLD_SIZE");
}

/// Reads the command line. Returns the exit code if that was all there is to do.
std::optional<int> parse(CLI::App& app, int argc, const char* const* argv, bool json)
{
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForVersion&) {
        const std::string number(version());
        writeAll(STDOUT_FILENO, json ? toLine({{"version", number}}) : "eigenquant " + number + "\n",
                 "standard output");
        return 0;
    } catch (const CLI::CallForHelp&) {
        writeAll(STDOUT_FILENO, app.help(), "standard output");
        return 0;
    } catch (const CLI::ParseError& problem) {
        const auto chosen = app.get_subcommands();
        const std::string verb = chosen.empty() ? "" : " " + chosen.front()->get_name();
        throw Error::usage(problem.what()).hint("see eigenquant" + verb + " --help");
    }
    return std::nullopt;
}

int runVerb(int argc, const char* const* argv, bool json, const SignalWatcher& signals)
{
    CLI::App app("Analyse and quantize large language models.", "eigenquant");
    CommonFlags flags;
    Action action;
    addCommonFlags(app, flags);
    app.set_version_flag("--version", std::string(version()));
    // With a limit of one verb, the word "demo" behind a verb is a MODEL.
    app.require_subcommand(0, 1);
    addVerbs(app, action);
    app.footer(
        "MODEL is a Hugging Face folder, a .gguf file, a folder that eigenquant quantize wrote, or \"demo\".\n"
        "Example: eigenquant info demo");
    if (argc <= 1) {
        writeAll(STDOUT_FILENO, app.help(), "standard output");
        return static_cast<int>(ErrorCode::Usage);
    }
    if (const auto code = parse(app, argc, argv, json))
        return *code;
    if (!action)
        throw Error::usage("no verb was given").hint("see eigenquant --help");
    const ProcessPlace place = ProcessPlace::fromEnvironment();
    requireSharedVerb(app, place);
    Console console(checked(flags), signals.token(), place.isFirst());
    return action(console);
}

/// Tells the failure where the caller looks for it, and on standard error where that is not possible. Of the processes
/// of a job only the first owns standard output.
void report(const Failure& failure, bool json)
{
    const char* rank = std::getenv("RANK");
    const bool isFirst = !rank || std::string_view(rank) == "0" || !std::getenv("WORLD_SIZE");
    const std::string who = isFirst ? "" : "process " + std::string(rank) + ": ";
    const std::string line = "eigenquant: " + who + failure.message + "\n";
    json = json && isFirst;
    try {
        writeAll(json ? STDOUT_FILENO : STDERR_FILENO, json ? toLine(failure.toJson()) : line, "output");
    } catch (const Error&) {
        if (json && ::write(STDERR_FILENO, line.data(), line.size()) < 0)
            return;
    }
}

} // namespace

CLI::App* addVerb(CLI::App& app, const std::string& name, const std::string& description,
                  const std::string& example)
{
    CLI::App* verb = app.add_subcommand(name, description);
    verb->fallthrough();
    verb->footer(
        "Common flags: --json --device --dtype --threads --max-ram --max-vram --seed --quiet --force --version\n"
        "(see eigenquant --help)\nExample: " +
        example);
    return verb;
}

int runCommandLine(int argc, const char* const* argv)
{
    occupyClosedDescriptors();
    const bool json = asksForJson(argc, argv);
    std::unique_ptr<SignalWatcher> signals;
    try {
        signals = std::make_unique<SignalWatcher>();
        return runVerb(argc, argv, json, *signals);
    } catch (...) {
        const Failure failure = describeFailure(std::current_exception(), signals ? signals->received() : 0);
        report(failure, json);
        return failure.code;
    }
}

} // namespace eigenquant::cli
