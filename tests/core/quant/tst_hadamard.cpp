// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/quant/hadamard.h"
#include "tests/core/quant/gaussian.h"
#include "tests/core/quant/tensor_errors.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>

namespace eigenquant {
namespace {

using test::gaussian;

TEST(Hadamard, PaleyMatricesAreHadamard)
{
    for (const std::int64_t order : {1, 2, 4, 8, 12, 20, 24, 28, 36, 44, 60, 84, 108, 140, 148, 368}) {
        const at::Tensor matrix = paleyHadamard(order);
        ASSERT_TRUE(matrix.defined()) << order;
        EXPECT_TRUE(matrix.abs().eq(1).all().item<bool>()) << order;
        EXPECT_TRUE(at::matmul(matrix, matrix.t()).equal(order * at::eye(order, at::kDouble))) << order;
    }
    // Of a prime power, as 52 = 2(5² + 1) and 344 = 7³ + 1, or none at all.
    for (const std::int64_t order : {3, 6, 16, 40, 52, 92, 172, 188, 344})
        EXPECT_FALSE(paleyHadamard(order).defined()) << order;
}

TEST(Hadamard, FactorsOfTheSizesOfModels)
{
    struct Case {
        std::int64_t size, order;
        bool dense;
    };
    for (const Case& c :
         {Case{1, 1, false}, {2, 1, false},       {64, 1, false},     {4096, 1, false},   {12, 12, false},
          {36, 36, false},   {96, 12, false},     {192, 12, false},   {1536, 12, false},  {160, 20, false},
          {2560, 20, false}, {576, 36, false},    {8960, 140, false}, {14336, 28, false}, {13824, 108, false},
          {416, 104, false}, {18944, 148, false}, {172, 43, true},    {11008, 43, true},  {7, 7, true},
          {9, 9, true},      {18, 9, true}}) {
        const HadamardFactors factors = hadamardFactors(c.size);
        EXPECT_EQ(factors.order, c.order) << c.size;
        EXPECT_EQ(factors.order * factors.power, c.size) << c.size;
        EXPECT_EQ(factors.dense, c.dense) << c.size;
    }
    EXPECT_THROW(hadamardFactors(0), Error);
}

TEST(Hadamard, IsOrthogonalAndAppliesItsMatrix)
{
    for (const std::int64_t size : {1, 2, 7, 12, 36, 64, 96, 160, 172, 192, 576, 1536}) {
        Random random(static_cast<std::uint64_t>(size));
        const HadamardTransform transform = HadamardTransform::make(size, random);
        const at::Tensor matrix = transform.matrix();
        EXPECT_LT(largest(at::matmul(matrix, matrix.t()) - at::eye(size, at::kDouble)), 1e-12) << size;
        if (transform.isPureHadamard()) {
            EXPECT_LT(largest(matrix.abs() - 1 / std::sqrt(static_cast<double>(size))), 1e-12) << size;
        }
        const at::Tensor x = gaussian(5, size);
        EXPECT_LT(largest(transform.apply(x) - at::matmul(x.to(at::kDouble), matrix)), 1e-6) << size;
        EXPECT_LT(largest(transform.applyTransposed(x) - at::matmul(x.to(at::kDouble), matrix.t())), 1e-6) << size;
        EXPECT_EQ(transform.apply(x).scalar_type(), at::kFloat);
    }
}

TEST(Hadamard, KeepsNormsAndComesBackAtTheSizesOfLargeModels)
{
    for (const std::int64_t size : {2560, 4096, 8960, 11008, 13824, 14336, 18944}) {
        Random random(3);
        const HadamardTransform transform = HadamardTransform::make(size, random);
        const at::Tensor x = gaussian(3, size).to(at::kDouble);
        const at::Tensor turned = transform.apply(x);
        EXPECT_LT(largest(turned.norm(2, 1) / x.norm(2, 1) - 1), 1e-12) << size;
        EXPECT_LT(largest(transform.applyTransposed(turned) - x), 1e-12) << size;
        EXPECT_GT(largest(turned - x), 0.5) << size;
    }
}

TEST(Hadamard, SpreadsAnOutlierOverAllChannels)
{
    Random random(1);
    const HadamardTransform transform = HadamardTransform::make(1536, random);
    at::Tensor x = at::zeros({1536}, at::kDouble);
    x[700] = 1000;
    EXPECT_NEAR(largest(transform.apply(x)), 1000 / std::sqrt(1536.), 1e-9);
}

TEST(Hadamard, WhatIsStoredIsTheTransform)
{
    for (const std::int64_t size : {12, 172, 77}) {
        Random random(9);
        const HadamardTransform made = HadamardTransform::make(size, random);
        const HadamardTransform read = HadamardTransform::fromStored(size, made.signs().clone(), made.block());
        EXPECT_TRUE(made.matrix().equal(read.matrix())) << size;
        EXPECT_EQ(made.signs().numel(), (size + 7) / 8);
        const std::int64_t order = made.factors().order;
        EXPECT_EQ(made.storedBytes(),
                  static_cast<std::uint64_t>((size + 7) / 8 + (made.isPureHadamard() ? 0 : 2 * order * order)));
    }
}

TEST(Hadamard, EverySeedIsAnotherRotation)
{
    Random first(1), second(2);
    const at::Tensor matrix = HadamardTransform::make(64, first).matrix();
    EXPECT_FALSE(matrix.equal(HadamardTransform::make(64, second).matrix()));
    Random again(1);
    EXPECT_TRUE(matrix.equal(HadamardTransform::make(64, again).matrix()));
}

TEST(Hadamard, BadStorageIsRefused)
{
    Random random(1);
    const HadamardTransform made = HadamardTransform::make(172, random);
    EXPECT_THROW(HadamardTransform::fromStored(172, made.signs().narrow(0, 0, 21), made.block()), Error);
    EXPECT_THROW(HadamardTransform::fromStored(172, made.signs(), {}), Error);
    EXPECT_THROW(HadamardTransform::fromStored(64, made.signs().narrow(0, 0, 8), made.block()), Error);
    EXPECT_THROW(HadamardTransform::fromStored(172, made.signs(), made.block() * 3), Error);
    EXPECT_THROW(HadamardTransform::fromStored(172, made.signs(), made.block() * NAN), Error);
    EXPECT_THROW(made.apply(gaussian(2, 171)), Error);
}

TEST(Hadamard, ThreadsDoNotChangeIt)
{
    const int threads = at::get_num_threads();
    const auto compute = [](int count) {
        at::set_num_threads(count);
        Random random(4);
        return HadamardTransform::make(11008, random).apply(gaussian(40, 11008));
    };
    EXPECT_TRUE(compute(1).equal(compute(2)));
    at::set_num_threads(threads);
}

} // namespace
} // namespace eigenquant
