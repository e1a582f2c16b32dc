// SPDX-License-Identifier: GPL-3.0-or-later
// Codes and errors, against those that tests/golden/make_gptq_awq_golden.py had from numpy.
#include "core/base/error.h"
#include "core/quant/gptq.h"
#include "core/quant/subtract_product.h"
#include "tests/core/quant/gaussian.h"
#include "tests/core/quant/golden_tensor.h"
#include "tests/core/quant/tensor_errors.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/diag_embed.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>

namespace eigenquant {
namespace {

using test::gaussian;
using test::goldenTensor;

/// XᵀX / tokens of correlated activations.
at::Tensor randomMoment(std::int64_t channels, std::int64_t tokens, std::uint64_t seed = 1)
{
    Random random(seed);
    const at::Tensor mixing = gaussian(channels, channels, random).to(at::kDouble) / std::sqrt(channels) +
                              at::eye(channels, at::kDouble);
    const at::Tensor x = at::matmul(gaussian(tokens, channels, random).to(at::kDouble), mixing);
    return at::matmul(x.t(), x) / tokens;
}

at::Tensor damped(const at::Tensor& moment, double damping)
{
    return moment + damping * moment.diagonal().mean() * at::eye(moment.size(0), at::kDouble);
}

at::Tensor roundedToQuarters(const at::Tensor& weight, const ErrorFeedback& feedback)
{
    return roundColumns(weight, feedback, [&](std::int64_t, const float* target, float* rounded) {
        for (std::int64_t row = 0; row < weight.size(0); ++row)
            rounded[row] = std::nearbyint(target[row] * 4) / 4;
    });
}

TEST(SubtractProduct, IsAProductOfAnyShape)
{
    for (const auto& [rows, columns, depth] : {std::array<std::int64_t, 3>{1, 32, 1}, {8, 64, 300}, {77, 96, 513}}) {
        const at::Tensor left = gaussian(depth, rows, 1), right = gaussian(depth, columns, 2);
        const at::Tensor start = gaussian(rows, columns, 3);
        at::Tensor narrow = start.clone(), wide = start.to(at::kDouble);
        subtractProduct({narrow.data_ptr<float>(), columns}, {left.const_data_ptr<float>(), rows},
                        {right.const_data_ptr<float>(), columns}, rows, columns, depth);
        const at::Tensor wideLeft = left.to(at::kDouble), wideRight = right.to(at::kDouble);
        subtractProduct({wide.data_ptr<double>(), columns}, {wideLeft.const_data_ptr<double>(), rows},
                        {wideRight.const_data_ptr<double>(), columns}, rows, columns, depth);
        const at::Tensor expected = start.to(at::kDouble) - at::matmul(wideLeft.t(), wideRight);
        EXPECT_LT(largest(wide - expected), 1e-12);
        EXPECT_LT(largest(narrow - expected), 1e-4);
    }
}

TEST(ErrorFeedback, FactorsTheDampedMoment)
{
    for (const std::int64_t channels : {1, 2, 63, 64, 65, 200}) {
        const at::Tensor moment = randomMoment(channels, 2 * channels + 5);
        const ErrorFeedback feedback = errorFeedback(moment);
        EXPECT_EQ(feedback.damping, 0.01);
        EXPECT_TRUE(feedback.upper.equal(feedback.upper.triu())) << channels;
        EXPECT_TRUE(feedback.upper.diagonal().eq(1).all().item<bool>()) << channels;
        // U M' Uᵀ = D
        const at::Tensor product = at::matmul(at::matmul(feedback.upper, damped(moment, 0.01)), feedback.upper.t());
        EXPECT_LT(largest(product - at::diag_embed(feedback.variance)), 1e-12 * largest(moment)) << channels;
    }
}

TEST(ErrorFeedback, WhatAnErrorCostsIsExact)
{
    const std::int64_t channels = 200;
    // Energies over six decades.
    const at::Tensor gains = at::linspace(-7, 7, channels, at::kDouble).exp();
    const at::Tensor moment = randomMoment(channels, 900) * gains.unsqueeze(0) * gains.unsqueeze(1);
    const ErrorFeedback feedback = errorFeedback(moment, 1e-9);
    const at::Tensor weight = gaussian(30, channels);
    std::vector<double> costs;
    const at::Tensor rounded =
        roundColumns(weight, feedback, [&](std::int64_t column, const float* target, float* result) {
            double squares = 0;
            for (int row = 0; row < 30; ++row) {
                result[row] = std::nearbyint(target[row] * 4) / 4;
                squares += std::pow(static_cast<double>(target[row]) - result[row], 2);
            }
            costs.push_back(squares * feedback.variance[column].item<double>());
        });
    const at::Tensor difference = weight.to(at::kDouble) - rounded;
    double expected = 0;
    for (const double cost : costs)
        expected += cost;
    // Targets are float32 on their way to the callback.
    EXPECT_NEAR(outputError(difference, damped(moment, 1e-9)) / expected, 1, 1e-6);
    // In float64: e = ΔV, the errors that the rounding saw.
    const at::Tensor inverse = feedback.upper.inverse();
    const at::Tensor errors = at::matmul(difference, inverse);
    EXPECT_NEAR((errors.square() * feedback.variance).sum().item<double>() /
                    outputError(difference, damped(moment, 1e-9)),
                1, 1e-9);
}

TEST(ErrorFeedback, ADiagonalMomentFeedsNothing)
{
    const at::Tensor moment = at::diag_embed(at::linspace(0.1, 50, 70, at::kDouble));
    const ErrorFeedback feedback = errorFeedback(moment);
    EXPECT_TRUE(feedback.upper.equal(at::eye(70, at::kDouble)));
    const at::Tensor weight = gaussian(9, 70);
    const GridSpec grid{3, 32, false};
    EXPECT_TRUE(dequantize(gptq(weight, feedback, grid), grid).equal(dequantize(roundToNearest(weight, grid), grid)));
}

TEST(ErrorFeedback, DeadChannelsNeitherGiveNorGet)
{
    at::Tensor moment = randomMoment(100, 300);
    for (const std::int64_t dead : {0, 41, 99}) {
        moment.select(0, dead).zero_();
        moment.select(1, dead).zero_();
    }
    const at::Tensor weight = gaussian(20, 100);
    const ErrorFeedback feedback = errorFeedback(moment);
    const at::Tensor rounded = roundedToQuarters(weight, feedback);
    EXPECT_EQ(feedback.damping, 0.01);
    for (const std::int64_t dead : {0, 41, 99})
        EXPECT_TRUE(rounded.select(1, dead).equal((weight.select(1, dead) * 4).round() / 4)) << dead;
}

TEST(ErrorFeedback, SingularMomentsAreDamped)
{
    const at::Tensor few = randomMoment(80, 10); // fewer tokens than channels
    EXPECT_EQ(errorFeedback(few, 0.01).damping, 0.01);
    EXPECT_EQ(errorFeedback(few, 0).damping, 0.01);
    const at::Tensor zeros = at::zeros({5, 5}, at::kDouble);
    EXPECT_TRUE(errorFeedback(zeros).upper.equal(at::eye(5, at::kDouble)));
    EXPECT_TRUE(errorFeedback(zeros).variance.eq(0).all().item<bool>());
}

TEST(ErrorFeedback, AnIndefiniteMomentIsDampedMoreOrRefused)
{
    at::Tensor moment = at::eye(4, at::kDouble);
    moment[0][1] = moment[1][0] = 1.05; // eigenvalue -0.05
    EXPECT_DOUBLE_EQ(errorFeedback(moment).damping, 0.1);
    moment[0][1] = moment[1][0] = 1.5;
    EXPECT_DOUBLE_EQ(errorFeedback(moment).damping, 1);
    moment[0][1] = moment[1][0] = 2.5;
    EXPECT_THROW(errorFeedback(moment), Error);
    moment[0][1] = NAN;
    EXPECT_THROW(errorFeedback(moment), Error);
}

TEST(ErrorFeedback, OfCholeskyIsTheSame)
{
    at::Tensor dead = randomMoment(130, 400, 5);
    dead.select(0, 7).zero_();
    dead.select(1, 7).zero_();
    for (const at::Tensor& moment : {randomMoment(70, 300), randomMoment(65, 20), dead}) {
        const ErrorFeedback expected = errorFeedback(moment), found = choleskyFeedback(moment);
        EXPECT_LT(largest(found.upper - expected.upper), 1e-9);
        EXPECT_LT(largest(found.variance / expected.variance - 1), 1e-9);
        EXPECT_EQ(found.damping, expected.damping);
    }
    const at::Tensor zeros = at::zeros({5, 5}, at::kDouble);
    EXPECT_TRUE(choleskyFeedback(zeros).upper.equal(at::eye(5, at::kDouble)));
    EXPECT_EQ(choleskyFeedback(randomMoment(30, 12), 0).damping, 0.01);
    EXPECT_THROW(choleskyFeedback(-at::eye(4, at::kDouble)), Error);
}

TEST(RoundColumns, GoesFromLeftToRightWithWhatIsLeft)
{
    const at::Tensor moment = randomMoment(50, 200);
    const ErrorFeedback feedback = errorFeedback(moment);
    const at::Tensor weight = gaussian(7, 50);
    // One column at a time, by hand.
    at::Tensor left = weight.to(at::kDouble), expected = at::zeros_like(weight);
    for (std::int64_t j = 0; j < 50; ++j) {
        expected.select(1, j).copy_((left.select(1, j).to(at::kFloat) * 4).round() / 4);
        const at::Tensor error = left.select(1, j) - expected.select(1, j);
        left = left - at::matmul(error.unsqueeze(1), feedback.upper.narrow(0, j, 1));
    }
    EXPECT_TRUE(roundedToQuarters(weight, feedback).equal(expected));
    EXPECT_TRUE(roundedToQuarters(weight.to(at::kDouble), feedback).equal(expected));
}

struct GoldenCase {
    const char* name;
    GridSpec grid;
    bool activationOrder;
};

void PrintTo(const GoldenCase& subject, std::ostream* out)
{
    *out << subject.name;
}

class GptqGolden : public testing::TestWithParam<GoldenCase> {};

TEST_P(GptqGolden, EqualsTheStraightforwardOne)
{
    const auto& [name, grid, activationOrder] = GetParam();
    const at::Tensor x = goldenTensor(test::kFeedbackGolden, "x").to(at::kDouble),
                     weight = goldenTensor(test::kFeedbackGolden, "weight");
    const at::Tensor moment = at::matmul(x.t(), x) / x.size(0);
    const GridCodes codes = gptq(weight, moment, {grid, activationOrder});
    const std::string prefix = std::string("gptq.") + name;
    EXPECT_EQ(
        codes.codes.to(at::kFloat).ne(goldenTensor(test::kFeedbackGolden, prefix + ".codes")).sum().item<int>(),
        0);
    const double expected = goldenTensor(test::kFeedbackGolden, prefix + ".error").item<double>();
    const double error = outputError(weight - dequantize(codes, grid), moment);
    EXPECT_NEAR(error / expected, 1, 1e-6);
    EXPECT_LT(error, 0.8 * outputError(weight - dequantize(roundToNearest(weight, grid), grid), moment));
}

INSTANTIATE_TEST_SUITE_P(All, GptqGolden,
                         testing::Values(GoldenCase{"four", {4, 32, false}, false},
                                         GoldenCase{"three", {3, 64, false}, false},
                                         GoldenCase{"rows", {4, 0, false}, false},
                                         GoldenCase{"symmetric", {4, 32, true}, false},
                                         GoldenCase{"ordered", {3, 32, false}, true}),
                         [](const auto& info) { return info.param.name; });

TEST(Gptq, OutliersDoNotBreakIt)
{
    // Two channels with a hundred thousand times the energy of the others, and both telling the same.
    at::Tensor gains = at::eye(160, at::kDouble).diagonal().clone();
    gains[3] = 300;
    gains[90] = 400;
    at::Tensor mixing = at::eye(160, at::kDouble);
    mixing[3][90] = 0.99;
    const at::Tensor moment = at::matmul(at::matmul(mixing.t(), randomMoment(160, 500)), mixing) *
                              gains.unsqueeze(0) * gains.unsqueeze(1);
    const at::Tensor weight = gaussian(40, 160);
    for (const int bits : {2, 3, 4})
        for (const bool activationOrder : {false, true}) {
            const GridSpec grid{bits, 64, false};
            const double nearest = outputError(weight - dequantize(roundToNearest(weight, grid), grid), moment);
            const GridCodes codes = gptq(weight, moment, {grid, activationOrder});
            EXPECT_LT(outputError(weight - dequantize(codes, grid), moment), nearest) << bits << activationOrder;
        }
}

TEST(Gptq, AMomentOfAnotherSizeIsRefused)
{
    EXPECT_THROW(gptq(gaussian(4, 32), at::eye(31, at::kDouble), GptqOptions{}), Error);
}

TEST(Gptq, ThreadsDoNotChangeIt)
{
    const at::Tensor moment = randomMoment(576, 700), weight = gaussian(200, 576);
    const int threads = at::get_num_threads();
    const auto compute = [&](int count) {
        at::set_num_threads(count);
        const ErrorFeedback feedback = errorFeedback(moment);
        const GridSpec grid{4, 64, false};
        return at::cat({feedback.upper.flatten(), feedback.variance,
                        dequantize(gptq(weight, feedback, grid), grid).to(at::kDouble).flatten(),
                        roundedToQuarters(weight, feedback).to(at::kDouble).flatten()});
    };
    const at::Tensor one = compute(1);
    EXPECT_TRUE(one.equal(compute(2)));
    EXPECT_TRUE(one.equal(compute(5)));
    at::set_num_threads(threads);
}

} // namespace
} // namespace eigenquant
