// SPDX-License-Identifier: GPL-3.0-or-later
// The facade's latency and generation on a CPU.
#include "core/base/error.h"
#include "core/decode/model_shapes.h"
#include "core/decode/random_model.h"
#include "core/quant/packed_linear.h"
#include "tests/core/decode/decode_test.h"

#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

namespace eigenquant::test {
namespace {

const ComputeOptions kCpu{"cpu", "f32", 1};

LatencyOptions small()
{
    LatencyOptions options;
    options.shape = "tiny";
    options.batches = {1, 3};
    options.prompt = 4;
    options.generate = 6;
    options.groupSize = 32;
    options.salient = 16;
    return options;
}

void expectSane(const LatencyResult& result, const LatencyOptions& options)
{
    ASSERT_EQ(result.rows.size(), options.batches.size());
    EXPECT_EQ(result.device, "cpu");
    EXPECT_EQ(result.dtype, "f32");
    EXPECT_EQ(result.generate, options.generate);
    EXPECT_GT(result.seconds, 0);
    for (std::size_t i = 0; i < result.rows.size(); ++i) {
        const LatencyRow& row = result.rows[i];
        EXPECT_EQ(row.batch, options.batches[i]);
        EXPECT_EQ(row.askedBatch, row.batch);
        EXPECT_GT(row.msPerStep, 0);
        EXPECT_GT(row.promptMs, 0);
        EXPECT_NEAR(row.tokensPerSecond, 1e3 * row.batch / row.msPerStep, 1e-6 * row.tokensPerSecond);
        EXPECT_NEAR(row.speedup, row.baselineMsPerStep / row.msPerStep, 1e-9 * row.speedup);
        EXPECT_EQ(row.kernel, "libtorch f32");
        EXPECT_GT(row.gpuBytes, 0u);
    }
    EXPECT_GT(result.rows[1].gpuBytes, result.rows[0].gpuBytes) << "three sequences need a larger cache";
}

TEST(Latency, OfAShapeOnACpu)
{
    const LatencyOptions options = small();
    std::vector<int> told;
    const LatencyResult result =
        latencyOfShape(options, kCpu, [&](const LatencyRow& row) { told.push_back(row.batch); }, {});
    expectSane(result, options);
    EXPECT_EQ(told, options.batches);
    EXPECT_EQ(result.model, "tiny");
    EXPECT_EQ(result.method, "rosaq");
    EXPECT_GT(result.effectiveBits, 4);
    EXPECT_LT(result.effectiveBits, 8);
}

TEST(Latency, OfACheckpointAndOfItsModel)
{
    const TinyCheckpoints tiny;
    LatencyOptions options = small();
    options.shape.clear();
    const auto packed = ModelSession::open(tiny.quantized(TinyCheckpoints::variants().front()).string(), kCpu);
    expectSane(packed->latency(options, {}, {}), options);
    options.baseline = false;
    const auto model = ModelSession::open(tiny.model().string(), kCpu);
    const LatencyResult alone = model->latency(options, {}, {});
    EXPECT_EQ(alone.method, "float");
    EXPECT_TRUE(std::isnan(alone.rows.front().baselineMsPerStep));
    EXPECT_TRUE(std::isnan(alone.rows.front().speedup));
    options.shape = "tiny";
    EXPECT_THROW(model->latency(options, {}, {}), Error);
}

TEST(Latency, RefusesWhatMakesNoSense)
{
    const auto refuses = [](auto change) {
        LatencyOptions options = small();
        change(options);
        EXPECT_THROW(latencyOfShape(options, kCpu, {}, {}), Error);
    };
    refuses([](LatencyOptions& options) { options.shape = "llama-9"; });
    refuses([](LatencyOptions& options) { options.batches = {}; });
    refuses([](LatencyOptions& options) { options.batches = {0}; });
    refuses([](LatencyOptions& options) { options.prompt = 0; });
    refuses([](LatencyOptions& options) { options.bits = 3.5; });
    refuses([](LatencyOptions& options) { options.bits = 9; });
    refuses([](LatencyOptions& options) { options.salient = -1; });
}

TEST(Latency, StopsOnRequest)
{
    std::stop_source source;
    RunContext context;
    context.stop = source.get_token();
    context.onProgress = [&](const Progress& progress) {
        if (progress.stage == "timing")
            source.request_stop();
    };
    try {
        latencyOfShape(small(), kCpu, {}, context);
        ADD_FAILURE() << "went on";
    } catch (const Error& error) {
        EXPECT_TRUE(error.isCancelled());
    }
}

TEST(Latency, ShapesAreThoseOfTheirModels)
{
    const auto parametersOf = [](const std::string& name) {
        for (const ModelInfo& info : modelShapes())
            if (info.name == name)
                return info.parameters;
        return std::int64_t{0};
    };
    EXPECT_EQ(parametersOf("llama-2-7b"), 6'738'415'616);
    EXPECT_EQ(parametersOf("llama-2-13b"), 13'015'864'320);
    EXPECT_EQ(parametersOf("llama-3-8b"), 8'030'261'248);
    EXPECT_EQ(parametersOf("mistral-7b"), 7'241'732'096);
    EXPECT_EQ(parametersOf("smollm2-135m"), 134'515'008);
}

/// Random linears of every method are ones that the readers of checkpoints accept, and of the size of a real one.
TEST(RandomModel, IsWhatItsMethodStores)
{
    for (const Method method : {Method::Float, Method::Rtn, Method::Rosaq, Method::RandRot, Method::Cmpq, Method::Etq})
        for (const RotationScope scope : {RotationScope::PerSite, RotationScope::Global}) {
            SCOPED_TRACE(std::string(name(method)) + " " + std::string(name(scope)));
            LatencyOptions options = small();
            options.method = method;
            options.scope = scope;
            const RandomModel model(shapeConfig("tiny"), options);
            const PackedLayer layer = model.packedLayer();
            for (const PackedLinear& linear : layer.linears) {
                const at::Tensor weight = unpackLinear(linear);
                EXPECT_EQ(weight.size(0), linear.outFeatures);
                const double gain = std::sqrt(weight.square().sum().item<double>() /
                                              static_cast<double>(linear.outFeatures));
                EXPECT_GT(gain, 0.3) << linear.plan.id.name();
                EXPECT_LT(gain, 3.0) << linear.plan.id.name();
            }
        }
}

TEST(Generate, GoesOnWithTextAndIds)
{
    const TinyCheckpoints tiny;
    const auto session = ModelSession::open(tiny.model().string(), kCpu);
    GenerateOptions options;
    options.text = "the river and the winter";
    options.tokens = 12;
    std::string told;
    std::vector<std::int32_t> ids;
    const auto listen = [&](const GeneratedPiece& piece) {
        told += piece.text;
        ids.insert(ids.end(), piece.ids.begin(), piece.ids.end());
    };
    const GenerateResult result = session->generate(options, listen, {});
    ASSERT_EQ(result.ids.size(), 1u);
    EXPECT_EQ(result.ids[0], ids);
    EXPECT_LE(result.ids[0].size(), 12u);
    EXPECT_EQ(result.text[0], session->detokenize(ids));
    EXPECT_EQ(result.text[0].substr(0, told.size()), told) << "only an unfinished character may be missing";
    EXPECT_EQ(result.device, "cpu");

    GenerateOptions both;
    both.prompts = {session->tokenize(options.text), session->tokenize("winter")};
    both.tokens = 12;
    const GenerateResult pair = session->generate(both, {}, {});
    EXPECT_EQ(pair.ids.at(0), ids) << "a prompt of another length changes nothing";
}

TEST(Generate, RefusesWhatMakesNoSense)
{
    const TinyCheckpoints tiny;
    const auto session = ModelSession::open(tiny.model().string(), kCpu);
    const auto refuses = [&](auto change) {
        GenerateOptions options;
        options.text = "the";
        change(options);
        EXPECT_THROW(session->generate(options, {}, {}), Error);
    };
    refuses([](GenerateOptions& options) { options.text.clear(); });
    refuses([](GenerateOptions& options) { options.tokens = 0; });
    refuses([](GenerateOptions& options) { options.topP = 0; });
    refuses([](GenerateOptions& options) { options.topP = 1.5; });
    refuses([](GenerateOptions& options) { options.temperature = -1; });
    refuses([](GenerateOptions& options) { options.topK = -1; });
    refuses([](GenerateOptions& options) { options.prompts = {{}}; });
    refuses([](GenerateOptions& options) { options.prompts = {{100000}}; });
}

} // namespace
} // namespace eigenquant::test
