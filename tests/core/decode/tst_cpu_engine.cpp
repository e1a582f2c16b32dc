// SPDX-License-Identifier: GPL-3.0-or-later
// Decoding token by token against one pass over all of them.
#include "core/decode/cpu_engine.h"

#include "core/base/error.h"
#include "core/decode/generate.h"
#include "core/decode/random_model.h"
#include "tests/core/decode/decode_test.h"

#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <set>

namespace eigenquant::test {
namespace {

constexpr double kSame = 2e-5;

/// Logits of every position when the ids come in pieces: 5, then one at a time, then the rest.
at::Tensor inPieces(DecodingEngine& engine, std::span<const std::int32_t> ids)
{
    engine.begin({.sequences = 1, .length = static_cast<int>(ids.size())});
    std::vector<at::Tensor> rows{engine.feedForLogits(ids.first(5))};
    for (std::size_t i = 5; i < 12; ++i) {
        engine.feed(ids.subspan(i, 1));
        rows.push_back(engine.logits());
    }
    rows.push_back(engine.feedForLogits(ids.subspan(12)));
    return at::cat(rows);
}

RandomModel randomModel(const ModelConfig& config, std::uint64_t seed = 3)
{
    LatencyOptions options;
    options.method = Method::Float;
    options.seed = seed;
    return {config, options};
}

TEST(CpuEngine, PiecesGiveTheLogitsOfOnePass)
{
    for (const auto& [heads, kvHeads, tied, bias] :
         {std::tuple(4, 4, false, false), std::tuple(4, 2, true, false), std::tuple(8, 1, false, true)}) {
        SCOPED_TRACE(std::to_string(heads) + " heads, " + std::to_string(kvHeads) + " of keys");
        const auto decoder = decoderOf(randomModel(tinyConfig(heads, kvHeads, tied, bias)));
        CpuEngine engine(decoder);
        const auto ids = someIds(24);
        const at::Tensor expected = fullLogits(*decoder, ids);
        EXPECT_LT(relativeError(inPieces(engine, ids), expected), kSame);
        EXPECT_LT(relativeError(inPieces(engine, ids), expected), kSame) << "the second time, on a used cache";
    }
}

TEST(CpuEngine, PackedCheckpointsOfEveryKindToo)
{
    const TinyCheckpoints tiny;
    for (const auto& variant : TinyCheckpoints::variants()) {
        SCOPED_TRACE(variant.name);
        const auto decoder = decoderOf(*openModelAssets(tiny.quantized(variant).string()).source);
        CpuEngine engine(decoder);
        const auto ids = someIds(20);
        EXPECT_LT(relativeError(inPieces(engine, ids), fullLogits(*decoder, ids)), kSame);
    }
}

TEST(CpuEngine, GreedyStepsAreTheLikeliestTokens)
{
    const auto decoder = decoderOf(randomModel(tinyConfig(4, 2, false, false)));
    CpuEngine engine(decoder);
    const auto prompt = someIds(6);
    engine.begin({.sequences = 1, .length = 30});
    engine.feed(prompt);
    engine.step(3);
    engine.step(20);
    EXPECT_EQ(engine.sampled(), greedyByFullPasses(*decoder, prompt, 24));
    EXPECT_EQ(engine.position(), 29);
}

TEST(CpuEngine, ABatchIsItsSequencesOneByOne)
{
    const auto decoder = decoderOf(randomModel(tinyConfig(4, 2, false, false)));
    CpuEngine together(decoder), alone(decoder);
    std::vector<std::int32_t> all, expected;
    for (int sequence = 0; sequence < 3; ++sequence) {
        const auto prompt = someIds(7, sequence);
        all.insert(all.end(), prompt.begin(), prompt.end());
        alone.begin({.sequences = 1, .length = 20});
        alone.feed(prompt);
        alone.step(12);
        const auto found = alone.sampled();
        expected.insert(expected.end(), found.begin(), found.end());
    }
    together.begin({.sequences = 3, .length = 20});
    together.feed(all);
    together.step(12);
    EXPECT_EQ(together.sampled(), expected);
}

TEST(CpuEngine, AnInt8CacheIsClose)
{
    const auto decoder = decoderOf(randomModel(tinyConfig(4, 2, false, false)));
    CpuEngine engine(decoder);
    const auto ids = someIds(24);
    engine.begin({.sequences = 1, .length = 24, .kv = KvPrecision::Int8});
    const auto smallBytes = engine.bytes();
    const double error = relativeError(engine.feedForLogits(ids), fullLogits(*decoder, ids));
    EXPECT_LT(error, 0.05);
    EXPECT_GT(error, 1e-6) << "nothing was rounded";
    engine.begin({.sequences = 1, .length = 24});
    EXPECT_LT(smallBytes, engine.bytes());
}

TEST(CpuEngine, SamplingFollowsTheSeed)
{
    const auto decoder = decoderOf(randomModel(tinyConfig(4, 2, false, false)));
    CpuEngine engine(decoder);
    const auto draw = [&](std::uint64_t seed, int topK) {
        engine.begin({.sequences = 2, .length = 40, .sampling = {.temperature = 1.5, .topK = topK, .seed = seed}});
        engine.feed(someIds(8));
        engine.step(30);
        return engine.sampled();
    };
    EXPECT_EQ(draw(1, 0), draw(1, 0));
    EXPECT_NE(draw(1, 0), draw(2, 0));
    const auto one = draw(1, 1);
    engine.begin({.sequences = 2, .length = 40});
    engine.feed(someIds(8));
    engine.step(30);
    EXPECT_EQ(one, engine.sampled()) << "of one candidate only one can be drawn";
}

TEST(CpuEngine, RefusesWhatDoesNotFit)
{
    const auto decoder = decoderOf(randomModel(tinyConfig(4, 2, false, false)));
    CpuEngine engine(decoder);
    EXPECT_THROW(engine.begin({.sequences = 0, .length = 4}), Error);
    engine.begin({.sequences = 2, .length = 4});
    EXPECT_THROW(engine.feed(someIds(3)), Error) << "three tokens for two sequences";
    EXPECT_THROW(engine.feed(someIds(10)), Error) << "five tokens each";
    EXPECT_THROW(engine.feed(std::vector<std::int32_t>{1, 512}), Error) << "outside the vocabulary";
    engine.feed(someIds(8));
    EXPECT_THROW(engine.step(), Error);
}

TEST(Generation, EndsAtTheEndToken)
{
    const auto decoder = decoderOf(randomModel(tinyConfig(4, 2, false, false)));
    CpuEngine engine(decoder);
    GenerationRequest request;
    request.prompts = {someIds(6), someIds(6, 1)};
    request.tokens = 40;
    const auto whole = generateTokens(engine, request, {}, {}).ids;
    ASSERT_EQ(whole[0].size(), 40u);
    ASSERT_EQ(whole[0], greedyByFullPasses(*decoder, request.prompts[0], 40));
    // The first token of the first sequence that was not there before: everything up to it must come out.
    std::size_t end = 1;
    while (end < 39 && std::find(whole[0].begin(), whole[0].begin() + static_cast<std::ptrdiff_t>(end),
                                 whole[0][end]) != whole[0].begin() + static_cast<std::ptrdiff_t>(end))
        ++end;
    request.endToken = whole[0][end];
    std::vector<std::vector<std::int32_t>> told(2);
    const auto listener = [&](int sequence, std::span<const std::int32_t> ids) {
        auto& all = told[static_cast<std::size_t>(sequence)];
        all.insert(all.end(), ids.begin(), ids.end());
    };
    const auto cut = generateTokens(engine, request, listener, {}).ids;
    EXPECT_EQ(cut[0], std::vector<std::int32_t>(whole[0].begin(), whole[0].begin() + static_cast<std::ptrdiff_t>(end)));
    EXPECT_EQ(std::count(cut[1].begin(), cut[1].end(), *request.endToken), 0);
    EXPECT_EQ(told, cut);
}

} // namespace
} // namespace eigenquant::test
