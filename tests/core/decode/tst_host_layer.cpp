// SPDX-License-Identifier: GPL-3.0-or-later
// What goes to the GPU, checked in main memory: dequantizing it gives the weights that are stored.
#include "core/decode/host_layer.h"

#include "core/quant/packed_checkpoint.h"
#include "kernels/gemm/column_gemm.h"
#include "kernels/gemm/mixed_gemm.h"
#include "tests/core/decode/decode_test.h"

#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

namespace eigenquant::test {
namespace {

/// W [rows, columns] as the kernels mean it, in the linear's own order of channels.
at::Tensor meant(const HostLinear& linear)
{
    if (linear.columnCodes) {
        const kernels::PackedColumns& columns = *linear.columnCodes;
        at::Tensor out = at::empty({linear.rows, columns.layout.paddedColumns()}, at::kHalf);
        kernels::dequantizeColumnsCpu(columns.weights(columns.bytes.data()),
                                      static_cast<std::uint16_t*>(out.data_ptr()), out.size(1));
        return out.to(at::kFloat);
    }
    if (!linear.layout)
        return linear.weight.to(at::kFloat);
    kernels::MixedWeights weights;
    weights.layout = *linear.layout;
    weights.blocks = linear.weight.const_data_ptr();
    at::Tensor out = at::empty({linear.rows, linear.columns}, at::kHalf);
    kernels::dequantizeMixedCpu(weights, kernels::Element::F16, static_cast<std::uint16_t*>(out.data_ptr()),
                                linear.columns);
    return out.to(at::kFloat);
}

at::Tensor indexOf(const ChannelOrder& order)
{
    return at::tensor(at::ArrayRef<std::int32_t>(order), at::kInt);
}

/// The weight with its channels where they belong; those that fill up blocks have to add nothing.
at::Tensor inPlace(const at::Tensor& weight, const ChannelOrder& order, std::int64_t channels)
{
    return order.empty() ? weight
                         : at::zeros({weight.size(0), channels}, at::kFloat).index_add_(1, indexOf(order), weight);
}

/// Channels that go to their places lie in the order that o reads, wherever each of them is read once.
void expectPlaces(const HostLayer& host, const std::string& where)
{
    const HostSite& site = host.sites[static_cast<std::size_t>(Site::AttnOut)];
    const ChannelOrder& order = site.orders.front();
    EXPECT_EQ(host.attentionPlaces.empty(), order.empty() || site.padded) << where;
    for (std::size_t channel = 0; channel < host.attentionPlaces.size(); ++channel)
        EXPECT_EQ(order.at(static_cast<std::size_t>(host.attentionPlaces[channel])), static_cast<int>(channel))
            << where;
}

TEST(HostLayer, HoldsTheWeightsThatAreStored)
{
    const TinyCheckpoints tiny;
    int mixed = 0, columns = 0, dense = 0, reordered = 0, movedRows = 0, placed = 0;
    for (const auto& variant : TinyCheckpoints::variants()) {
        const auto source = PackedSource::open(tiny.quantized(variant));
        for (int index = 0; index < source->config().layers; ++index) {
            const PackedLayer packed = source->packedLayer(index);
            const HostLayer host = makeHostLayer(packed, kernels::Element::F16);
            movedRows += host.mlpRows.empty() ? 0 : 1;
            placed += host.attentionPlaces.empty() ? 0 : 1;
            expectPlaces(host, variant.name + " " + std::to_string(index));
            for (const Site site : kAllSites) {
                SCOPED_TRACE(variant.name + " " + std::to_string(index) + "." + std::string(name(site)));
                const HostSite& found = host.sites[static_cast<std::size_t>(site)];
                std::vector<at::Tensor> rows;
                for (const LinearRole role : kAllRoles)
                    if (siteOf(role) == site) {
                        rows.push_back(unpackLinear(packed.linears[static_cast<std::size_t>(role)]));
                        if (site == Site::MlpIn && !host.mlpRows.empty())
                            rows.back() = rows.back().index_select(0, indexOf(host.mlpRows));
                    }
                const at::Tensor expected = at::cat(rows);
                ASSERT_EQ(found.outputs, expected.size(0));
                int next = 0;
                for (const HostLinear& linear : found.linears) {
                    ASSERT_EQ(linear.firstRow, next);
                    next += linear.rows;
                    const ChannelOrder& order =
                        site == Site::MlpOut && !host.mlpRows.empty() ? host.mlpRows : found.orders.at(linear.view);
                    const at::Tensor part = expected.narrow(0, linear.firstRow, linear.rows);
                    // The kernels round once more, to a 16-bit float.
                    EXPECT_LT(relativeError(inPlace(meant(linear), order, found.channels), part), 1e-3) << linear.name;
                    (linear.columnCodes ? columns : linear.layout ? mixed : dense)++;
                    reordered += order.empty() ? 0 : 1;
                    EXPECT_TRUE(site != Site::MlpOut || host.mlpRows.empty() || found.orders.front().empty());
                }
                EXPECT_EQ(next, found.outputs);
            }
        }
    }
    EXPECT_GT(mixed, 20);
    EXPECT_GT(columns, 20);
    EXPECT_GT(dense, 5);
    EXPECT_GT(reordered, 10);
    EXPECT_GT(movedRows, 1);
    EXPECT_GT(placed, 1);
}

TEST(HostLayer, StacksWhatOneLaunchCanCompute)
{
    const TinyCheckpoints tiny;
    const auto names = [&](const std::string& variant) {
        for (const auto& candidate : TinyCheckpoints::variants())
            if (candidate.name == variant) {
                const auto source = PackedSource::open(tiny.quantized(candidate));
                std::string all;
                for (const HostSite& site : makeHostLayer(source->packedLayer(0), kernels::Element::F16).sites)
                    for (const HostLinear& linear : site.linears)
                        all += (all.empty() ? "" : " ") + linear.name +
                               (linear.note.empty() ? "" : "(" + linear.note + ")");
                return all;
            }
        return std::string("no such variant");
    };
    EXPECT_EQ(names("rtn"), "q+k+v o gate+up down");
    EXPECT_EQ(names("rtn-5"), "q+k+v(dequantized) o(dequantized) gate+up(dequantized) down(dequantized)");
    EXPECT_EQ(names("salient-orders"), "q k v o gate+up down");
    EXPECT_EQ(names("etq"), "q k v o gate up down");
    EXPECT_EQ(names("mixed-bits"), "q k v o(dequantized) gate up down");
}

/// x·R of a dense rotation comes out of the product in the order that the linears read.
TEST(HostLayer, RotationsGiveTheFirstOrder)
{
    const TinyCheckpoints tiny;
    int turned = 0;
    for (const auto& variant : TinyCheckpoints::variants()) {
        const auto source = PackedSource::open(tiny.quantized(variant));
        const HostLayer host = makeHostLayer(source->packedLayer(0), kernels::Element::F16);
        const LayerWeights weights = source->layer(0);
        for (const Site site : kAllSites) {
            SCOPED_TRACE(variant.name + " " + std::string(name(site)));
            const HostSite& found = host.sites[static_cast<std::size_t>(site)];
            EXPECT_EQ(found.turns(), weights.rotation(site).defined());
            if (!found.dense.defined())
                continue;
            ++turned;
            const ChannelOrder& order = found.orders.front();
            const at::Tensor rows = weights.rotation(site).t();
            const at::Tensor expected = order.empty() ? rows : rows.index_select(0, indexOf(order));
            EXPECT_LT(relativeError(found.dense.to(at::kFloat), expected), 1e-3);
        }
    }
    EXPECT_GT(turned, 2);
}

} // namespace
} // namespace eigenquant::test
