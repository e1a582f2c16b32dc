// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/pca.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/zeros.h>
#include <Eigen/Eigenvalues>
#include <gtest/gtest.h>

namespace eigenquant {
namespace {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

at::Tensor randomMoment(int size, int tokens)
{
    std::srand(4);
    const RowMatrix x = RowMatrix::Random(tokens, size);
    const RowMatrix moment = x.transpose() * x / tokens;
    at::Tensor tensor = at::empty({size, size}, at::kDouble);
    std::copy_n(moment.data(), size * size, tensor.data_ptr<double>());
    return tensor;
}

TEST(Pca, EigenvaluesAreThoseOfAnIndependentSolver)
{
    const at::Tensor moment = randomMoment(40, 200);
    const PrincipalBasis basis = principalBasis(moment);
    const Eigen::Map<const RowMatrix> matrix(moment.const_data_ptr<double>(), 40, 40);
    const Eigen::SelfAdjointEigenSolver<RowMatrix> solver(matrix);
    for (int i = 0; i < 40; ++i)
        EXPECT_NEAR(basis.values[i].item<double>(), solver.eigenvalues()[39 - i], 1e-12);
}

TEST(Pca, VectorsAreOrthogonalAndRebuildTheMoment)
{
    const at::Tensor moment = randomMoment(30, 100);
    const PrincipalBasis basis = principalBasis(moment);
    EXPECT_LT((at::matmul(basis.vectors.t(), basis.vectors) - at::eye(30, at::kDouble)).abs().max().item<double>(),
              1e-12);
    const at::Tensor rebuilt = at::matmul(basis.vectors * basis.values, basis.vectors.t());
    EXPECT_LT((rebuilt - moment).abs().max().item<double>(), 1e-12);
}

TEST(Pca, TheLargestComponentOfEachVectorIsPositive)
{
    const PrincipalBasis basis = principalBasis(randomMoment(25, 60));
    const at::Tensor largest = basis.vectors.gather(0, basis.vectors.abs().argmax(0, true));
    EXPECT_TRUE(largest.gt(0).all().item<bool>());
}

TEST(Pca, FewerTokensThanChannelsLeaveZerosNotNegatives)
{
    const PrincipalBasis basis = principalBasis(randomMoment(50, 10));
    EXPECT_TRUE(basis.values.ge(0).all().item<bool>());
    EXPECT_LT(basis.values[20].item<double>(), 1e-12);
    EXPECT_TRUE(principalBasis(at::zeros({6, 6}, at::kDouble)).values.eq(0).all().item<bool>());
}

TEST(Pca, HeadBasesAreOrthogonalAndSharedByTheirGroup)
{
    const at::Tensor moment = randomMoment(48, 300);
    const at::Tensor bases = headWiseBases(moment, 6, 2);
    ASSERT_EQ(bases.sizes(), (std::vector<std::int64_t>{2, 8, 8}));
    const at::Tensor whole = blockDiagonal(bases, 6);
    EXPECT_LT((at::matmul(whole.t(), whole) - at::eye(48, at::kDouble)).abs().max().item<double>(), 1e-12);
    EXPECT_TRUE(whole.narrow(0, 8, 8).narrow(1, 8, 8).equal(bases[0]));
    EXPECT_TRUE(whole.narrow(0, 24, 8).narrow(1, 24, 8).equal(bases[1]));
    EXPECT_TRUE(whole.narrow(0, 0, 8).narrow(1, 8, 8).eq(0).all().item<bool>());
}

} // namespace
} // namespace eigenquant
