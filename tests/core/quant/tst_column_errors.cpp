// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/column_errors.h"

#include "core/base/error.h"
#include "core/quant/grid.h"
#include "core/quant/random.h"
#include "tests/core/quant/gaussian.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <gtest/gtest.h>

namespace eigenquant {
namespace {

using test::gaussian;

TEST(ColumnErrors, AreThoseOfTheGrid)
{
    const at::Tensor weight = gaussian(24, 200);
    const ColumnErrors errors = measureColumnErrors(weight);
    for (const int groupSize : measuredGroupSizes())
        for (int bits = kMinBits; bits <= kMaxBits; ++bits) {
            const GridSpec grid{bits, groupSize, false};
            const at::Tensor expected = (dequantize(roundToNearest(weight, grid), grid) - weight).square().sum(0);
            const ColumnErrorsAt found(errors, measuredGroupSizes(), bits, groupSize);
            for (std::size_t j = 0; j < errors.squaredNorm.size(); ++j) {
                const double exact = expected[static_cast<std::int64_t>(j)].item<double>();
                EXPECT_NEAR(found[j], exact, 1e-4 * exact + 1e-9) << bits << " bits, group " << groupSize;
            }
        }
}

TEST(ColumnErrors, ByTensorsAreTheSame)
{
    at::Tensor weight = gaussian(70, 200);
    weight.narrow(1, 32, 40).zero_(); // a group without a range
    weight.select(1, 199).abs_();
    weight.narrow(0, 3, 2).mul_(1e-9); // ranges below the smallest FP16 scale
    const ColumnErrors expected = measureColumnErrors(weight), found = columnErrorsByTensors(weight);
    ASSERT_EQ(found.roundingError.size(), expected.roundingError.size());
    for (std::size_t table = 0; table < expected.roundingError.size(); ++table)
        for (std::size_t j = 0; j < 200; ++j)
            EXPECT_NEAR(found.roundingError[table][j], expected.roundingError[table][j],
                        1e-5f * expected.roundingError[table][j])
                << "table " << table << ", column " << j;
    for (std::size_t j = 0; j < 200; ++j)
        EXPECT_NEAR(found.squaredNorm[j], expected.squaredNorm[j], 1e-5f * expected.squaredNorm[j]);
    EXPECT_THROW(columnErrorsByTensors(weight * 1e8), Error);
}

TEST(ColumnErrors, GroupSizesBetweenLieBetween)
{
    const ColumnErrors errors = measureColumnErrors(gaussian(16, 256));
    auto total = [&](int groupSize) {
        double sum = 0;
        const ColumnErrorsAt found(errors, measuredGroupSizes(), 3, groupSize);
        for (std::size_t j = 0; j < errors.squaredNorm.size(); ++j)
            sum += found[j];
        return sum;
    };
    EXPECT_LT(total(32), total(48));
    EXPECT_LT(total(48), total(64));
    EXPECT_DOUBLE_EQ(total(16), total(32)) << "below the smallest: the smallest";
    EXPECT_DOUBLE_EQ(total(1024), total(0)) << "beyond the row: the row";
}

TEST(ColumnErrors, NormsAreSquared)
{
    const at::Tensor weight = gaussian(8, 40);
    const ColumnErrors errors = measureColumnErrors(weight);
    EXPECT_NEAR(errors.squaredNorm[7], weight.select(1, 7).square().sum().item<float>(), 1e-4);
}

} // namespace
} // namespace eigenquant
