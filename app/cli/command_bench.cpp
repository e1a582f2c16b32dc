// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/parse.h"
#include "app/cli/text_format.h"
#include "core/base/error.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

namespace eigenquant::cli {

namespace {

constexpr int kMaxBatch = 4096;
constexpr int kMaxChannels = 1 << 20;

struct BenchFlags {
    std::string model, shape;
    std::string batches = "1,16,64";
    std::string prompt = "8";
    std::string generate = "256";
    std::string baseline = "fp16";
    std::string kv = "f16";
    std::optional<std::string> method, bits, groupSize, salient, rotation;
    bool symmetric = false;
};

Error noSuchChoice(const char* flag, const std::string& text, std::string expected)
{
    return Error::usage("there is no such choice").field(flag).found("\"" + text + "\"").expected(std::move(expected));
}

std::vector<int> parseBatches(const std::string& text)
{
    std::vector<int> batches;
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t end = std::min(text.find(',', start), text.size());
        batches.push_back(
            static_cast<int>(parseInteger("--batch", text.substr(start, end - start), 1, kMaxBatch)));
        start = end + 1;
    }
    return batches;
}

bool parseBaseline(const std::string& text)
{
    if (text != "fp16" && text != "none")
        throw noSuchChoice("--baseline", text, "fp16 or none");
    return text == "fp16";
}

const ModelInfo& shapeNamed(const std::string& name)
{
    std::vector<std::string> names;
    for (const ModelInfo& shape : modelShapes()) {
        if (shape.name == name)
            return shape;
        names.push_back(shape.name);
    }
    throw Error::usage("there is no such shape").field("--shape").found("\"" + name + "\"").expected(joined(names));
}

/// A model is quantized already; only random weights have to be told how.
void refuseQuantizationFlags(const BenchFlags& flags)
{
    const auto refuse = [](const char* flag, bool written) {
        if (written)
            throw Error::usage("makes no sense here: a model is timed as it is stored")
                .field(flag)
                .hint("leave it out, or give --shape instead of a MODEL");
    };
    refuse("--method", flags.method.has_value());
    refuse("--bits", flags.bits.has_value());
    refuse("--group-size", flags.groupSize.has_value());
    refuse("--salient", flags.salient.has_value());
    refuse("--rotation", flags.rotation.has_value());
    refuse("--symmetric", flags.symmetric);
}

void takeQuantization(const BenchFlags& flags, LatencyOptions& options)
{
    if (flags.method)
        options.method = methodFromName(*flags.method);
    if (flags.salient && !keepsSalient(options.method))
        throw Error::usage("makes no sense here: the method " + std::string(name(options.method)) +
                           " keeps no channel in FP16")
            .field("--salient")
            .hint("leave it out");
    if (flags.bits)
        options.bits = parseNumber("--bits", *flags.bits, 1);
    if (flags.groupSize)
        options.groupSize = static_cast<int>(parseInteger("--group-size", *flags.groupSize, 0, kMaxChannels));
    if (flags.salient)
        options.salient = static_cast<int>(parseInteger("--salient", *flags.salient, 0, kMaxChannels));
    if (flags.rotation)
        options.scope = scopeFromName(*flags.rotation);
    options.symmetric = flags.symmetric;
}

LatencyOptions toOptions(const BenchFlags& flags, std::uint64_t seed)
{
    if (flags.model.empty() == flags.shape.empty())
        throw Error::usage("give either a MODEL or --shape")
            .found(flags.model.empty() ? "neither" : "both")
            .expected("exactly one of the two");
    LatencyOptions options;
    options.shape = flags.shape;
    options.batches = parseBatches(flags.batches);
    options.prompt = static_cast<int>(parseInteger("--prompt", flags.prompt, 1, kMaxTokens));
    options.generate = static_cast<int>(parseInteger("--generate", flags.generate, 1, kMaxTokens));
    options.baseline = parseBaseline(flags.baseline);
    if (flags.kv != "f16" && flags.kv != "int8")
        throw noSuchChoice("--kv", flags.kv, "f16 or int8");
    options.kv = kvPrecisionFromName(flags.kv);
    options.seed = seed;
    if (flags.shape.empty())
        refuseQuantizationFlags(flags);
    else
        takeQuantization(flags, options);
    return options;
}

void checkContext(const LatencyOptions& options, const ModelInfo& model)
{
    const int tokens = options.prompt + options.generate;
    if (model.contextLength > 0 && tokens > model.contextLength)
        throw Error::usage("prompt and generation together are longer than the model's context")
            .field("--generate")
            .found(std::to_string(options.prompt) + " + " + std::to_string(options.generate) + " = " +
                   std::to_string(tokens) + " tokens")
            .expected("at most " + std::to_string(model.contextLength))
            .hint("generate less");
}

Json positiveOrNull(double value)
{
    return value > 0 ? number(value) : Json(nullptr);
}

Json bytesOrNull(std::uint64_t bytes)
{
    return bytes > 0 ? Json(bytes) : Json(nullptr);
}

Json toJson(const LinearLatency& linear)
{
    return {{"name", linear.name},
            {"kernel", textOrNull(linear.kernel)},
            {"us", number(linear.us)},
            {"baseline_us", number(linear.baselineUs)}};
}

Json toJson(const LatencyRow& row)
{
    Json linears = Json::array();
    for (const LinearLatency& linear : row.linears)
        linears.push_back(toJson(linear));
    return {{"batch", row.batch},
            {"asked_batch", row.askedBatch},
            {"kv", name(row.kv)},
            {"ms_per_step", number(row.msPerStep)},
            {"tokens_per_second", number(row.tokensPerSecond)},
            {"baseline_ms_per_step", number(row.baselineMsPerStep)},
            {"baseline_tokens_per_second", number(row.baselineTokensPerSecond)},
            {"speedup", number(row.speedup)},
            {"kernel", textOrNull(row.kernel)},
            {"gpu_bytes", bytesOrNull(row.gpuBytes)},
            {"baseline_gpu_bytes", bytesOrNull(row.baselineGpuBytes)},
            {"roofline_ms", positiveOrNull(row.rooflineMs)},
            {"roofline_share", positiveOrNull(row.rooflineShare)},
            {"baseline_roofline_ms", positiveOrNull(row.baselineRooflineMs)},
            {"prompt_ms", number(row.promptMs)},
            {"rotation_share", number(row.rotationShare)},
            {"linears", std::move(linears)}};
}

Json toJson(const LatencyResult& result)
{
    Json rows = Json::array();
    for (const LatencyRow& row : result.rows)
        rows.push_back(toJson(row));
    return {{"device", result.device},
            {"dtype", result.dtype},
            {"model", result.model},
            {"method", result.method},
            {"effective_bits", number(result.effectiveBits)},
            {"prompt", result.prompt},
            {"generate", result.generate},
            {"memory_bytes_per_second", positiveOrNull(result.memoryBytesPerSecond)},
            {"flops_per_second", positiveOrNull(result.flopsPerSecond)},
            {"rows", std::move(rows)},
            {"warnings", result.warnings},
            {"seconds", number(result.seconds)}};
}

std::string orDash(double value, int decimals, const std::string& unit = {})
{
    return value > 0 ? fixed(value, decimals) + unit : "-";
}

std::string rowTable(const LatencyResult& result)
{
    constexpr auto kRight = Table::Align::Right;
    Table table({{"batch", kRight},
                 {"ms a step", kRight},
                 {"tokens/s", kRight},
                 {"FP16 ms", kRight},
                 {"FP16 tokens/s", kRight},
                 {"speed-up", kRight},
                 {"roofline ms", kRight},
                 {"of it", kRight},
                 {"memory", kRight},
                 {"FP16 memory", kRight},
                 {"kernel"}});
    for (const LatencyRow& row : result.rows)
        table.add({std::to_string(row.batch), fixed(row.msPerStep, 3), fixed(row.tokensPerSecond, 0),
                   orDash(row.baselineMsPerStep, 3), orDash(row.baselineTokensPerSecond, 0),
                   orDash(row.speedup, 2, "x"), orDash(row.rooflineMs, 3), orDash(100 * row.rooflineShare, 0, " %"),
                   byteSize(row.gpuBytes), row.baselineGpuBytes > 0 ? byteSize(row.baselineGpuBytes) : "-",
                   row.kernel});
    return table.text();
}

/// Where a step's time goes: each launch of linears, beside the baseline's.
std::string linearTable(const LatencyRow& row)
{
    constexpr auto kRight = Table::Align::Right;
    Table table({{"linear"}, {"us", kRight}, {"FP16 us", kRight}, {"kernel"}});
    for (const LinearLatency& linear : row.linears)
        table.add({linear.name, fixed(linear.us, 2), orDash(linear.baselineUs, 2), linear.kernel});
    return "batch " + std::to_string(row.batch) + ", the linears of a layer\n" + table.text();
}

std::string toText(const LatencyResult& result)
{
    std::string text = rowTable(result) + "\n";
    for (const LatencyRow& row : result.rows)
        if (!row.linears.empty())
            text += linearTable(row) + "\n";
    for (const std::string& warning : result.warnings)
        text += "Caution: " + warning + ".\n";
    const std::string cache = result.rows.empty() ? "" : std::string(name(result.rows.front().kv)) + " cache, ";
    text += result.model + ", " + result.method + " at " + fixed(result.effectiveBits, 2) + " bits, " + cache +
            std::to_string(result.generate) + " tokens behind " + std::to_string(result.prompt) + ", on " +
            result.device + ", " + result.dtype + ", in " + duration(result.seconds) + "\n";
    for (const LatencyRow& row : result.rows)
        if (row.rotationShare > 0)
            text += "batch " + std::to_string(row.batch) + ": " + fixed(100 * row.rotationShare, 1) +
                    " % of a step in rotations\n";
    return text;
}

/// "auto" is the GPU here: a time on the CPU says little about one, so it is taken only where it is asked for.
ComputeOptions computeOf(const Console& console)
{
    ComputeOptions compute = console.options().compute;
    if (compute.device == "auto")
        compute.device = "cuda";
    return compute;
}

int run(const BenchFlags& flags, Console& console)
{
    const LatencyOptions options = toOptions(flags, console.options().seed);
    const LatencyListener onRow = [&](const LatencyRow& row) {
        if (options.batches.size() > 1)
            console.note("batch " + std::to_string(row.batch) + ": " + fixed(row.msPerStep, 3) + " ms a step" +
                         (row.speedup > 0 ? ", " + fixed(row.speedup, 2) + "x of FP16" : ""));
    };
    LatencyResult result;
    if (!options.shape.empty()) {
        checkContext(options, shapeNamed(options.shape));
        result = latencyOfShape(options, computeOf(console), onRow, console.context());
    } else {
        const auto session = ModelSession::open(flags.model, computeOf(console));
        checkContext(options, session->info());
        result = session->latency(options, onRow, console.context());
    }
    console.print(toJson(result), toText(result));
    return 0;
}

} // namespace

void addBench(CLI::App& app, Action& action)
{
    auto flags = std::make_shared<BenchFlags>();
    CLI::App* verb =
        addVerb(app, "bench", "the latency of decoding on the GPU, beside FP16 linears in the same engine",
                "eigenquant bench demo-4bit --batch 1,16,64 --prompt 8 --generate 256");
    verb->add_option("MODEL", flags->model, "the model; left out with --shape");
    verb->add_option("--batch", flags->batches, "sequences at once (1,16,64)")->type_name("1,16,64");
    verb->add_option("--prompt", flags->prompt, "tokens before the first step (8)")->type_name("N");
    verb->add_option("--generate", flags->generate, "steps that are timed (256)")->type_name("N");
    verb->add_option("--baseline", flags->baseline, "fp16 or none (fp16)")->type_name("B");
    verb->add_option("--kv", flags->kv, "keys and values as f16 or int8 (f16)")->type_name("T");
    const auto add = [verb](const char* flag, auto& value, const char* type, const char* text) {
        verb->add_option(flag, value, text)->type_name(type)->group("Random weights instead of a model");
    };
    add("--shape", flags->shape, "NAME", "the shape of a well-known model, such as llama-2-7b");
    add("--method", flags->method, "M", "how they are quantized (rosaq)");
    add("--bits", flags->bits, "B", "bits a weight (4)");
    add("--group-size", flags->groupSize, "G", "weights of a row that share a scale; 0: the whole row (128)");
    add("--salient", flags->salient, "K", "channels that stay FP16 (128)");
    add("--rotation", flags->rotation, "R", "global: merged into the weights; per-site: at run time (global)");
    verb->add_flag("--symmetric", flags->symmetric, "no zero points")->group("Random weights instead of a model");
    verb->callback([flags, &action] { action = [flags](Console& console) { return run(*flags, console); }; });
}

} // namespace eigenquant::cli
