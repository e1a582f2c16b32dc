// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/grid.h"

#include "core/base/error.h"
#include "core/quant/grid_by_tensors.h"
#include "core/quant/half_range.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>

namespace eigenquant {
namespace {

float roundScale(float scale)
{
    if (!(std::abs(scale) <= kLargestHalf))
        throw Error::invalid("the weights are too large for an FP16 scale").found(std::to_string(scale));
    const float rounded = static_cast<float>(c10::Half(scale));
    // A range too small for FP16 would divide by zero; the smallest scale there is rounds it to nothing.
    return rounded == 0 ? std::copysign(kSmallestHalf, scale) : rounded;
}

void roundRow(const float* weights, std::int64_t columns, const GridSpec& grid, std::uint8_t* codes,
              c10::Half* scales, std::uint8_t* zeros)
{
    const float top = static_cast<float>((1 << grid.bits) - 1);
    const std::int64_t length = grid.groupLength(columns);
    for (std::int64_t begin = 0, group = 0; begin < columns; begin += length, ++group) {
        const std::int64_t end = std::min(begin + length, columns);
        const auto [low, high] = std::minmax_element(weights + begin, weights + end);
        const GroupGrid fitted = fitGroup(*low, *high, grid.bits, grid.symmetric);
        for (std::int64_t j = begin; j < end; ++j)
            codes[j] = static_cast<std::uint8_t>(
                std::clamp(std::nearbyint(weights[j] / fitted.scale) + fitted.zero, 0.f, top));
        scales[group] = c10::Half(fitted.scale);
        if (zeros)
            zeros[group] = static_cast<std::uint8_t>(fitted.zero);
    }
}

} // namespace

std::int64_t GridSpec::groupLength(std::int64_t columns) const
{
    return groupSize == 0 ? std::max<std::int64_t>(columns, 1) : groupSize;
}

std::int64_t GridSpec::groups(std::int64_t columns) const
{
    const std::int64_t length = groupLength(columns);
    return (columns + length - 1) / length;
}

GroupGrid fitGroup(float low, float high, int bits, bool symmetric)
{
    if (symmetric) {
        const float middle = static_cast<float>(1 << (bits - 1));
        const float largest = high > -low ? high : low;
        return largest == 0 ? GroupGrid{1, middle} : GroupGrid{roundScale(-largest / middle), middle};
    }
    const float top = static_cast<float>((1 << bits) - 1);
    low = std::min(low, 0.f);
    high = std::max(high, 0.f);
    if (high == low)
        return {1, 0};
    const float scale = roundScale((high - low) / top);
    return {scale, std::clamp(std::nearbyint(-low / scale), 0.f, top)};
}

GridCodes roundToNearest(const at::Tensor& weight, const GridSpec& grid)
{
    if (weight.is_cuda())
        return roundByTensors(weight, grid);
    const std::int64_t rows = weight.size(0), columns = weight.size(1), groups = grid.groups(columns);
    const at::Tensor source = weight.contiguous();
    GridCodes result{at::empty({rows, columns}, at::kByte), at::empty({rows, groups}, at::kHalf), {}};
    if (!grid.symmetric)
        result.zeros = at::empty({rows, groups}, at::kByte);
    const float* weights = source.const_data_ptr<float>();
    auto* codes = result.codes.data_ptr<std::uint8_t>();
    auto* scales = result.scales.data_ptr<c10::Half>();
    auto* zeros = grid.symmetric ? nullptr : result.zeros.data_ptr<std::uint8_t>();
    at::parallel_for(0, rows, 16, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row)
            roundRow(weights + row * columns, columns, grid, codes + row * columns, scales + row * groups,
                     zeros ? zeros + row * groups : nullptr);
    });
    return result;
}

at::Tensor dequantize(const GridCodes& quantized, const GridSpec& grid)
{
    if (quantized.codes.is_cuda())
        return dequantizeByTensors(quantized, grid);
    const std::int64_t rows = quantized.codes.size(0), columns = quantized.codes.size(1);
    const std::int64_t length = grid.groupLength(columns), groups = grid.groups(columns);
    at::Tensor weight = at::empty({rows, columns}, at::kFloat);
    float* out = weight.data_ptr<float>();
    const auto* codes = quantized.codes.const_data_ptr<std::uint8_t>();
    const auto* scales = quantized.scales.const_data_ptr<c10::Half>();
    const auto* zeros = grid.symmetric ? nullptr : quantized.zeros.const_data_ptr<std::uint8_t>();
    at::parallel_for(0, rows, 16, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row)
            for (std::int64_t j = 0; j < columns; ++j) {
                const std::int64_t group = row * groups + j / length;
                const int zero = zeros ? zeros[group] : 1 << (grid.bits - 1);
                out[row * columns + j] =
                    static_cast<float>(codes[row * columns + j] - zero) * static_cast<float>(scales[group]);
            }
    });
    return weight;
}

} // namespace eigenquant
