// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/grid.h"

#include "core/base/error.h"
#include "core/quant/grid_by_tensors.h"
#include "core/quant/random.h"
#include "tests/core/quant/gaussian.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>

namespace eigenquant {
namespace {

using test::gaussian;

TEST(Grid, NoWeightIsFurtherThanHalfAStepFromItsValue)
{
    const at::Tensor weight = gaussian(5, 150);
    for (int bits = 2; bits <= 8; ++bits)
        for (const int groupSize : {0, 32, 64, 7}) {
            const GridSpec grid{bits, groupSize, false};
            const GridCodes codes = roundToNearest(weight, grid);
            const at::Tensor back = dequantize(codes, grid);
            for (std::int64_t row = 0; row < 5; ++row)
                for (std::int64_t j = 0; j < 150; ++j) {
                    const float scale = codes.scales[row][j / grid.groupLength(150)].item<float>();
                    // FP16 rounding of the scale can push the ends of the range out by a part of a step.
                    EXPECT_LE(std::abs(back[row][j].item<float>() - weight[row][j].item<float>()),
                              std::abs(scale) * (0.5f + (1 << bits) * 0.0006f))
                        << bits << " bits, group " << groupSize;
                }
        }
}

TEST(Grid, AsymmetricFollowsItsFormula)
{
    const at::Tensor weight = at::tensor({-1.f, 0.5f, 2.f, 0.26f}).unsqueeze(0);
    const GridSpec grid{2, 0, false};
    const GridCodes codes = roundToNearest(weight, grid);
    EXPECT_FLOAT_EQ(codes.scales.item<float>(), 1.f); // (2 + 1) / 3
    EXPECT_EQ(codes.zeros.item<int>(), 1);
    EXPECT_EQ(codes.codes[0][0].item<int>(), 0);
    EXPECT_EQ(codes.codes[0][1].item<int>(), 1); // 0.5 is a tie: to the even multiple
    EXPECT_EQ(codes.codes[0][2].item<int>(), 3);
}

TEST(Grid, RangesAreWidenedToHoldZero)
{
    const at::Tensor weight = at::full({1, 8}, 3.f);
    const GridSpec grid{4, 0, false};
    EXPECT_EQ(roundToNearest(weight, grid).zeros.item<int>(), 0);
    EXPECT_NEAR(dequantize(roundToNearest(weight, grid), grid)[0][0].item<float>(), 3.f, 2e-3);
}

TEST(Grid, ZerosStayZeros)
{
    for (const bool symmetric : {false, true}) {
        const GridSpec grid{3, 4, symmetric};
        EXPECT_TRUE(dequantize(roundToNearest(at::zeros({2, 10}, at::kFloat), grid), grid).eq(0).all().item<bool>());
    }
}

TEST(Grid, SymmetricUsesTheLowestCodeForTheLargestWeight)
{
    const at::Tensor weight = at::tensor({-1.f, 0.5f, 4.f, 0.f}).unsqueeze(0);
    const GridSpec grid{4, 0, true};
    const GridCodes codes = roundToNearest(weight, grid);
    EXPECT_FALSE(codes.zeros.defined());
    EXPECT_FLOAT_EQ(codes.scales.item<float>(), -0.5f);
    EXPECT_EQ(codes.codes[0][2].item<int>(), 0);
    const at::Tensor back = dequantize(codes, grid);
    EXPECT_TRUE(back.equal(weight));
}

TEST(Grid, TheLastGroupMayBeShort)
{
    const GridSpec grid{4, 64, false};
    EXPECT_EQ(grid.groups(560), 9);
    EXPECT_EQ(roundToNearest(gaussian(3, 560), grid).scales.size(1), 9);
    EXPECT_EQ(grid.groups(0), 0);
}

TEST(Grid, ByTensorsIsTheSame)
{
    at::Tensor weight = gaussian(40, 150);
    weight.narrow(1, 32, 40).zero_(); // groups without a range
    weight.narrow(0, 3, 2).mul_(1e-9); // ranges below the smallest FP16 scale
    weight.select(0, 7).abs_();
    weight.select(0, 8).abs_().neg_();
    for (const bool symmetric : {false, true})
        for (const int groupSize : {0, 32, 7})
            for (const int bits : {2, 4, 8}) {
                const GridSpec grid{bits, groupSize, symmetric};
                const GridCodes expected = roundToNearest(weight, grid), found = roundByTensors(weight, grid);
                // A division may be rounded otherwise, and a value in the middle of two codes then go to the other.
                EXPECT_TRUE(found.scales.to(at::kFloat).allclose(expected.scales.to(at::kFloat), 1e-3, 1e-7));
                EXPECT_LE((found.codes != expected.codes).sum().item<std::int64_t>(), 6);
                EXPECT_EQ(found.zeros.defined(), !symmetric);
                EXPECT_TRUE(dequantizeByTensors(expected, grid).equal(dequantize(expected, grid)));
            }
    EXPECT_THROW(roundByTensors(weight * 1e8, {4, 32, false}), Error);
}

TEST(Grid, TinyAndHugeRanges)
{
    const GridSpec grid{4, 0, false};
    const at::Tensor tiny = at::full({1, 4}, 1e-12f);
    EXPECT_TRUE(dequantize(roundToNearest(tiny, grid), grid).isfinite().all().item<bool>());
    EXPECT_THROW(roundToNearest(at::full({1, 4}, 1e9f), grid), Error);
}

} // namespace
} // namespace eigenquant
