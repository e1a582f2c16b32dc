// SPDX-License-Identifier: GPL-3.0-or-later
// Errors of the search, against those that tests/golden/make_gptq_awq_golden.py had from numpy.
#include "core/base/error.h"
#include "core/quant/awq.h"
#include "tests/core/quant/gaussian.h"
#include "tests/core/quant/golden_tensor.h"
#include "tests/core/quant/tensor_errors.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace eigenquant {
namespace {

using test::gaussian;
using test::goldenTensor;

at::Tensor goldenMoment()
{
    const at::Tensor x = goldenTensor(test::kFeedbackGolden, "x").to(at::kDouble);
    return at::matmul(x.t(), x) / x.size(0);
}

at::Tensor rounded(const at::Tensor& weight, const GridSpec& grid)
{
    return dequantize(roundToNearest(weight, grid), grid);
}

TEST(AwqSearch, FindsWhatNumpyFinds)
{
    const at::Tensor weight = goldenTensor(test::kFeedbackGolden, "weight"), moment = goldenMoment();
    const AwqSearch search = searchAwqScales({weight, weight.narrow(0, 0, 20) * 3}, moment, {3, 64, false});
    const at::Tensor expected = goldenTensor(test::kFeedbackGolden, "awq.errors");
    const std::int64_t best = expected.argmin().item<std::int64_t>();
    EXPECT_GT(best, 0);
    EXPECT_DOUBLE_EQ(search.ratio, static_cast<double>(best) / 20);
    EXPECT_NEAR(search.error / expected[best].item<double>(), 1, 1e-5);
    EXPECT_NEAR(search.unscaledError / expected[0].item<double>(), 1, 1e-5);
}

TEST(AwqSearch, ItsErrorsAreThoseOfTheWeightsThatCome)
{
    const at::Tensor weight = gaussian(100, 150), moment = goldenMoment();
    for (const GridSpec& grid : {GridSpec{4, 0, false}, GridSpec{3, 64, true}, GridSpec{4, 32, false}}) {
        const AwqSearch search = searchAwqScales({weight}, moment, grid);
        const at::Tensor scales = at::tensor(search.scales);
        EXPECT_NEAR(search.error / outputError(weight - rounded(weight * scales, grid) / scales, moment), 1, 1e-5);
        EXPECT_NEAR(search.unscaledError / outputError(weight - rounded(weight, grid), moment), 1, 1e-5);
        EXPECT_LE(search.error, search.unscaledError);
    }
}

TEST(AwqSearch, OneStepIsNoScaling)
{
    const AwqSearch search = searchAwqScales({gaussian(10, 150)}, goldenMoment(), {4, 32, false}, {}, 1);
    EXPECT_EQ(search.ratio, 0);
    EXPECT_EQ(search.error, search.unscaledError);
    EXPECT_TRUE(std::all_of(search.scales.begin(), search.scales.end(), [](float scale) { return scale == 1; }));
}

TEST(AwqSearch, ScalesAreFiniteWhateverTheEnergies)
{
    at::Tensor energies = at::eye(64, at::kDouble).diagonal().clone();
    energies[0] = 0;
    energies[1] = 1e30;
    energies[2] = 1e-30;
    const at::Tensor moment = energies.diag();
    const AwqSearch search = searchAwqScales({gaussian(40, 64)}, moment, {3, 32, false});
    EXPECT_GT(search.ratio, 0);
    EXPECT_EQ(search.scales[0], 1);
    for (const float scale : search.scales)
        EXPECT_TRUE(std::isfinite(scale) && scale > 0) << scale;
    const AwqSearch dead = searchAwqScales({gaussian(40, 64)}, at::zeros({64, 64}, at::kDouble), {3, 32, false});
    EXPECT_EQ(dead.ratio, 0);
    EXPECT_EQ(dead.error, 0);
}

TEST(AwqSearch, QueryHeadsOfAGroupShareTheirScales)
{
    // Four query heads of 16 channels, two key/value heads.
    at::Tensor x = gaussian(300, 64).to(at::kDouble);
    x.select(1, 5) *= 30;
    x.select(1, 40) *= 20;
    const at::Tensor moment = at::matmul(x.t(), x) / 300;
    const AwqSearch search = searchAwqScales({gaussian(48, 64)}, moment, {3, 32, false}, {4, 2});
    EXPECT_GT(search.ratio, 0);
    for (std::size_t i = 0; i < 16; ++i) {
        EXPECT_EQ(search.scales[i], search.scales[16 + i]);
        EXPECT_EQ(search.scales[32 + i], search.scales[48 + i]);
    }
    EXPECT_GT(search.scales[5], 2 * search.scales[37]);
}

TEST(AwqClipping, IsNeverWorseThanTheWholeRangeInAnyGroup)
{
    const at::Tensor moment = goldenMoment();
    at::Tensor weight = gaussian(20, 150);
    weight.select(1, 17) *= 4; // a channel whose range is worth giving up
    for (const GridSpec& grid : {GridSpec{3, 64, false}, GridSpec{3, 0, false}, GridSpec{2, 32, true}}) {
        const at::Tensor clipped = weight - dequantize(roundClipped(weight, moment, grid), grid);
        const at::Tensor whole = weight - rounded(weight, grid);
        const std::int64_t length = std::min<std::int64_t>(grid.groupLength(150), 150);
        double clippedSum = 0, wholeSum = 0;
        for (std::int64_t row = 0; row < 20; ++row)
            for (std::int64_t begin = 0; begin < 150; begin += length) {
                const std::int64_t count = std::min(length, 150 - begin);
                const at::Tensor block = moment.narrow(0, begin, count).narrow(1, begin, count);
                const auto part = [&](const at::Tensor& errors) {
                    return outputError(errors.narrow(0, row, 1).narrow(1, begin, count), block);
                };
                EXPECT_LE(part(clipped), part(whole) * (1 + 1e-5));
                clippedSum += part(clipped);
                wholeSum += part(whole);
            }
        EXPECT_LT(clippedSum, 0.9 * wholeSum);
    }
}

TEST(AwqClipping, NothingIsClippedWhereAllErrorsAreZero)
{
    const at::Tensor weight = gaussian(5, 40);
    const GridSpec grid{4, 32, false};
    const GridCodes clipped = roundClipped(weight, at::zeros({40, 40}, at::kDouble), grid);
    const GridCodes nearest = roundToNearest(weight, grid);
    EXPECT_TRUE(clipped.codes.equal(nearest.codes));
    EXPECT_TRUE(clipped.scales.equal(nearest.scales));
    EXPECT_TRUE(clipped.zeros.equal(nearest.zeros));
}

TEST(Awq, AMomentOfAnotherSizeIsRefused)
{
    const at::Tensor moment = at::eye(31, at::kDouble);
    EXPECT_THROW(searchAwqScales({gaussian(4, 32)}, moment, {4, 32, false}), Error);
    EXPECT_THROW(roundClipped(gaussian(4, 32), moment, {4, 32, false}), Error);
}

TEST(Awq, ThreadsDoNotChangeIt)
{
    const at::Tensor weight = gaussian(300, 150), moment = goldenMoment();
    const GridSpec grid{3, 64, false};
    const int threads = at::get_num_threads();
    at::set_num_threads(1);
    const AwqSearch search = searchAwqScales({weight}, moment, grid);
    const at::Tensor clipped = dequantize(roundClipped(weight, moment, grid), grid);
    at::set_num_threads(3);
    EXPECT_EQ(searchAwqScales({weight}, moment, grid).error, search.error);
    EXPECT_EQ(searchAwqScales({weight}, moment, grid).scales, search.scales);
    EXPECT_TRUE(dequantize(roundClipped(weight, moment, grid), grid).equal(clipped));
    at::set_num_threads(threads);
}

} // namespace
} // namespace eigenquant
