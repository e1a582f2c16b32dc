// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/packed_linear.h"

#include "core/base/error.h"
#include "core/quant/channel_index.h"
#include "core/quant/packed_cmpq.h"
#include "core/quant/etq.h"
#include "core/quant/salient.h"
#include "kernels/layout/bit_packing.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>

#include <numeric>

namespace eigenquant {

at::Tensor packRows(const at::Tensor& values, int width)
{
    const at::Tensor codes = values.cpu();
    const std::int64_t rows = codes.size(0);
    const auto columns = static_cast<std::size_t>(codes.size(1));
    const auto rowBytes = layout::packedRowBytes(columns, width);
    at::Tensor packed = at::empty({rows, static_cast<std::int64_t>(rowBytes)}, at::kByte);
    const auto* in = codes.const_data_ptr<std::uint8_t>();
    auto* out = packed.data_ptr<std::uint8_t>();
    at::parallel_for(0, rows, 16, [&](std::int64_t begin, std::int64_t end) {
        for (auto row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end); ++row)
            layout::packRow(in + row * columns, columns, width, out + row * rowBytes);
    });
    return packed;
}

at::Tensor unpackRows(const at::Tensor& packed, std::int64_t count, int width)
{
    const std::int64_t rows = packed.size(0);
    const auto columns = static_cast<std::size_t>(count);
    const auto rowBytes = static_cast<std::size_t>(packed.size(1));
    at::Tensor codes = at::empty({rows, count}, at::kByte);
    const auto* in = packed.const_data_ptr<std::uint8_t>();
    auto* out = codes.data_ptr<std::uint8_t>();
    at::parallel_for(0, rows, 16, [&](std::int64_t begin, std::int64_t end) {
        for (auto row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end); ++row)
            layout::unpackRow(in + row * rowBytes, columns, width, out + row * columns);
    });
    return codes;
}

at::Tensor toHalf(const at::Tensor& weight, LinearId id)
{
    at::Tensor half = weight.to(at::kHalf);
    if (!half.isfinite().all().item<bool>())
        throw Error::unsupported("weights above 65504 do not fit the FP16 channels").field(id.name());
    return half.cpu().contiguous();
}

namespace {

at::Tensor unpackGrid(const PackedLinear& packed, c10::Device device)
{
    const LinearPlan& plan = packed.plan;
    std::vector<int> salient(static_cast<std::size_t>(plan.salient));
    std::iota(salient.begin(), salient.end(), 0);
    if (packed.has("salient_index"))
        std::copy_n(packed.part("salient_index").const_data_ptr<int>(), salient.size(), salient.begin());
    const auto rest = remainingChannels(salient, static_cast<int>(packed.inFeatures));
    const GridSpec grid{plan.gridBits(), plan.groupSize, plan.symmetric};
    const at::Tensor& scales = packed.part("scales");
    const auto codes = unpackRows(packed.part("codes"), static_cast<std::int64_t>(rest.size()), grid.bits);
    GridCodes stored{codes.to(device), scales.to(device), {}};
    if (!plan.symmetric)
        stored.zeros = unpackRows(packed.part("zeros"), scales.size(1), grid.bits).to(device);
    at::Tensor weight =
        at::empty({packed.outFeatures, packed.inFeatures}, at::TensorOptions(at::kFloat).device(device));
    weight.index_copy_(1, channelIndex(rest).to(device), dequantize(stored, grid));
    weight.index_copy_(1, channelIndex(salient).to(device), packed.part("salient").to(device).to(at::kFloat));
    return weight;
}

} // namespace

PackedLinear packFloat(const at::Tensor& weight, const LinearPlan& plan)
{
    return {plan, weight.size(0), weight.size(1), {{"salient", toHalf(weight, plan.id)}}, {}};
}

PackedLinear packGrid(const at::Tensor& weight, const LinearPlan& plan, const std::vector<int>& salient,
                      const GridCodes& rest, bool leads)
{
    PackedLinear packed{plan, weight.size(0), weight.size(1), {}, {}};
    packed.parts["salient"] = toHalf(weight.index_select(1, channelIndex(salient).to(weight.device())), plan.id);
    if (!salient.empty() && !leads)
        packed.parts["salient_index"] = at::tensor(at::ArrayRef<int>(salient), at::kInt);
    packed.parts["codes"] = packRows(rest.codes, plan.gridBits());
    packed.parts["scales"] = rest.scales.cpu();
    if (!plan.symmetric)
        packed.parts["zeros"] = packRows(rest.zeros, plan.gridBits());
    return packed;
}

at::Tensor unpackLinear(const PackedLinear& packed, c10::Device device)
{
    switch (packed.plan.method) {
    case Method::Float:
        return packed.part("salient").to(device).to(at::kFloat);
    case Method::Cmpq:
        return unpackCmpq(packed).to(device);
    case Method::Etq:
        return unpackEtq(packed).to(device);
    default:
        return unpackGrid(packed, device);
    }
}

} // namespace eigenquant
