// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/output_fisher.h"

#include "core/io/safetensors.h"
#include "core/model/dense_source.h"
#include "core/quant/random.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <stop_token>

namespace eigenquant::test {
namespace {

constexpr int kContext = 24;
constexpr int kWindows = 3; // odd, so that two threads do not get the same number

OutputFisher fisherOf(const Decoder& decoder, const Windows& windows, std::uint64_t seed, const RunContext& context)
{
    LayerSupply supply(decoder);
    return measureOutputFisher(supply, windows, seed, {}, context);
}

class OutputFisherTest : public testing::Test {
protected:
    /// So small products only lose time when they are shared out.
    void SetUp() override { at::set_num_threads(1); }
    void TearDown() override { at::set_num_threads(m_threads); }

    static std::unique_ptr<Decoder> tinyDecoder(const TinyModelOptions& options)
    {
        const TemporaryFolder folder;
        const auto model = writeTinyModel(folder / "model", options);
        const auto source =
            DenseSource::fromHuggingFace(SafetensorsStore::openFolder(model), loadConfig(model / "config.json"));
        return std::make_unique<Decoder>(*source, ComputeTarget{}, RunContext{});
    }

    static Windows randomWindows()
    {
        Random random(5);
        std::vector<std::int32_t> ids;
        for (int i = 0; i < kContext * kWindows; ++i)
            ids.push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(tinyVocabularySize()))));
        return {std::move(ids), kContext, 0, "random"};
    }

    /// log p [tokens, vocab] of a window, float64, with something done to the outputs of the linears.
    at::Tensor logProbabilities(int window, const OutputHook& hook) const
    {
        const RopeTable rope = ropeTable(decoder->config(), kContext, at::kCPU, at::kFloat);
        at::Tensor x = decoder->embed(windows[window]);
        for (int layer = 0; layer < decoder->config().layers; ++layer)
            x = decoder->layer(layer, x, rope, {}, hook);
        return at::log_softmax(decoder->logits(decoder->lastNorm(x)).to(at::kDouble), 1);
    }

    /// KL(plain ‖ disturbed) in nats a token, when outputs `first` to `first + count` of a linear get errors of
    /// ±epsilon, each token and output its own sign: the mean over signs has no terms between two of them.
    double divergence(LinearId id, std::int64_t first, std::int64_t count, double epsilon) const
    {
        constexpr int draws = 24;
        Random random(11);
        std::int64_t offset = first;
        for (const LinearRole role : kAllRoles)
            if (role < id.role && siteOf(role) == siteOf(id.role))
                offset += linearShape(decoder->config(), role)[0];
        const OutputHook disturb = [&](SiteId site, const at::Tensor& y) {
            if (site != id.site())
                return y;
            at::Tensor error = at::zeros_like(y);
            for (std::int64_t token = 0; token < y.size(0); ++token)
                for (std::int64_t i = offset; i < offset + count; ++i)
                    error.data_ptr<float>()[token * y.size(1) + i] =
                        static_cast<float>(random.below(2) == 0 ? epsilon : -epsilon);
            return y + error;
        };
        double sum = 0;
        for (int window = 0; window < windows.count(); ++window) {
            const at::Tensor plain = logProbabilities(window, {});
            for (int draw = 0; draw < draws; ++draw)
                sum += (plain.exp() * (plain - logProbabilities(window, disturb))).sum().item<double>();
        }
        return sum / draws / static_cast<double>(windows.tokens());
    }

    /// The mean of many draws of labels: the same for every test.
    const OutputFisher& expectedFisher() const
    {
        static const OutputFisher mean = meanFisher();
        return mean;
    }

    OutputFisher meanFisher() const
    {
        constexpr int draws = 60;
        OutputFisher mean = fisherOf(*decoder, windows, 0, {});
        for (std::uint64_t seed = 1; seed < draws; ++seed) {
            const OutputFisher next = fisherOf(*decoder, windows, seed, {});
            for (std::size_t linear = 0; linear < mean.diagonal.size(); ++linear)
                for (std::size_t i = 0; i < mean.diagonal[linear].size(); ++i)
                    mean.diagonal[linear][i] += next.diagonal[linear][i];
        }
        for (auto& values : mean.diagonal)
            for (double& value : values)
                value /= draws;
        return mean;
    }

    const std::unique_ptr<Decoder> decoder = tinyDecoder({.layers = 2});
    const Windows windows = randomWindows();

private:
    const int m_threads = at::get_num_threads();
};

TEST_F(OutputFisherTest, PredictsTheDivergenceOfErrorsAtEveryLinear)
{
    const OutputFisher& fisher = expectedFisher();
    constexpr double epsilon = 2e-3;
    for (int layer = 0; layer < decoder->config().layers; ++layer)
        for (const LinearRole role : kAllRoles) {
            const LinearId id{layer, role};
            const auto out = static_cast<std::int64_t>(fisher.of(id).size());
            EXPECT_EQ(out, linearShape(decoder->config(), role)[0]);
            const double predicted = 0.5 * epsilon * epsilon * fisher.mean(id) * static_cast<double>(out);
            EXPECT_NEAR(divergence(id, 0, out, epsilon) / predicted, 1, 0.2) << id.name();
        }
}

TEST_F(OutputFisherTest, PredictsTheDivergenceOfErrorsAtOneOutput)
{
    const OutputFisher& fisher = expectedFisher();
    constexpr double epsilon = 5e-3;
    for (const LinearId id : {LinearId{0, LinearRole::V}, LinearId{1, LinearRole::Up}, LinearId{1, LinearRole::Down}}) {
        const std::vector<double>& values = fisher.of(id);
        const auto largest = std::max_element(values.begin(), values.end());
        const double found = divergence(id, largest - values.begin(), 1, epsilon);
        EXPECT_NEAR(found / (0.5 * epsilon * epsilon * *largest), 1, 0.25) << id.name();
        EXPECT_GT(*largest, 1.2 * fisher.mean(id)) << id.name() << ": no output stands out";
    }
}

TEST_F(OutputFisherTest, IsTheSameForAnyNumberOfThreadsAndAnotherForAnotherSeed)
{
    const OutputFisher one = fisherOf(*decoder, windows, 3, {});
    at::set_num_threads(2);
    const OutputFisher two = fisherOf(*decoder, windows, 3, {});
    const OutputFisher other = fisherOf(*decoder, windows, 4, {});
    EXPECT_EQ(one.tokens, kContext * kWindows);
    EXPECT_EQ(one.diagonal, two.diagonal);
    EXPECT_NE(one.diagonal, other.diagonal);
}

TEST_F(OutputFisherTest, StopsInTheMiddle)
{
    std::stop_source source;
    RunContext context;
    context.stop = source.get_token();
    int reports = 0;
    context.onProgress = [&](const Progress&) {
        ++reports;
        source.request_stop();
    };
    try {
        fisherOf(*decoder, windows, 0, context);
        FAIL() << "went on";
    } catch (const Error& error) {
        EXPECT_TRUE(error.isCancelled());
    }
    EXPECT_EQ(reports, 1);
}

TEST_F(OutputFisherTest, NamesALinearWhoseGradientsOverflow)
{
    const auto broken = tinyDecoder({.layers = 1, .outlierGain = 1e30});
    try {
        fisherOf(*broken, windows, 0, {});
        FAIL() << "took what is not finite";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Invalid);
        EXPECT_TRUE(LinearId::fromName(error.field())) << error.what();
    }
}

} // namespace
} // namespace eigenquant::test
