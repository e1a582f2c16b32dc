// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/grid_by_tensors.h"

#include "core/base/error.h"
#include "core/quant/half_range.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>

namespace eigenquant {
namespace {

constexpr std::int64_t kRoundedAtATime = 1 << 25;

/// As FP16 holds it, and never zero.
at::Tensor roundScale(const at::Tensor& scale)
{
    const at::Tensor rounded = scale.to(at::kHalf).to(at::kFloat);
    if (!rounded.isfinite().all().item<bool>())
        throw Error::invalid("the weights are too large for an FP16 scale");
    const at::Tensor least = at::full_like(scale, kSmallestHalf);
    return at::where(rounded == 0, at::where(scale < 0, -least, least), rounded);
}

/// Scales and zero points of groups [rows, groups, length], each [rows, groups, 1]. Zeros among the values change none.
struct Grids {
    at::Tensor scale, zero;

    Grids(const at::Tensor& groups, const GridSpec& grid)
    {
        const at::Tensor low = groups.amin(-1, /*keepdim=*/true).clamp_max_(0);
        const at::Tensor high = groups.amax(-1, /*keepdim=*/true).clamp_min_(0);
        const double levels = static_cast<double>(1 << grid.bits);
        if (grid.symmetric) {
            const at::Tensor largest = at::where(high > -low, high, low);
            const at::Tensor nothing = largest == 0;
            scale = at::where(nothing, at::ones_like(low), roundScale(-largest / (levels / 2)));
            zero = at::full_like(low, levels / 2);
            return;
        }
        const at::Tensor nothing = high == low;
        scale = at::where(nothing, at::ones_like(low), roundScale((high - low) / (levels - 1)));
        zero = at::where(nothing, at::zeros_like(low), (-low / scale).round_().clamp_(0, levels - 1));
    }
};

} // namespace

GridCodes roundByTensors(const at::Tensor& weight, const GridSpec& grid)
{
    const std::int64_t rows = weight.size(0), columns = weight.size(1);
    const std::int64_t groups = grid.groups(columns), length = grid.groupLength(columns);
    const at::TensorOptions bytes = weight.options().dtype(at::kByte);
    GridCodes result{at::empty({rows, columns}, bytes), at::empty({rows, groups}, bytes.dtype(at::kHalf)), {}};
    if (!grid.symmetric)
        result.zeros = at::empty({rows, groups}, bytes);
    const std::int64_t height = std::max<std::int64_t>(1, kRoundedAtATime / std::max<std::int64_t>(columns, 1));
    for (std::int64_t begin = 0; begin < rows && columns > 0; begin += height) {
        const std::int64_t count = std::min(height, rows - begin);
        at::Tensor padded = at::zeros({count, groups * length}, weight.options());
        padded.narrow(1, 0, columns).copy_(weight.narrow(0, begin, count));
        const at::Tensor values = padded.view({count, groups, length});
        const Grids fitted(values, grid);
        const at::Tensor codes = (values / fitted.scale).round_().add_(fitted.zero).clamp_(0, (1 << grid.bits) - 1);
        result.codes.narrow(0, begin, count).copy_(codes.view({count, groups * length}).narrow(1, 0, columns));
        result.scales.narrow(0, begin, count).copy_(fitted.scale.squeeze(-1));
        if (!grid.symmetric)
            result.zeros.narrow(0, begin, count).copy_(fitted.zero.squeeze(-1));
    }
    return result;
}

at::Tensor dequantizeByTensors(const GridCodes& quantized, const GridSpec& grid)
{
    const std::int64_t columns = quantized.codes.size(1), length = grid.groupLength(columns);
    const auto spread = [&](const at::Tensor& perGroup) {
        return perGroup.to(at::kFloat).repeat_interleave(length, 1).narrow(1, 0, columns);
    };
    at::Tensor weight = quantized.codes.to(at::kFloat);
    if (quantized.zeros.defined())
        weight.sub_(spread(quantized.zeros));
    else
        weight.sub_(static_cast<double>(1 << (grid.bits - 1)));
    return weight.mul_(spread(quantized.scales));
}

} // namespace eigenquant
