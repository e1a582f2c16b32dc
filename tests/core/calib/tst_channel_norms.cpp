// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/channel_norms.h"

#include "core/base/error.h"
#include "core/calib/second_moments.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <limits>

namespace eigenquant {
namespace {

TEST(ChannelNorms, AreTheDiagonalOfTheSecondMoment)
{
    for (const std::int64_t channels : {1, 5, 200}) {
        const at::Tensor x = at::randn({90, channels}) * 3;
        ChannelNorms norms({0, Site::MlpIn}, channels, at::kCPU);
        SecondMoment moment({0, Site::MlpIn}, channels, at::kCPU);
        for (std::int64_t begin = 0; begin < 90; begin += 30) {
            norms.add(x.narrow(0, begin, 30));
            moment.add(x.narrow(0, begin, 30));
        }
        const at::Tensor exact = x.to(at::kDouble).square().mean(0);
        EXPECT_LT((norms.energy() - exact).abs().max().item<double>(), 1e-12 * exact.max().item<double>());
        EXPECT_LT((norms.energy() - moment.mean().diagonal()).abs().max().item<double>(), 1e-4);
        EXPECT_TRUE(norms.channelMax().equal(moment.channelMax()));
        EXPECT_EQ(norms.tokens(), 90);
    }
}

TEST(ChannelNorms, TakeShorterFloatsAndSlices)
{
    const at::Tensor x = at::randn({40, 12});
    ChannelNorms half({0, Site::AttnIn}, 6, at::kCPU), whole({0, Site::AttnIn}, 6, at::kCPU);
    half.add(x.to(at::kBFloat16).narrow(1, 3, 6));
    whole.add(x.to(at::kBFloat16).to(at::kFloat).narrow(1, 3, 6).contiguous());
    EXPECT_TRUE(half.energy().equal(whole.energy()));
}

TEST(ChannelNorms, TheSameForAnyNumberOfThreads)
{
    const at::Tensor x = at::randn({333, 517});
    const int threads = at::get_num_threads();
    std::vector<at::Tensor> energies;
    for (const int count : {1, 2, 3}) {
        at::set_num_threads(count);
        ChannelNorms norms({0, Site::MlpIn}, 517, at::kCPU);
        norms.add(x);
        energies.push_back(norms.energy());
    }
    at::set_num_threads(threads);
    EXPECT_TRUE(energies[0].equal(energies[1]));
    EXPECT_TRUE(energies[0].equal(energies[2]));
}

TEST(ChannelNorms, NameTheSiteThatOverflows)
{
    ChannelNorms norms({7, Site::MlpOut}, 4, at::kCPU);
    norms.add(at::full({2, 4}, std::numeric_limits<float>::infinity()));
    try {
        norms.energy();
        FAIL() << "took an infinity";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Invalid);
        EXPECT_EQ(error.field(), "7.mlp_out");
    }
}

} // namespace
} // namespace eigenquant
