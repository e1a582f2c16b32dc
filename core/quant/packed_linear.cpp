// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/packed_linear.h"

#include "core/base/error.h"
#include "core/quant/channel_index.h"
#include "core/quant/salient.h"
#include "kernels/layout/bit_packing.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

namespace eigenquant {
namespace {

at::Tensor packRows(const at::Tensor& codes, int bits)
{
    const std::int64_t rows = codes.size(0);
    const auto columns = static_cast<std::size_t>(codes.size(1));
    const auto rowBytes = layout::packedRowBytes(columns, bits);
    at::Tensor packed = at::empty({rows, static_cast<std::int64_t>(rowBytes)}, at::kByte);
    const auto* in = codes.const_data_ptr<std::uint8_t>();
    auto* out = packed.data_ptr<std::uint8_t>();
    at::parallel_for(0, rows, 16, [&](std::int64_t begin, std::int64_t end) {
        for (auto row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end); ++row)
            layout::packRow(in + row * columns, columns, bits, out + row * rowBytes);
    });
    return packed;
}

at::Tensor unpackRows(const at::Tensor& packed, std::int64_t count, int bits)
{
    const std::int64_t rows = packed.size(0);
    const auto columns = static_cast<std::size_t>(count);
    const auto rowBytes = static_cast<std::size_t>(packed.size(1));
    at::Tensor codes = at::empty({rows, count}, at::kByte);
    const auto* in = packed.const_data_ptr<std::uint8_t>();
    auto* out = codes.data_ptr<std::uint8_t>();
    at::parallel_for(0, rows, 16, [&](std::int64_t begin, std::int64_t end) {
        for (auto row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end); ++row)
            layout::unpackRow(in + row * rowBytes, columns, bits, out + row * columns);
    });
    return codes;
}

at::Tensor toHalf(const at::Tensor& weight, LinearId id)
{
    at::Tensor half = weight.to(at::kHalf);
    if (!half.isfinite().all().item<bool>())
        throw Error::unsupported("weights above 65504 do not fit the FP16 channels").field(id.name());
    return half.contiguous();
}

} // namespace

PackedLinear packLinear(const at::Tensor& weight, const LinearPlan& plan, std::vector<int> salientChannels)
{
    PackedLinear packed;
    packed.plan = plan;
    packed.outFeatures = weight.size(0);
    packed.inFeatures = weight.size(1);
    packed.salientChannels = std::move(salientChannels);
    if (plan.method == Method::Float) {
        packed.salient = toHalf(weight, plan.id);
        return packed;
    }
    const auto rest = remainingChannels(packed.salientChannels, static_cast<int>(packed.inFeatures));
    packed.salient = toHalf(weight.index_select(1, channelIndex(packed.salientChannels)), plan.id);
    const GridCodes rounded = roundToNearest(weight.index_select(1, channelIndex(rest)), packed.grid());
    packed.codes = packRows(rounded.codes, plan.bits);
    packed.scales = rounded.scales;
    if (!plan.symmetric)
        packed.zeros = packRows(rounded.zeros, plan.bits);
    return packed;
}

at::Tensor unpackLinear(const PackedLinear& packed)
{
    if (packed.plan.method == Method::Float)
        return packed.salient.to(at::kFloat);
    const auto rest = remainingChannels(packed.salientChannels, static_cast<int>(packed.inFeatures));
    const auto restCount = static_cast<std::int64_t>(rest.size());
    GridCodes stored{unpackRows(packed.codes, restCount, packed.plan.bits), packed.scales, {}};
    if (!packed.plan.symmetric)
        stored.zeros = unpackRows(packed.zeros, packed.scales.size(1), packed.plan.bits);
    at::Tensor weight = at::empty({packed.outFeatures, packed.inFeatures}, at::kFloat);
    weight.index_copy_(1, channelIndex(rest), dequantize(stored, packed.grid()));
    weight.index_copy_(1, channelIndex(packed.salientChannels), packed.salient.to(at::kFloat));
    return weight;
}

} // namespace eigenquant
