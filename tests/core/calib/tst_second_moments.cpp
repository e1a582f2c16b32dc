// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/second_moments.h"

#include "core/base/error.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <limits>

namespace eigenquant {
namespace {

TEST(SecondMoment, IsTheMeanOfTheProductsHoweverTheTextIsCut)
{
    // Sizes that do not divide into the strips the sum is made of.
    for (const std::int64_t channels : {1, 3, 5, 64, 77}) {
        const at::Tensor x = at::randn({90, channels});
        SecondMoment whole({0, Site::MlpIn}, channels, at::kCPU), parts({0, Site::MlpIn}, channels, at::kCPU);
        whole.add(x);
        for (std::int64_t begin = 0; begin < 90; begin += 30)
            parts.add(x.narrow(0, begin, 30));
        const at::Tensor expected = at::matmul(x.to(at::kDouble).t(), x.to(at::kDouble)) / 90.0;
        EXPECT_LT((whole.mean() - expected).abs().max().item<double>(), 1e-5);
        EXPECT_LT((parts.mean() - expected).abs().max().item<double>(), 1e-5);
        EXPECT_TRUE(whole.mean().equal(whole.mean().t()));
        EXPECT_EQ(parts.tokens(), 90);
        EXPECT_TRUE(parts.channelMax().equal(x.abs().amax(0).to(at::kDouble)));
    }
}

TEST(SecondMoment, NamesTheSiteThatOverflows)
{
    SecondMoment moment({7, Site::MlpOut}, 4, at::kCPU);
    moment.add(at::full({2, 4}, std::numeric_limits<float>::infinity()));
    try {
        moment.mean();
        FAIL() << "took an infinity";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Invalid);
        EXPECT_EQ(error.field(), "7.mlp_out");
    }
}

} // namespace
} // namespace eigenquant
