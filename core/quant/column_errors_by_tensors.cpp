// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/quant/column_errors.h"
#include "core/quant/half_range.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <vector>

namespace eigenquant {
namespace {

constexpr std::int64_t kMeasuredAtATime = 1 << 25;

/// Rows of weights [rows, groups, length] with what their grids are fitted to, [rows, groups, 1].
struct Groups {
    at::Tensor values, low, high;

    Groups(const at::Tensor& rows, std::int64_t length)
        : values(rows.view({rows.size(0), -1, length})), low(values.amin(-1, /*keepdim=*/true).clamp_max_(0)),
          high(values.amax(-1, /*keepdim=*/true).clamp_min_(0))
    {
    }

    /// The squared errors of rounding to so many bits, summed over the rows: float32 [columns].
    at::Tensor errors(int bits) const
    {
        const double top = static_cast<double>((1 << bits) - 1);
        const at::Tensor nothing = high == low;
        at::Tensor scale = ((high - low) / top).to(at::kHalf).to(at::kFloat).clamp_min_(kSmallestHalf);
        scale = at::where(nothing, at::ones_like(scale), scale);
        const at::Tensor zero = at::where(nothing, at::zeros_like(low), (-low / scale).round_().clamp_(0, top));
        at::Tensor error = (values / scale).round_().add_(zero).clamp_(0, top);
        error.sub_(zero).mul_(scale).sub_(values);
        return error.square_().sum(0).view({-1});
    }
};

std::vector<float> toFloats(const at::Tensor& values)
{
    const at::Tensor flat = values.to(at::kCPU, at::kFloat).contiguous();
    return {flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel()};
}

/// Adds the errors of all widths, [widths, columns].
void addErrors(const at::Tensor& rows, std::int64_t begin, std::int64_t count, std::int64_t length, at::Tensor& sums)
{
    if (count == 0)
        return;
    const Groups groups(rows.narrow(1, begin, count).contiguous(), length);
    for (int bits = kMinBits; bits <= kMaxBits; ++bits)
        sums[bits - kMinBits].narrow(0, begin, count).add_(groups.errors(bits));
}

} // namespace

ColumnErrors columnErrorsByTensors(const at::Tensor& weight)
{
    const std::int64_t rows = weight.size(0), columns = weight.size(1);
    const std::int64_t height = std::max<std::int64_t>(1, kMeasuredAtATime / columns);
    ColumnErrors errors;
    errors.squaredNorm = toFloats(weight.square().sum(0));
    for (const int size : measuredGroupSizes()) {
        const std::int64_t length = size == 0 ? columns : std::min<std::int64_t>(size, columns);
        const std::int64_t whole = columns / length * length; // the last group may be short
        at::Tensor sums = at::zeros({kWidthCount, columns}, weight.options().dtype(at::kDouble));
        for (std::int64_t begin = 0; begin < rows; begin += height) {
            const at::Tensor part = weight.narrow(0, begin, std::min(height, rows - begin));
            addErrors(part, 0, whole, length, sums);
            addErrors(part, whole, columns - whole, columns - whole, sums);
        }
        if (!sums.isfinite().all().item<bool>())
            throw Error::invalid("the weights are too large for an FP16 scale");
        for (int width = 0; width < kWidthCount; ++width)
            errors.roundingError.push_back(toFloats(sums[width]));
    }
    return errors;
}

} // namespace eigenquant
