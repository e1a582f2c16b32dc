// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/divergence.h"

#include "core/eval/perplexity.h"
#include "core/session/model_assets.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace eigenquant::test {
namespace {

constexpr int kContext = 24;

std::shared_ptr<const Decoder> tinyDecoder(const TemporaryFolder& folder, std::uint64_t seed)
{
    const auto place = writeTinyModel(folder / ("model-" + std::to_string(seed)), {.layers = 1, .seed = seed});
    const ComputeTarget target = resolveComputeTarget("cpu", "f32", 1);
    return std::make_shared<Decoder>(*openModelAssets(place.string()).source, target, RunContext{});
}

std::vector<std::int32_t> someIds(int count)
{
    std::vector<std::int32_t> ids;
    for (int i = 0; i < count; ++i)
        ids.push_back((i * 37 + i * i * 5) % tinyVocabularySize());
    return ids;
}

/// The probabilities of what follows each token, in float64, from the decoder's logits and exp() alone.
std::vector<std::vector<double>> probabilities(const Decoder& decoder, std::span<const std::int32_t> ids)
{
    const at::Tensor logits = decoder.logits(decoder.hidden(ids, {})).to(at::kDouble).contiguous();
    const auto width = static_cast<std::size_t>(logits.size(1));
    std::vector<std::vector<double>> rows;
    for (std::size_t token = 0; token + 1 < ids.size(); ++token) {
        const double* row = logits.const_data_ptr<double>() + token * width;
        std::vector<double> values(row, row + width);
        for (double& value : values)
            value = std::exp(value);
        const double sum = std::accumulate(values.begin(), values.end(), 0.0);
        for (double& value : values)
            value /= sum;
        rows.push_back(std::move(values));
    }
    return rows;
}

WindowDivergence byHand(const Decoder& reference, const Decoder& other, std::span<const std::int32_t> ids)
{
    const auto p = probabilities(reference, ids), q = probabilities(other, ids);
    WindowDivergence sums;
    for (std::size_t token = 0; token < p.size(); ++token) {
        for (std::size_t word = 0; word < p[token].size(); ++word)
            sums.kl += p[token][word] * std::log(p[token][word] / q[token][word]);
        const auto top = [&](const auto& row) { return std::max_element(row.begin(), row.end()) - row.begin(); };
        sums.sameTop += top(p[token]) == top(q[token]) ? 1 : 0;
        sums.nll -= std::log(q[token][static_cast<std::size_t>(ids[token + 1])]);
        sums.referenceNll -= std::log(p[token][static_cast<std::size_t>(ids[token + 1])]);
    }
    const auto count = static_cast<double>(p.size());
    return {sums.kl / count, sums.sameTop / count, sums.nll / count, sums.referenceNll / count};
}

class DivergenceTest : public testing::Test {
protected:
    TemporaryFolder folder;
    std::shared_ptr<const Decoder> reference = tinyDecoder(folder, 1);
    std::shared_ptr<const Decoder> other = tinyDecoder(folder, 2);
    Windows windows{someIds(5 * kContext + 7), kContext, 0, "text"};
};

TEST_F(DivergenceTest, OfAModelWithItselfIsNothing)
{
    const WindowDivergence found = windowDivergence(*reference, *reference, windows[0], {});
    EXPECT_EQ(found.kl, 0);
    EXPECT_EQ(found.sameTop, 1);
    EXPECT_EQ(found.nll, found.referenceNll);
}

TEST_F(DivergenceTest, OfAWindowIsWhatTheDefinitionSays)
{
    for (int window = 0; window < windows.count(); ++window) {
        const WindowDivergence expected = byHand(*reference, *other, windows[window]);
        const WindowDivergence found = windowDivergence(*reference, *other, windows[window], {});
        EXPECT_GT(expected.kl, 0.1) << "the models should differ";
        EXPECT_NEAR(found.kl, expected.kl, 1e-5 * expected.kl);
        EXPECT_DOUBLE_EQ(found.sameTop, expected.sameTop);
        EXPECT_NEAR(found.nll, expected.nll, 1e-5);
        EXPECT_NEAR(found.referenceNll, expected.referenceNll, 1e-5);
    }
}

TEST_F(DivergenceTest, IsNotSymmetric)
{
    const double there = windowDivergence(*reference, *other, windows[0], {}).kl;
    const double back = windowDivergence(*other, *reference, windows[0], {}).kl;
    EXPECT_GT(std::abs(there - back), 1e-3 * there) << "KL(float || other), not the other way round";
}

TEST_F(DivergenceTest, OnePassGivesThePerplexityOfBoth)
{
    const Divergence found = divergence(*reference, *other, windows, 2, {});
    const PerplexityResult alone = perplexity(*other, windows, {});
    EXPECT_EQ(found.perplexity.windowNll, alone.windowNll) << "beside a reference or alone: the same figures";
    EXPECT_EQ(found.perplexity.perplexity, alone.perplexity);
    EXPECT_EQ(found.perplexity.windows, 5);
    EXPECT_EQ(found.perplexity.tokensScored, 5 * (kContext - 1));
    EXPECT_EQ(found.referencePerplexity.windows, 2);
    EXPECT_EQ(found.referencePerplexity.windowNll.at(1), windowNll(*reference, windows[1], {}));
}

TEST_F(DivergenceTest, IsTheMeanOfTheFirstWindows)
{
    const auto first = byHand(*reference, *other, windows[0]), second = byHand(*reference, *other, windows[1]);
    const Divergence found = divergence(*reference, *other, windows, 2, {});
    EXPECT_EQ(found.windows, 2);
    EXPECT_NEAR(found.kl, (first.kl + second.kl) / 2, 1e-5 * found.kl);
    EXPECT_NEAR(found.sameTop, (first.sameTop + second.sameTop) / 2, 1e-12);
}

TEST_F(DivergenceTest, ComparesNoMoreWindowsThanThereAre)
{
    EXPECT_EQ(divergence(*reference, *other, windows, 16, {}).windows, 5);
    const Divergence none = divergence(*reference, *other, windows, 0, {});
    EXPECT_TRUE(std::isnan(none.kl));
    EXPECT_TRUE(std::isnan(none.sameTop));
    EXPECT_EQ(none.perplexity.windows, 5);
}

TEST_F(DivergenceTest, DoesNotDependOnTheNumberOfThreads)
{
    const int before = at::get_num_threads();
    at::set_num_threads(1);
    const WindowDivergence one = windowDivergence(*reference, *other, windows[0], {});
    at::set_num_threads(3);
    const WindowDivergence three = windowDivergence(*reference, *other, windows[0], {});
    at::set_num_threads(before);
    EXPECT_EQ(one.kl, three.kl);
    EXPECT_EQ(one.nll, three.nll);
    EXPECT_EQ(one.sameTop, three.sameTop);
}

TEST_F(DivergenceTest, StopsWhenItIsToldTo)
{
    std::stop_source stop;
    const RunContext context{stop.get_token(), [&](const Progress& progress) {
                                 if (progress.done == 2)
                                     stop.request_stop();
                             }};
    EXPECT_THROW(divergence(*reference, *other, windows, 5, context), Error);
}

} // namespace
} // namespace eigenquant::test
