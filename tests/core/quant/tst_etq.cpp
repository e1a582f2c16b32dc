// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/etq.h"

#include "core/base/error.h"
#include "core/quant/trellis.h"
#include "tests/core/quant/gaussian.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/matmul.h>
#include <gtest/gtest.h>

#include <numeric>

namespace eigenquant {
namespace {

using test::gaussian;

LinearPlan plan(double bits)
{
    LinearPlan plan{{0, LinearRole::Q}, Method::Etq, bits};
    plan.rounding = Rounding::Gptq;
    return plan;
}

/// A moment with a few strong directions, as activations have.
at::Tensor moment(std::int64_t channels)
{
    Random random(5);
    at::Tensor x = gaussian(4 * channels, channels, random).to(at::kDouble);
    x = at::matmul(x, gaussian(channels, channels, random).to(at::kDouble));
    return at::matmul(x.t(), x) / x.size(0);
}

double relativeError(const at::Tensor& weight, const at::Tensor& moment, const at::Tensor& stored)
{
    const at::Tensor error = (weight - stored).to(at::kDouble), wide = weight.to(at::kDouble);
    return ((at::matmul(error, moment) * error).sum() / (at::matmul(wide, moment) * wide).sum()).item<double>();
}

TEST(Etq, WidthsAddUpAndGoWhereErrorsCost)
{
    const std::vector<double> variance{1, 100, 1, 1e-6, 10, 1};
    for (std::int64_t total = 6; total <= 48; ++total) {
        const auto widths = etqWidths(variance, total);
        EXPECT_EQ(std::accumulate(widths.begin(), widths.end(), 0), total);
        EXPECT_GE(widths[1], widths[4]);
        EXPECT_GE(widths[4], widths[0]);
        EXPECT_GE(widths[0], widths[2]) << "ties go to the lower column";
        EXPECT_GE(widths[2], widths[3]);
    }
}

TEST(Etq, HasThePartsThatTheAccountLists)
{
    const at::Tensor weight = gaussian(24, 40);
    const ErrorFeedback feedback = errorFeedback(moment(40));
    for (const double bits : {1.0, 1.3, 2.5, 4.0, 8.0}) {
        const PackedLinear packed = quantizeEtq(weight, feedback, {}, plan(bits), {});
        for (const PartSpec& part : etqParts(plan(bits), 24, 40))
            EXPECT_EQ(packed.part(part.name).nbytes(), part.bytes()) << part.name << " at " << bits;
    }
}

TEST(Etq, ErrorFallsWithBitsAndMeetsItsPrediction)
{
    const at::Tensor weight = gaussian(96, 64), second = moment(64);
    const ErrorFeedback feedback = errorFeedback(second);
    double previous = 1;
    for (const double bits : {1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0}) {
        const double found =
            relativeError(weight, second, unpackEtq(quantizeEtq(weight, feedback, {}, plan(bits), {})));
        EXPECT_LT(found, previous) << bits;
        previous = found;
    }
    EXPECT_LT(previous, 1e-3);
}

TEST(Etq, RowsThatTheOutputFeelsComeOutNearer)
{
    const at::Tensor weight = gaussian(64, 48), second = moment(48);
    const ErrorFeedback feedback = errorFeedback(second);
    std::vector<double> fisher(64, 1);
    std::fill_n(fisher.begin(), 16, 50);
    const auto errorOfFirst = [&](const std::vector<double>& weights) {
        const at::Tensor stored = unpackEtq(quantizeEtq(weight, feedback, weights, plan(2), {}));
        return relativeError(weight.narrow(0, 0, 16), second, stored.narrow(0, 0, 16));
    };
    EXPECT_LT(errorOfFirst(fisher), 0.7 * errorOfFirst({}));
}

TEST(Etq, IsTheSameForAnyNumberOfThreads)
{
    const at::Tensor weight = gaussian(40, 64);
    const int before = at::get_num_threads();
    std::vector<at::Tensor> codes;
    for (const int threads : {1, 2, 3}) {
        at::set_num_threads(threads);
        codes.push_back(quantizeEtq(weight, errorFeedback(moment(64)), {}, plan(2.5), {}).part("codes"));
    }
    at::set_num_threads(before);
    EXPECT_TRUE(codes[0].equal(codes[1]));
    EXPECT_TRUE(codes[0].equal(codes[2]));
}

TEST(Etq, RowsOfZerosStayZero)
{
    at::Tensor weight = gaussian(12, 32);
    weight.select(0, 3).zero_();
    const at::Tensor stored = unpackEtq(quantizeEtq(weight, errorFeedback(moment(32)), {}, plan(3), {}));
    EXPECT_LT(stored.select(0, 3).abs().max().item<float>(), 1e-6f);
    EXPECT_TRUE(stored.isfinite().all().item<bool>());
}

TEST(Etq, RefusesWidthsThatContradictThePlan)
{
    PackedLinear packed = quantizeEtq(gaussian(8, 16), errorFeedback(moment(16)), {}, plan(3), {});
    packed.parts["widths"] = packed.parts["widths"].clone();
    auto* widths = packed.parts["widths"].data_ptr<std::uint8_t>();
    const std::uint8_t good = widths[0];
    for (const int bad : {0x00, 0xff, 0x44, 0x11}) {
        widths[0] = static_cast<std::uint8_t>(bad);
        if (widths[0] != good) {
            EXPECT_THROW(unpackEtq(packed), Error) << bad;
        }
    }
}

} // namespace
} // namespace eigenquant
