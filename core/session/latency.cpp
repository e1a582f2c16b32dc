// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/latency.h"

#include "core/base/clock.h"
#include "core/decode/cpu_engine.h"
#include "core/decode/gpu_engine.h"
#include "core/decode/gpu_errors.h"
#include "core/decode/random_model.h"
#include "core/quant/packed_checkpoint.h"
#include "core/session/gpu_choice.h"
#include "core/session/model_assets.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace eigenquant {
namespace {

constexpr int kRounds = 3;
/// Rounds after the first are left out once a batch has taken so long, seconds.
constexpr double kPatience = 60;
/// Steps between two looks at whether to stop.
constexpr int kStepsBetweenChecks = 16;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double median(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Peak of dense products with 16-bit inputs and float32 sums, from the data sheets: a multiprocessor's share of 989
/// TFLOP/s (H100 SXM, 132), 312 (A100, 108) and 2250 (B200, 148). 0 for other GPUs.
double peakFlops(const kernels::GpuTraits& gpu)
{
    const double each = gpu.major == 9                        ? 989e12 / 132
                        : gpu.major == 8 && gpu.minor == 0    ? 312e12 / 108
                        : gpu.major == 10                     ? 2250e12 / 148
                                                              : 0;
    return each * gpu.multiprocessors;
}

/// The least time of a step, ms: what it must read, or compute, at the device's peaks.
double rooflineMs(const GpuModel& model, int batch, const LatencyOptions& options)
{
    const double meanLength = options.prompt + options.generate / 2.0;
    const double cache = batch * meanLength * static_cast<double>(GpuCache::bytesOfToken(model.config, options.kv));
    const double memory =
        (static_cast<double>(model.bytesOfStep()) + cache) / std::max(model.gpu.memoryBytesPerSecond, 1.0);
    const double peak = peakFlops(model.gpu.traits);
    return 1e3 * std::max(memory, peak > 0 ? batch * model.flopsOfToken() / peak : 0.0);
}

/// Any ids: what is timed does not depend on them.
std::vector<std::int32_t> prompts(int batch, int length, int vocabulary)
{
    std::vector<std::int32_t> ids;
    for (int i = 0; i < batch * length; ++i)
        ids.push_back(static_cast<std::int32_t>((static_cast<std::int64_t>(i) * 7919 + 13) % vocabulary));
    return ids;
}

/// An engine, and the times of its generations.
class Runner {
public:
    Runner(DecodingEngine& engine, int batch, const LatencyOptions& options)
        : m_engine(engine), m_options(options), m_run{batch, options.prompt + options.generate, options.kv, {}},
          m_prompts(prompts(batch, options.prompt, engine.config().vocabSize))
    {
    }

    /// `steps` steps behind the prompt. The milliseconds of a step, and what the prompt took.
    struct Times {
        double stepMs = 0, promptMs = 0;
    };
    Times generate(int steps, const RunContext& context)
    {
        m_engine.begin(m_run);
        m_engine.wait();
        Times times;
        auto start = Clock::now();
        m_engine.feed(m_prompts);
        m_engine.wait();
        times.promptMs = 1e3 * secondsSince(start);
        start = Clock::now();
        for (int done = 0; done < steps; ++done) {
            if (done % kStepsBetweenChecks == 0)
                context.checkpoint();
            m_engine.step();
        }
        m_engine.wait();
        times.stepMs = 1e3 * secondsSince(start) / steps;
        return times;
    }
    void record(const RunContext& context)
    {
        const Times times = generate(m_options.generate, context);
        m_steps.push_back(times.stepMs);
        m_promptTimes.push_back(times.promptMs);
    }
    double stepMs() const { return median(m_steps); }
    double promptMs() const { return median(m_promptTimes); }

private:
    DecodingEngine& m_engine;
    const LatencyOptions& m_options;
    DecodingRun m_run;
    std::vector<std::int32_t> m_prompts;
    std::vector<double> m_steps, m_promptTimes;
};

/// Both engines in turns: one generation of each a round, after `warmUp` steps of each. `baseline` may be null.
LatencyRow timed(DecodingEngine& engine, DecodingEngine* baseline, int batch, int warmUp,
                 const LatencyOptions& options, const RunContext& context)
{
    Runner own(engine, batch, options);
    own.generate(warmUp, context);
    std::optional<Runner> other;
    if (baseline) {
        other.emplace(*baseline, batch, options);
        other->generate(warmUp, context);
    }
    const auto start = Clock::now();
    for (int round = 0; round < kRounds && (round == 0 || secondsSince(start) < kPatience); ++round) {
        own.record(context);
        if (other)
            other->record(context);
    }
    LatencyRow row;
    row.batch = batch;
    row.kv = options.kv;
    row.msPerStep = own.stepMs();
    row.promptMs = own.promptMs();
    row.tokensPerSecond = 1e3 * batch / row.msPerStep;
    row.baselineMsPerStep = other ? other->stepMs() : kNone;
    row.baselineTokensPerSecond = 1e3 * batch / row.baselineMsPerStep;
    row.speedup = row.baselineMsPerStep / row.msPerStep;
    row.kernel = engine.kernelNames(batch);
    row.gpuBytes = engine.bytes();
    row.baselineGpuBytes = baseline ? baseline->bytes() : 0;
    return row;
}

/// Rows of one model on one device.
class Measurement {
public:
    virtual ~Measurement() = default;
    virtual void describe(LatencyResult& result) const = 0;
    virtual LatencyRow row(int batch, const RunContext& context) = 0;
};

class CpuMeasurement : public Measurement {
public:
    CpuMeasurement(const LatencySubject& subject, const LatencyOptions& options, const ComputeTarget& target,
                   const RunContext& context)
        : m_options(options), m_target(target),
          m_decoder(std::make_shared<Decoder>(*subject.weights, target, context))
    {
        if (options.baseline && !subject.isFloat)
            m_baseline = std::make_shared<Decoder>(WithoutRotations(*subject.weights), target, context);
        else if (options.baseline)
            m_baseline = m_decoder;
    }
    void describe(LatencyResult& result) const override
    {
        result.device = m_target.deviceName();
        result.dtype = m_target.dtypeName();
        result.warnings.push_back("on this device the engine computes with dequantized weights: quantization does not "
                                  "make it faster");
    }
    LatencyRow row(int batch, const RunContext& context) override
    {
        CpuEngine engine(m_decoder);
        std::unique_ptr<CpuEngine> baseline;
        if (m_baseline)
            baseline = std::make_unique<CpuEngine>(m_baseline);
        LatencyRow row = timed(engine, baseline.get(), batch, std::min(2, m_options.generate), m_options, context);
        row.kernel = "libtorch " + m_target.dtypeName();
        return row;
    }

private:
    class WithoutRotations : public WeightSource {
    public:
        explicit WithoutRotations(const WeightSource& source) : m_source(source) {}
        const ModelConfig& config() const override { return m_source.config(); }
        OuterWeights smallOuter() const override { return m_source.smallOuter(); }
        at::Tensor rows(OuterRole matrix, Words words) const override { return m_source.rows(matrix, words); }
        LayerWeights layer(int index) const override
        {
            LayerWeights weights = m_source.layer(index);
            weights.rotations = {};
            return weights;
        }

    private:
        const WeightSource& m_source;
    };
    const LatencyOptions& m_options;
    ComputeTarget m_target;
    std::shared_ptr<const Decoder> m_decoder, m_baseline;
};

class GpuMeasurement : public Measurement {
public:
    GpuMeasurement(const LatencySubject& subject, const LatencyOptions& options, const KernelTarget& target,
                   const RunContext& context)
        : m_options(options), m_model(loadGpuModel(subject.stored, target.gpu, target.element, context))
    {
        if (options.baseline)
            m_baseline = subject.isFloat ? m_model : loadGpuModel(subject.dense, target.gpu, target.element, context);
    }
    void describe(LatencyResult& result) const override
    {
        result.device = m_model->gpu.name;
        result.dtype = m_model->element == kernels::Element::F16 ? "f16" : "bf16";
        result.memoryBytesPerSecond = m_model->gpu.memoryBytesPerSecond;
        result.flopsPerSecond = peakFlops(m_model->gpu.traits);
    }
    LatencyRow row(int batch, const RunContext& context) override
    {
        GpuEngine engine(m_model);
        engine.begin({batch, m_options.prompt + m_options.generate, m_options.kv, {}});
        std::unique_ptr<GpuEngine> baseline;
        if (m_baseline) {
            baseline = std::make_unique<GpuEngine>(m_baseline);
            baseline->shareCache(engine);
        }
        // A whole generation, so that steps of every length are recorded before they are timed.
        LatencyRow row = timed(engine, baseline.get(), batch, m_options.generate, m_options, context);
        row.rooflineMs = rooflineMs(*m_model, batch, m_options);
        row.rooflineShare = row.rooflineMs / row.msPerStep;
        row.baselineRooflineMs = m_baseline ? rooflineMs(*m_baseline, batch, m_options) : kNone;
        row.linears = linears(engine, baseline.get(), batch);
        row.rotationShare = rotationShare(engine, batch, row.msPerStep, context);
        return row;
    }

private:
    std::vector<LinearLatency> linears(GpuEngine& engine, GpuEngine* baseline, int batch) const
    {
        std::vector<LinearLatency> rows;
        for (const Site site : kAllSites)
            rows.push_back({engine.siteName(site), engine.siteKernels(site, batch), engine.siteMicroseconds(site),
                            baseline ? baseline->siteMicroseconds(site) : kNone});
        return rows;
    }
    double rotationShare(GpuEngine& engine, int batch, double fullMs, const RunContext& context) const
    {
        if (!m_model->turns())
            return 0;
        engine.skipRotations(true);
        Runner without(engine, batch, m_options);
        without.generate(m_options.generate, context); // recorded
        without.record(context);
        engine.skipRotations(false);
        return std::clamp(1 - without.stepMs() / fullMs, 0.0, 1.0);
    }

    const LatencyOptions& m_options;
    std::shared_ptr<const GpuModel> m_model, m_baseline;
};

void checkOptions(const LatencyOptions& options)
{
    if (options.batches.empty() || std::ranges::any_of(options.batches, [](int batch) { return batch < 1; }))
        throw Error::usage("batches are one or more").field("batch");
    if (options.prompt < 1 || options.generate < 1)
        throw Error::usage("prompt and generation have at least one token")
            .field(options.prompt < 1 ? "prompt" : "generate")
            .found(std::to_string(options.prompt < 1 ? options.prompt : options.generate));
}

/// The row of a batch, or of the largest half of it that fits into memory.
LatencyRow rowThatFits(Measurement& measurement, int batch, LatencyResult& result, const RunContext& context)
{
    for (int tried = batch;; tried /= 2) {
        try {
            LatencyRow row = measurement.row(tried, context);
            row.askedBatch = batch;
            return row;
        } catch (const kernels::GpuError& failure) {
            if (failure.kind() != kernels::GpuError::Kind::OutOfMemory || tried == 1)
                throw;
            result.warnings.push_back("batch " + std::to_string(tried) +
                                      " does not fit: " + gpuFailure(failure).what());
        }
    }
}

EngineSource withoutRotations(const EngineSource& dense)
{
    EngineSource source = dense;
    source.layer = [layer = dense.layer](int index) {
        PackedLayer packed = layer(index);
        packed.sites = {};
        return packed;
    };
    return source;
}

} // namespace

LatencySubject latencySubject(const ModelAssets& assets)
{
    LatencySubject subject;
    subject.model = assets.info.name;
    subject.weights = assets.source;
    subject.dense = withoutRotations(engineSource(assets.source));
    subject.isFloat = !assets.packed;
    subject.stored = assets.packed ? engineSource(assets.packed) : subject.dense;
    subject.method = assets.packed ? name(assets.packed->plan().options.method) : name(Method::Float);
    subject.effectiveBits = assets.packed ? assets.packed->plan().totals.effectiveBits : 16;
    return subject;
}

LatencySubject latencySubject(const ModelConfig& shape, const LatencyOptions& options)
{
    const auto source = [](const std::shared_ptr<const RandomModel>& model) {
        return EngineSource{model->config(), [model] { return model->outer(); },
                            [model](int) { return model->packedLayer(); }, /*layersAreAlike=*/true};
    };
    LatencyOptions dense = options;
    dense.method = Method::Float;
    const auto model = std::make_shared<const RandomModel>(shape, options);
    LatencySubject subject;
    subject.model = shape.name;
    subject.method = name(options.method);
    subject.effectiveBits = model->effectiveBits();
    subject.stored = source(model);
    subject.dense = source(std::make_shared<const RandomModel>(shape, dense));
    subject.weights = model;
    subject.isFloat = options.method == Method::Float;
    return subject;
}

LatencyResult measureLatency(const LatencySubject& subject, const LatencyOptions& options,
                             const ComputeTarget& target, const ComputeOptions& words, const LatencyListener& onRow,
                             const RunContext& context)
{
    checkOptions(options);
    return withGpuErrors([&] {
        const auto start = Clock::now();
        LatencyResult result;
        result.model = subject.model;
        result.method = subject.method;
        result.effectiveBits = subject.effectiveBits;
        result.prompt = options.prompt;
        result.generate = options.generate;
        std::unique_ptr<Measurement> measurement;
        if (const auto kernelsRun = kernelTarget(subject.stored.config, target, words))
            measurement = std::make_unique<GpuMeasurement>(subject, options, *kernelsRun, context);
        else
            measurement = std::make_unique<CpuMeasurement>(subject, options, target, context);
        measurement->describe(result);
        const auto count = static_cast<std::int64_t>(options.batches.size());
        for (std::int64_t i = 0; i < count; ++i) {
            context.report("timing", "batches", i, count);
            result.rows.push_back(rowThatFits(*measurement, options.batches[static_cast<std::size_t>(i)], result,
                                              context));
            if (onRow)
                onRow(result.rows.back());
        }
        context.report("timing", "batches", count, count);
        result.seconds = secondsSince(start);
        return result;
    });
}

} // namespace eigenquant
