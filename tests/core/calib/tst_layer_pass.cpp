// SPDX-License-Identifier: GPL-3.0-or-later
// One layer at a time or all at once, hidden states in memory or in a file: the same bits.
#include "core/calib/layer_pass.h"

#include "core/calib/output_fisher.h"
#include "core/eval/perplexity.h"
#include "core/session/memory_plan.h"
#include "core/session/model_assets.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"

#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

namespace eigenquant {
namespace {

class LayerByLayer : public testing::Test {
protected:
    void SetUp() override
    {
        test::writeTinyModel(folder / "model", {.layers = 3});
        source = openModelAssets((folder / "model").string()).source;
        std::vector<std::int32_t> ids(5 * 40);
        for (std::size_t i = 0; i < ids.size(); ++i)
            ids[i] = static_cast<std::int32_t>((i * i + 3 * i) % 250);
        windows.emplace(ids, 40, 0, "ids");
    }

    test::TemporaryFolder folder;
    std::shared_ptr<const WeightSource> source;
    std::optional<Windows> windows;
    const ComputeTarget target = resolveComputeTarget("cpu", "f32", 2);
};

TEST_F(LayerByLayer, HiddenStatesAreThoseOfWholePasses)
{
    const Decoder whole(*source, target, RunContext{});
    for (const StatePlace place : {StatePlace::Memory, StatePlace::File}) {
        LayerSupply supply(*source, target);
        LayerPass pass(supply, *windows, {place, folder.path()}, {});
        while (pass.next() < supply.config().layers)
            pass.advance("running", {});
        for (int window = 0; window < windows->count(); ++window)
            EXPECT_TRUE(supply.ends().lastNorm(pass.state(window)).equal(whole.hidden((*windows)[window], {})));
    }
    EXPECT_EQ(folder.entries(), std::vector<std::string>{"model"});
}

TEST_F(LayerByLayer, PerplexityAndLogitsAreTheSameToTheBit)
{
    const Decoder whole(*source, target, RunContext{});
    LayerSupply all(whole), one(*source, target);
    const auto expected = perplexity(whole, *windows, {});
    EXPECT_EQ(perplexity(all, *windows, {}, {}).windowNll, expected.windowNll);
    EXPECT_EQ(perplexity(one, *windows, {StatePlace::File, folder.path()}, {}).windowNll, expected.windowNll);
    EXPECT_TRUE(hiddenOf(one, (*windows)[1], {}).equal(whole.hidden((*windows)[1], {})));
}

TEST_F(LayerByLayer, MomentsAreThoseOfWholePasses)
{
    const Decoder whole(*source, target, RunContext{});
    std::vector<SecondMoment> expected;
    for (int layer = 0; layer < 3; ++layer)
        for (const Site site : kAllSites)
            expected.emplace_back(SiteId{layer, site}, siteChannels(whole.config(), site), target.device);
    for (int window = 0; window < windows->count(); ++window)
        whole.hidden((*windows)[window], {}, [&](SiteId id, const at::Tensor& x) {
            expected[static_cast<std::size_t>(id.layer) * 4 + static_cast<std::size_t>(id.site)].add(x);
        });
    LayerSupply supply(*source, target);
    LayerPass pass(supply, *windows, {StatePlace::File, folder.path()}, {});
    for (std::size_t layer = 0; layer < 3; ++layer) {
        auto found = pass.advanceForMoments("running", {});
        for (std::size_t site = 0; site < 4; ++site) {
            EXPECT_TRUE(found[site].mean().equal(expected[layer * 4 + site].mean()));
            EXPECT_EQ(found[site].kurtosis(), expected[layer * 4 + site].kurtosis());
            const at::Tensor mean = found[site].mean();
            EXPECT_TRUE(found[site].takeMean().equal(mean));
        }
    }
}

TEST_F(LayerByLayer, FisherInformationIsTheSameToTheBit)
{
    const Decoder whole(*source, target, RunContext{});
    LayerSupply all(whole), one(*source, target);
    const OutputFisher expected = measureOutputFisher(all, *windows, 5, {}, {});
    const OutputFisher found = measureOutputFisher(one, *windows, 5, {StatePlace::File, folder.path()}, {});
    EXPECT_EQ(found.diagonal, expected.diagonal);
}

TEST(HiddenStates, ComeBackAsTheyWere)
{
    const test::TemporaryFolder folder;
    for (const auto dtype : {at::kFloat, at::kBFloat16})
        for (const StatePlace place : {StatePlace::Device, StatePlace::Memory, StatePlace::File}) {
            HiddenStates states(3, 5, 7, {c10::kCPU, dtype}, place, folder.path());
            std::vector<at::Tensor> given;
            for (int i = 0; i < 3; ++i) {
                given.push_back(at::randn({5, 7}, dtype));
                states.put(2 - i, given.back());
            }
            for (int i = 0; i < 3; ++i)
                EXPECT_TRUE(states.get(2 - i).equal(given[static_cast<std::size_t>(i)]));
        }
}

PassNeeds someNeeds()
{
    const WeightBytes weights{
        .layer = 10ull << 20, .outer = 0, .words = 20ull << 20, .someWords = 1ull << 20, .layers = 50};
    return {.base = 100, .host = weights, .device = weights, .states = 4ull << 30, .hostWork = 30ull << 20};
}

TEST(PassPlanning, TakesTheFirstThatFits)
{
    PassNeeds needs = someNeeds();
    needs.comesAgain = true;
    const auto with = [&](std::uint64_t ram) { return planPass(needs, {.ram = ram, .ramGiven = true}); };
    EXPECT_TRUE(with(16ull << 30).wholeModel);
    EXPECT_EQ(with(16ull << 30).states, StatePlace::Memory);
    EXPECT_TRUE(with(2ull << 30).wholeModel);
    EXPECT_EQ(with(2ull << 30).states, StatePlace::File);
    EXPECT_FALSE(with(900ull << 20).wholeModel) << "more than half of the memory";
    needs.comesAgain = false;
    EXPECT_FALSE(with(16ull << 30).wholeModel);
    EXPECT_THROW(with(100ull << 20), Error);
}

TEST(PassPlanning, ReadsRowsOfEmbeddingAndHeadWhereTheyDoNotFit)
{
    PassNeeds needs = someNeeds();
    needs.host.words = needs.device.words = 2ull << 30;
    const auto with = [&](std::uint64_t ram) { return planPass(needs, {.ram = ram, .ramGiven = true}); };
    EXPECT_EQ(with(8ull << 30).ends, EndsPlace::Held);
    EXPECT_EQ(with(8ull << 30).states, StatePlace::Memory);
    EXPECT_EQ(with(4ull << 30).ends, EndsPlace::Held) << "a file of hidden states before a head that is read";
    EXPECT_EQ(with(4ull << 30).states, StatePlace::File);
    EXPECT_EQ(with(1ull << 30).ends, EndsPlace::Read);
    EXPECT_LT(with(1ull << 30).ram, 300ull << 20);
    needs.readers = 32; // each with rows of its own
    EXPECT_GT(with(1ull << 30).ram, 150ull << 20);
    needs.modelIsThere = true;
    EXPECT_EQ(with(1ull << 30).ends, EndsPlace::Held);
}

TEST(PassPlanning, KeepsToTheMemoryOfTheGpu)
{
    PassNeeds needs = someNeeds();
    needs.onGpu = needs.comesAgain = true;
    const auto with = [&](std::uint64_t vram) {
        return planPass(needs, {.ram = 32ull << 30, .vram = vram, .vramGiven = true});
    };
    EXPECT_EQ(with(16ull << 30).states, StatePlace::Device);
    EXPECT_EQ(with(2ull << 30).states, StatePlace::Memory);
    EXPECT_FALSE(with(500ull << 20).wholeModel);
    try {
        with(100ull << 20);
        FAIL() << "was not refused";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Resources);
        EXPECT_EQ(error.field(), "--max-vram");
    }
}

} // namespace
} // namespace eigenquant
