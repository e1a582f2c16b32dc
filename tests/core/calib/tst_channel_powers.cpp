// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/channel_powers.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

namespace eigenquant {
namespace {

/// The definition, in two passes.
double kurtosisByDefinition(const at::Tensor& column)
{
    const at::Tensor x = column.to(at::kDouble);
    const at::Tensor centred = x - x.mean();
    const double variance = centred.square().mean().item<double>();
    return centred.pow(4).mean().item<double>() / (variance * variance);
}

TEST(ChannelPowers, GiveTheKurtosisHoweverTheTextIsCut)
{
    const at::Tensor x = at::randn({600, 70}) * 2 + 0.7; // not centred
    x.select(1, 3).mul_(x.select(1, 3).square());        // heavy tails
    ChannelPowers whole(70, at::kCPU), parts(70, at::kCPU);
    whole.add(x);
    for (int begin = 0; begin < 600; begin += 100)
        parts.add(x.narrow(0, begin, 100));
    for (const int channel : {0, 3, 69}) {
        const double expected = kurtosisByDefinition(x.select(1, channel));
        EXPECT_NEAR(whole.kurtosis()[static_cast<std::size_t>(channel)], expected, 1e-9 * expected);
    }
    EXPECT_EQ(whole.kurtosis(), parts.kurtosis());
    EXPECT_GT(whole.kurtosis()[3], 2 * whole.kurtosis()[0]);
}

TEST(ChannelPowers, AChannelThatNeverChangesHasNone)
{
    ChannelPowers powers(2, at::kCPU);
    EXPECT_EQ(powers.kurtosis(), (std::vector<double>{0, 0})); // before any token
    powers.add(at::full({5, 2}, 0.1f));
    EXPECT_EQ(powers.kurtosis(), (std::vector<double>{0, 0}));
}

TEST(ChannelPowers, TheSameForAnyNumberOfThreads)
{
    const at::Tensor x = at::randn({333, 517});
    const int threads = at::get_num_threads();
    std::vector<std::vector<double>> results;
    for (const int count : {1, 2, 3}) {
        at::set_num_threads(count);
        ChannelPowers powers(517, at::kCPU);
        powers.add(x);
        results.push_back(powers.kurtosis());
    }
    at::set_num_threads(threads);
    EXPECT_EQ(results[0], results[1]);
    EXPECT_EQ(results[0], results[2]);
}

} // namespace
} // namespace eigenquant
