// SPDX-License-Identifier: GPL-3.0-or-later
// Small pieces of the real computation, to be looked at.
#include "core/session/session.h"

#include "core/quant/grid.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>

namespace eigenquant {

RoundedGroup roundGroup(const std::vector<float>& weights, int bits, bool symmetric)
{
    if (bits < kMinBits || bits > kMaxBits)
        throw Error::usage("bits are out of range").found(std::to_string(bits)).expected("2 to 8");
    if (weights.empty())
        throw Error::usage("a group has at least one weight").field("weights");
    const GridSpec grid{bits, 0, symmetric};
    std::vector<float> copy = weights;
    const auto count = static_cast<std::int64_t>(copy.size());
    const GridCodes codes = roundToNearest(at::from_blob(copy.data(), {1, count}), grid);
    const at::Tensor values = dequantize(codes, grid);
    RoundedGroup group;
    group.scale = codes.scales.item<float>();
    group.zero = symmetric ? double(1 << (bits - 1)) : double(codes.zeros.item<std::uint8_t>());
    for (int code = 0; code < 1 << bits; ++code)
        group.levels.push_back((code - group.zero) * group.scale);
    if (group.scale < 0) // a symmetric grid hangs on its largest weight, which may be positive
        std::reverse(group.levels.begin(), group.levels.end());
    const float* rounded = values.const_data_ptr<float>();
    for (std::int64_t i = 0; i < count; ++i) {
        const double weight = weights[static_cast<std::size_t>(i)];
        group.rounded.push_back(rounded[i]);
        group.squaredError += (weight - rounded[i]) * (weight - rounded[i]);
        group.squaredNorm += weight * weight;
    }
    return group;
}

} // namespace eigenquant
