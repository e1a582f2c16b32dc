// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/column_errors.h"

#include "core/quant/grid.h"
#include "core/quant/wide_loops.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>

namespace eigenquant {
namespace {

/// Adds the squared rounding errors of one group of one row to `sums`, one for each column.
EIGENQUANT_WIDE void addGroupErrors(const float* weights, std::int64_t count, float scale, float zero, float top,
                                    float* sums)
{
    // Adding and taking away 1.5·2^23 rounds a float of this size to the nearest even integer, as nearbyint does,
    // in a form that every vector unit has.
    constexpr float kRound = 12582912.f;
    for (std::int64_t j = 0; j < count; ++j) {
        const float q = (weights[j] / scale + kRound) - kRound + zero;
        const float clamped = q < 0 ? 0 : (q > top ? top : q);
        const float error = (clamped - zero) * scale - weights[j];
        sums[j] += error * error;
    }
}

/// One group of columns [begin, end): all rows, all widths.
void measureGroup(const float* weights, std::int64_t rows, std::int64_t columns, std::int64_t begin, std::int64_t end,
                  const std::vector<float*>& sums)
{
    for (std::int64_t row = 0; row < rows; ++row) {
        const float* values = weights + row * columns + begin;
        const auto [low, high] = std::minmax_element(values, values + (end - begin));
        for (int bits = kMinBits; bits <= kMaxBits; ++bits) {
            const GroupGrid grid = fitGroup(*low, *high, bits, /*symmetric=*/false);
            addGroupErrors(values, end - begin, grid.scale, grid.zero, static_cast<float>((1 << bits) - 1),
                           sums[static_cast<std::size_t>(bits - kMinBits)] + begin);
        }
    }
}

void measureGroupSize(const float* weights, std::int64_t rows, std::int64_t columns, int groupSize,
                      const std::vector<float*>& sums)
{
    if (groupSize == 0 || groupSize >= columns) {
        measureGroup(weights, rows, columns, 0, columns, sums);
        return;
    }
    // Over groups of columns, not rows: each sum then belongs to one thread, whatever their number.
    const std::int64_t groups = (columns + groupSize - 1) / groupSize;
    at::parallel_for(0, groups, 1, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t group = first; group < last; ++group)
            measureGroup(weights, rows, columns, group * groupSize,
                         std::min<std::int64_t>((group + 1) * groupSize, columns), sums);
    });
}

} // namespace

const std::vector<int>& measuredGroupSizes()
{
    static const std::vector<int> sizes{32, 64, 128, 0};
    return sizes;
}

ColumnErrors measureColumnErrors(const at::Tensor& weight)
{
    if (weight.is_cuda())
        return columnErrorsByTensors(weight);
    const at::Tensor source = weight.contiguous();
    const std::int64_t rows = source.size(0), columns = source.size(1);
    ColumnErrors errors;
    const at::Tensor norms = source.square().sum(0).contiguous();
    errors.squaredNorm.assign(norms.const_data_ptr<float>(), norms.const_data_ptr<float>() + columns);
    for (const int groupSize : measuredGroupSizes()) {
        std::vector<float*> sums;
        const std::size_t first = errors.roundingError.size();
        errors.roundingError.resize(first + kWidthCount, std::vector<float>(static_cast<std::size_t>(columns)));
        for (std::size_t i = first; i < errors.roundingError.size(); ++i)
            sums.push_back(errors.roundingError[i].data());
        measureGroupSize(source.const_data_ptr<float>(), rows, columns, groupSize, sums);
    }
    return errors;
}

ColumnErrorsAt::ColumnErrorsAt(const ColumnErrors& errors, const std::vector<int>& groupSizes, int bits,
                               int groupSize)
{
    const double columns = static_cast<double>(errors.squaredNorm.size());
    auto length = [&](int size) { return std::log2(size == 0 ? columns : std::min<double>(size, columns)); };
    auto table = [&](std::size_t index) {
        return &errors.roundingError[index * kWidthCount + static_cast<std::size_t>(bits - kMinBits)];
    };
    const double wanted = length(groupSize);
    std::size_t upper = 0;
    while (upper + 1 < groupSizes.size() && length(groupSizes[upper]) < wanted)
        ++upper;
    m_lower = m_upper = table(upper);
    if (length(groupSizes[upper]) <= wanted || upper == 0)
        return;
    const double low = length(groupSizes[upper - 1]);
    m_lower = table(upper - 1);
    m_share = (wanted - low) / (length(groupSizes[upper]) - low);
}

} // namespace eigenquant
