// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/session.h"

#include "core/base/clock.h"
#include "core/base/process_place.h"
#include "core/calib/layer_pass.h"
#include "core/calib/site_sample.h"
#include "core/calib/statistics_file.h"
#include "core/decode/cpu_engine.h"
#include "core/decode/gpu_engine.h"
#include "core/decode/gpu_errors.h"
#include "core/decode/model_shapes.h"
#include "core/device/device.h"
#include "core/eval/perplexity.h"
#include "core/eval/scored_window.h"
#include "core/io/atomic_output.h"
#include "core/io/hash.h"
#include "core/io/safetensors.h"
#include "core/io/temporary_file.h"
#include "core/io/text_file.h"
#include "core/io/token_ids.h"
#include "core/quant/packed_checkpoint.h"
#include "core/session/activation_maps.h"
#include "core/session/analysis.h"
#include "core/session/comparison.h"
#include "core/session/generation.h"
#include "core/session/gpu_choice.h"
#include "core/session/latency.h"
#include "core/session/live_effect.h"
#include "core/session/memory_plan.h"
#include "core/session/model_assets.h"
#include "core/session/quantization.h"
#include "core/session/sensitivity.h"
#include "core/session/weight_ranges.h"

#include <algorithm>

namespace eigenquant {
namespace {

namespace fs = std::filesystem;

} // namespace

struct ModelSession::Impl {
    ModelAssets assets;
    ComputeOptions compute;
    mutable std::shared_ptr<const Tokenizer> tokenizer;
    std::shared_ptr<const Decoder> decoder;
    std::shared_ptr<const GpuModel> gpuModel;

    /// What a live effect was made for.
    struct EffectKey {
        fs::path stats;
        fs::file_time_type written; ///< of the statistics, so that new ones under the old name are noticed
        std::string textHash;
        int context = 0;
        int windows = 0;
        bool operator==(const EffectKey&) const = default;
    };
    EffectKey effectKey;
    std::unique_ptr<const LiveEffect> liveEffect;

    const Tokenizer& readyTokenizer() const
    {
        if (!tokenizer) {
            tokenizer = assets.loadTokenizer();
            if (tokenizer->vocabularySize() > assets.info.vocabSize)
                throw Error::invalid("the tokenizer knows more tokens than the embedding has rows")
                    .file(assets.path.string())
                    .found(std::to_string(tokenizer->vocabularySize()))
                    .expected("at most " + std::to_string(assets.info.vocabSize));
        }
        return *tokenizer;
    }

    /// The whole model in memory. Error::resources where it would not fit.
    const Decoder& readyDecoder(const RunContext& context)
    {
        if (!decoder) {
            requireWholeModel(assets.source->config(), target(), limits());
            decoder = std::make_shared<Decoder>(*assets.source, target(), context);
        }
        return *decoder;
    }

    MemoryLimits limits() const { return memoryLimits(compute.maxRamBytes, compute.maxVramBytes, target()); }

    /// How a pass over `windows` windows of `length` tokens is run that ends in logits, as often as it is asked for.
    PassPlan scoringPlan(std::int64_t windows, std::int64_t length) const
    {
        return planPass(scoringNeeds(assets.source->config(), target(), windows, length, decoder != nullptr), limits());
    }

    /// All layers, or one at a time, as the plan says.
    LayerSupply supply(const PassPlan& plan, const RunContext& context)
    {
        return plan.wholeModel ? LayerSupply(readyDecoder(context))
                               : LayerSupply(*assets.source, target(), plan.ends);
    }

    bool kernelsRun() const { return kernelTarget(assets.source->config(), target(), compute).has_value(); }

    /// The model on the kernels' GPU; throws kernels::GpuError.
    std::shared_ptr<const GpuModel> readyGpuModel(const KernelTarget& where, const RunContext& context)
    {
        if (!gpuModel)
            gpuModel = loadGpuModel(assets.packed ? engineSource(assets.packed) : engineSource(assets.source),
                                    where.gpu, where.element, context);
        return gpuModel;
    }

    /// The engine that decodes this model; throws kernels::GpuError.
    std::unique_ptr<DecodingEngine> engine(const RunContext& context)
    {
        if (const auto where = kernelTarget(assets.source->config(), target(), compute))
            return std::make_unique<GpuEngine>(readyGpuModel(*where, context));
        readyDecoder(context);
        return std::make_unique<CpuEngine>(decoder);
    }

    ComputeTarget target() const { return resolveComputeTarget(compute.device, compute.dtype, compute.threads); }

    CalibrationText windowsOf(const TextOptions& options, const RunContext& context) const
    {
        context.report("tokenizing", "texts", 0, 1);
        if (!options.tokens.empty()) {
            std::vector<std::int32_t> ids = readTokenIds(options.tokens, assets.info.vocabSize);
            const std::string hash = hashTokenIds(ids);
            return {Windows(std::move(ids), options.context, options.windows, options.tokens.string()), hash};
        }
        const std::string text = readText(options.file);
        return {Windows(tokenizerForText().encode(text), options.context, options.windows, options.file.string()),
                hashText(text)};
    }

    /// The tokenizer; what is wrong with it is said with the way around it.
    const Tokenizer& tokenizerForText() const
    {
        try {
            return readyTokenizer();
        } catch (Error& error) {
            const std::string way = "give ready token ids with --tokens FILE";
            throw error.hint(error.hint().empty() ? way : error.hint() + ", or " + way);
        }
    }

    /// The text of each token, or its number where no tokenizer can tell.
    std::vector<std::string> tokenTexts(const std::vector<std::int32_t>& ids, bool tokenizerNeeded) const
    {
        const Tokenizer* known = nullptr;
        try {
            known = &readyTokenizer();
        } catch (const Error&) {
            if (tokenizerNeeded)
                throw;
        }
        std::vector<std::string> texts;
        for (const std::int32_t id : ids)
            texts.push_back(known ? known->decode({id}) : "<" + std::to_string(id) + ">");
        return texts;
    }
};

ModelSession::ModelSession(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
ModelSession::~ModelSession() = default;

std::shared_ptr<ModelSession> ModelSession::open(const std::string& model, const ComputeOptions& compute)
{
    auto impl = std::make_unique<Impl>();
    impl->assets = openModelAssets(model);
    impl->compute = compute;
    return std::shared_ptr<ModelSession>(new ModelSession(std::move(impl)));
}

const ModelInfo& ModelSession::info() const
{
    return m_impl->assets.info;
}

std::vector<std::int32_t> ModelSession::tokenize(std::string_view text) const
{
    return m_impl->readyTokenizer().encode(text);
}

std::string ModelSession::detokenize(const std::vector<std::int32_t>& ids) const
{
    return m_impl->readyTokenizer().decode(ids);
}

std::vector<std::int64_t> ModelSession::logits(const std::vector<std::int32_t>& ids, const fs::path& out,
                                               bool overwrite, const RunContext& context)
{
    if (ids.empty())
        throw Error::usage("logits need at least one token id").field("ids");
    AtomicOutput output(out, AtomicOutput::Kind::File, overwrite, m_impl->assets.store->files());
    LayerSupply supply = m_impl->supply(m_impl->scoringPlan(1, static_cast<std::int64_t>(ids.size())), context);
    const at::Tensor hidden = hiddenOf(supply, ids, context);
    supply.release(); // logits take its place
    const std::vector<std::int64_t> shape{hidden.size(0), supply.config().vocabSize};
    SafetensorsWriter writer(output.path(), {{"logits", StoredType::F32, shape}}, {});
    const std::int64_t rows = std::max<std::int64_t>(1, kScoredLogits / shape[1]);
    for (std::int64_t begin = 0; begin < shape[0]; begin += rows) {
        context.checkpoint();
        const at::Tensor some = hidden.narrow(0, begin, std::min(rows, shape[0] - begin));
        const at::Tensor logits = supply.ends().logits(some).to(at::kCPU, at::kFloat).contiguous();
        writer.write("logits", {static_cast<const std::byte*>(logits.const_data_ptr()), logits.nbytes()});
    }
    writer.finish();
    context.checkpoint();
    output.commit();
    return shape;
}

ActivationSample ModelSession::sampleActivations(SiteId site, const TextOptions& text, int window,
                                                 const RunContext& context)
{
    if (site.layer < 0 || site.layer >= m_impl->assets.info.layers)
        throw Error::usage("the model has no such layer")
            .found(std::to_string(site.layer))
            .expected("0 to " + std::to_string(m_impl->assets.info.layers - 1));
    const Windows windows = m_impl->windowsOf(text, context).windows;
    if (window < 0 || window >= windows.count())
        throw Error::usage("the text has no such window")
            .file(text.source().string())
            .found(std::to_string(window))
            .expected("0 to " + std::to_string(windows.count() - 1));
    return eigenquant::sampleActivations(m_impl->readyDecoder(context), site, windows[window], context);
}

PerplexityResult ModelSession::perplexity(const TextOptions& text, const RunContext& context)
{
    const auto prepared = m_impl->windowsOf(text, context);
    // Packed weights are scored by what decodes them, so that what is timed is what is scored.
    const bool byKernels = m_impl->assets.packed && m_impl->kernelsRun();
    PerplexityResult result;
    if (byKernels) {
        result = withGpuErrors(
            [&] { return eigenquant::perplexity(*m_impl->engine(context), prepared.windows, context); });
    } else {
        const PassPlan plan = m_impl->scoringPlan(prepared.windows.count(), prepared.windows.context());
        LayerSupply supply = m_impl->supply(plan, context);
        const fs::path folder = plan.states == StatePlace::File ? temporaryFolder() : fs::path();
        result = eigenquant::perplexity(supply, prepared.windows, {plan.states, folder}, context);
    }
    result.textHash = prepared.hash;
    return result;
}

LatencyResult ModelSession::latency(const LatencyOptions& options, const LatencyListener& onRow,
                                    const RunContext& context)
{
    if (!options.shape.empty())
        throw Error::usage("a shape needs no model").field("shape").found("\"" + options.shape + "\"");
    return measureLatency(latencySubject(m_impl->assets), options, m_impl->target(), m_impl->compute, onRow, context);
}

GenerateResult ModelSession::generate(const GenerateOptions& options, const GenerationListener& onTokens,
                                      const RunContext& context)
{
    const Tokenizer* tokenizer = m_impl->assets.info.hasTokenizer ? &m_impl->readyTokenizer() : nullptr;
    return withGpuErrors(
        [&] { return generateWith(*m_impl->engine(context), tokenizer, options, onTokens, context); });
}

LatencyResult latencyOfShape(const LatencyOptions& options, const ComputeOptions& compute,
                             const LatencyListener& onRow, const RunContext& context)
{
    const LatencySubject subject = latencySubject(shapeConfig(options.shape), options);
    return measureLatency(subject, options, resolveComputeTarget(compute.device, compute.dtype, compute.threads),
                          compute, onRow, context);
}

const std::vector<ModelInfo>& modelShapes()
{
    static const std::vector<ModelInfo> shapes = [] {
        std::vector<ModelInfo> all;
        for (const ModelConfig& config : shapeConfigs())
            all.push_back(infoFromConfig(config));
        return all;
    }();
    return shapes;
}

std::shared_ptr<const ModelStatistics> ModelSession::analyze(const AnalyzeOptions& options, const RunContext& context)
{
    const auto start = Clock::now();
    if (m_impl->assets.packed)
        throw Error::usage("the model is already quantized; its statistics would be those of a quantized model")
            .file(m_impl->assets.path.string())
            .hint("analyze the model it was made from");
    std::vector<fs::path> inputs = m_impl->assets.store->files();
    inputs.push_back(options.text.source());
    OutputPlace(options.out, OutputKind::File, options.overwrite, inputs, 0); // before the text is tokenized
    const CalibrationText text = m_impl->windowsOf(options.text, context);
    AnalysisJob job(m_impl->assets, text, options, m_impl->target(), m_impl->limits(), m_impl->decoder.get());
    job.run(context);
    const double seconds = secondsSince(start);
    const std::uint64_t peakBytes = peakRssBytes();
    // What the file says, and what it cost to make, which differs from run to run and is not in it.
    // Of several processes the first one alone has the file.
    auto written = std::make_shared<ModelStatistics>(ProcessPlace::fromEnvironment().isFirst()
                                                         ? readStatistics(options.out)
                                                         : job.header());
    written->seconds = seconds;
    written->peakRssBytes = peakBytes;
    return written;
}

ActivationMaps ModelSession::activationMaps(SiteId site, const TextOptions& text, int window, const fs::path& stats,
                                            const RunContext& context)
{
    ActivationMaps maps = measureActivations(sampleActivations(site, text, window, context));
    maps.textName = text.source().filename().string();
    maps.window = window;
    maps.tokens = m_impl->tokenTexts(maps.sample.ids, text.tokens.empty());
    if (stats.empty())
        maps.whyNotRotated = "no statistics were named";
    else
        rotateActivations(maps, stats, info().fingerprint, context);
    return maps;
}

WeightRanges ModelSession::weightRanges(const fs::path& stats, const Plan& plan, LinearId linear,
                                        const RunContext& context)
{
    return measureWeightRanges(m_impl->assets, stats, plan, linear, context);
}

QuantizeResult ModelSession::quantize(const fs::path& stats, const Plan& plan, const QuantizeOptions& options,
                                      const RunContext& context)
{
    const auto start = Clock::now();
    QuantizationJob job(m_impl->assets, stats, plan, options, m_impl->target(), m_impl->limits());
    std::optional<CalibrationText> text;
    if (job.needsText()) {
        if (!options.text)
            throw Error::usage("the statistics hold no second moments").file(stats.string()).hint(
                "name the calibration text with --text, and they are computed again");
        text = m_impl->windowsOf(*options.text, context);
        job.useText(*text, m_impl->decoder.get());
    }
    QuantizeResult result = job.run(context);
    result.seconds = secondsSince(start);
    result.peakRssBytes = peakRssBytes();
    return result;
}

ModelSensitivity ModelSession::sensitivity(const fs::path& checkpoint, const TextOptions& text,
                                           const RunContext& context)
{
    if (m_impl->assets.packed)
        throw Error::usage("the model is already quantized").file(m_impl->assets.path.string()).hint(
            "name the model that the checkpoint was made from");
    const ModelAssets assets = openModelAssets(checkpoint.string());
    if (!assets.packed)
        throw Error::usage("not a packed checkpoint").file(checkpoint.string()).hint(
            "`eigenquant quantize` writes one");
    requireInterchangeableLayers(m_impl->assets.source->config(), *assets.packed, checkpoint);
    const auto prepared = m_impl->windowsOf(text, context);
    ModelSensitivity result =
        measureSensitivity(m_impl->readyDecoder(context), *assets.packed, prepared.windows, context);
    result.textHash = prepared.hash;
    return result;
}

LayerEffect ModelSession::effect(const fs::path& stats, const Plan& plan, int layer, const TextOptions& options,
                                 const RunContext& context)
{
    const auto start = Clock::now();
    const auto text = m_impl->windowsOf(options, context);
    std::error_code missing; // reading the statistics says it better
    const Impl::EffectKey key{stats, fs::last_write_time(stats, missing), text.hash, text.windows.context(),
                                    text.windows.count()};
    if (!m_impl->liveEffect || m_impl->effectKey != key) {
        m_impl->liveEffect.reset(); // its memory is free before the next takes as much
        m_impl->readyDecoder(context);
        m_impl->liveEffect = std::make_unique<const LiveEffect>(m_impl->assets, stats, m_impl->decoder, text.windows,
                                                                text.hash, context);
        m_impl->effectKey = key;
    }
    LayerEffect effect = m_impl->liveEffect->measure(plan, layer, context);
    effect.seconds = secondsSince(start);
    return effect;
}

Comparison ModelSession::compare(const fs::path& stats, const std::vector<ComparisonVariant>& variants,
                                 const CompareOptions& options, const ComparisonListener& onRow,
                                 const RunContext& context)
{
    if (m_impl->assets.packed)
        throw Error::usage("the model is already quantized").file(m_impl->assets.path.string());
    const auto text = m_impl->windowsOf(options.text, context);
    const auto reference = [this](const RunContext& inner) -> const Decoder& { return m_impl->readyDecoder(inner); };
    const ComparisonSubject subject{*this,     m_impl->assets,   stats,    text.windows,
                                    text.hash, m_impl->target(), reference};
    return ComparisonRun(subject, options).run(variants, onRow, context);
}

std::vector<std::vector<double>> channelKurtosis(const fs::path& stats)
{
    return readKurtosis(stats);
}

std::shared_ptr<const ModelStatistics> loadStatistics(const fs::path& file)
{
    return std::make_shared<const ModelStatistics>(readStatistics(file));
}

void savePlan(const Plan& plan, const fs::path& file, bool overwrite)
{
    writeFileAtomically(file, planToJson(plan), overwrite);
}

Plan loadPlan(const fs::path& file)
{
    return planFromJson(readFile(file), file);
}

} // namespace eigenquant
