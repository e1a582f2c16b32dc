// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/random.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/matmul.h>
#include <gtest/gtest.h>

namespace eigenquant {
namespace {

TEST(RandomStream, SeedsNameTheirNumbersForEver)
{
    Random random(42);
    // SplitMix64's published sequence for the seed 42.
    EXPECT_EQ(random.next(), 13679457532755275413ull);
    EXPECT_EQ(random.next(), 2949826092126892291ull);
}

TEST(RandomStream, NormalNumbersHaveTheirMoments)
{
    Random random(7);
    double sum = 0, squares = 0;
    constexpr int count = 100000;
    for (int i = 0; i < count; ++i) {
        const double value = random.normal();
        sum += value;
        squares += value * value;
    }
    EXPECT_NEAR(sum / count, 0, 0.02);
    EXPECT_NEAR(squares / count, 1, 0.02);
}

TEST(RandomStream, MatricesAreOrthogonal)
{
    Random random(1);
    const at::Tensor q = randomOrthogonal(40, random);
    EXPECT_LT((at::matmul(q.t(), q) - at::eye(40, at::kDouble)).abs().max().item<double>(), 1e-12);
    Random again(1);
    EXPECT_TRUE(q.equal(randomOrthogonal(40, again)));
}

} // namespace
} // namespace eigenquant
