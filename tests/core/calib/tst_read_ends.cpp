// SPDX-License-Identifier: GPL-3.0-or-later
// Embedding and head that are read by rows, against the same where they are held. The vocabulary is larger than
// what is read at a time, and no multiple of it.
#include "core/calib/output_fisher.h"
#include "core/eval/perplexity.h"
#include "tests/core/quant/random_source.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace eigenquant::test {
namespace {

constexpr int kVocabulary = 2 * kWordsAtATime + 77;
constexpr int kContext = 20;
constexpr int kWindows = 3;

ModelConfig wideConfig(bool tied, int embeddingSize)
{
    ModelConfig config = RandomSource::smallConfig();
    config.vocabSize = kVocabulary;
    config.tiedEmbeddings = tied;
    config.embeddingSize = embeddingSize;
    return config;
}

Windows randomWindows()
{
    Random random(5);
    std::vector<std::int32_t> ids{0, kWordsAtATime - 1, kWordsAtATime, kVocabulary - 1, 0};
    while (ids.size() < static_cast<std::size_t>(kContext * kWindows))
        ids.push_back(static_cast<std::int32_t>(random.below(kVocabulary)));
    return {std::move(ids), kContext, 0, "random"};
}

double largest(const at::Tensor& values)
{
    return values.abs().max().item<double>();
}

class ReadEnds : public testing::Test {
protected:
    void SetUp() override { at::set_num_threads(2); }
    void TearDown() override { at::set_num_threads(m_threads); }

private:
    int m_threads = at::get_num_threads();
};

TEST_F(ReadEnds, RunsOfWordsAreAllWords)
{
    const auto runs = wordsInRuns(kVocabulary);
    ASSERT_EQ(runs.size(), 3u);
    EXPECT_EQ(runs[0].count, kWordsAtATime);
    EXPECT_EQ(runs[2].begin, 2 * kWordsAtATime);
    EXPECT_EQ(runs[2].count, 77);
    EXPECT_TRUE(wordsInRuns(0).empty());
}

TEST_F(ReadEnds, EmbeddingAndLogitsAreTheSame)
{
    for (const bool tied : {false, true})
        for (const int embeddingSize : {0, 16}) {
            const RandomSource source(wideConfig(tied, embeddingSize));
            const Decoder held = Decoder::withoutLayers(source, {}),
                          read = Decoder::withoutLayers(source, {}, EndsPlace::Read);
            const Windows windows = randomWindows();
            EXPECT_TRUE(held.holdsHead());
            EXPECT_FALSE(read.holdsHead());
            EXPECT_TRUE(read.embed(windows[0]).equal(held.embed(windows[0]))) << tied << embeddingSize;
            Random random(7);
            const at::Tensor hidden = gaussian(5, source.config().hiddenSize, random);
            const at::Tensor expected = held.logits(hidden);
            ASSERT_EQ(read.logits(hidden).sizes(), expected.sizes());
            EXPECT_LT(largest(read.logits(hidden) - expected), 1e-6 * largest(expected)) << tied << embeddingSize;
            EXPECT_LT(read.weightBytes(), held.weightBytes() / 4);
        }
}

TEST_F(ReadEnds, PerplexityIsTheSame)
{
    const RandomSource source(wideConfig(false, 0));
    const Windows windows = randomWindows();
    const auto scored = [&](EndsPlace ends) {
        LayerSupply supply(source, {}, ends);
        return perplexity(supply, windows, {StatePlace::Memory, {}}, {});
    };
    const PerplexityResult held = scored(EndsPlace::Held), read = scored(EndsPlace::Read);
    ASSERT_EQ(read.windowNll.size(), held.windowNll.size());
    for (std::size_t i = 0; i < held.windowNll.size(); ++i)
        EXPECT_NEAR(read.windowNll[i], held.windowNll[i], 1e-6 * held.windowNll[i]);
}

TEST_F(ReadEnds, FisherInformationIsTheSame)
{
    ModelConfig config = wideConfig(false, 0);
    config.logitCap = 20; // whose slope takes part in the gradient
    const RandomSource source(config);
    const Windows windows = randomWindows();
    const auto measured = [&](EndsPlace ends) {
        LayerSupply supply(source, {}, ends);
        return measureOutputFisher(supply, windows, 3, {StatePlace::Memory, {}}, {});
    };
    const OutputFisher held = measured(EndsPlace::Held), read = measured(EndsPlace::Read);
    ASSERT_EQ(read.diagonal.size(), held.diagonal.size());
    for (std::size_t linear = 0; linear < held.diagonal.size(); ++linear) {
        const auto& expected = held.diagonal[linear];
        const double scale = *std::ranges::max_element(expected);
        ASSERT_GT(scale, 0);
        for (std::size_t i = 0; i < expected.size(); ++i)
            EXPECT_NEAR(read.diagonal[linear][i], expected[i], 1e-4 * scale) << linear << " " << i;
    }
}

} // namespace
} // namespace eigenquant::test
