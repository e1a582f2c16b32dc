// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/host_layer.h"

#include "core/decode/column_linear.h"
#include "core/quant/hadamard.h"
#include "core/quant/salient.h"
#include "kernels/layout/pack_mixed.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

namespace eigenquant {
namespace {

/// A linear of the layer, before it is put together with others.
struct Candidate {
    const PackedLinear* packed = nullptr;
    std::optional<kernels::MixedLayout> layout;
    ChannelOrder order;
    std::optional<kernels::PackedColumns> columnCodes;
};

Candidate candidate(const PackedLinear& packed, kernels::Element element)
{
    if (hasColumnCodes(packed)) {
        kernels::PackedColumns columns = packedColumns(packed, element);
        ChannelOrder order = columns.order;
        return {&packed, {}, std::move(order), std::move(columns)};
    }
    const auto layout = mixedLayout(packed);
    // What is dequantized is dequantized in the order of its basis.
    return {&packed, layout, layout ? channelOrder(packed) : ChannelOrder{}, {}};
}

bool isFloat(const PackedLinear& packed)
{
    return packed.plan.method == Method::Float;
}

/// Whether one launch can compute both.
bool fitTogether(const Candidate& a, const Candidate& b)
{
    if (a.columnCodes || b.columnCodes)
        return false;
    if (!a.layout || !b.layout)
        return !a.layout && !b.layout && isFloat(*a.packed) == isFloat(*b.packed);
    kernels::MixedLayout sameRows = *b.layout;
    sameRows.rows = a.layout->rows;
    return *a.layout == sameRows && a.order == b.order;
}

template <class Part>
at::Tensor stackedRows(const std::vector<Candidate>& members, Part part)
{
    std::vector<at::Tensor> rows;
    for (const Candidate& member : members)
        rows.push_back(part(*member.packed));
    return rows.size() == 1 ? rows.front().contiguous() : at::cat(rows).contiguous();
}

at::Tensor stackedBias(const std::vector<Candidate>& members)
{
    if (std::none_of(members.begin(), members.end(), [](const Candidate& m) { return m.packed->bias.defined(); }))
        return {};
    return stackedRows(members, [](const PackedLinear& packed) {
        return packed.bias.defined() ? packed.bias.to(at::kFloat) : at::zeros({packed.outFeatures}, at::kFloat);
    });
}

const std::uint16_t* bits(const at::Tensor& tensor)
{
    return static_cast<const std::uint16_t*>(tensor.const_data_ptr());
}

/// The blocks of mixed_layout.h, uint8.
at::Tensor packedBlocks(const std::vector<Candidate>& members, const kernels::MixedLayout& layout,
                        kernels::Element element)
{
    const at::Tensor codes = stackedRows(members, [&](const PackedLinear& packed) {
        return unpackRows(packed.part("codes"), layout.codeColumns(), layout.bits);
    });
    const at::Tensor scales = stackedRows(members, [](const PackedLinear& packed) { return packed.part("scales"); });
    const at::Tensor salient = stackedRows(
        members, [&](const PackedLinear& packed) { return packed.part("salient").to(scalarType(element)); });
    at::Tensor zeros;
    if (!layout.symmetric)
        zeros = stackedRows(members, [&](const PackedLinear& packed) {
            return unpackRows(packed.part("zeros"), kernels::codeGroups(layout), layout.bits);
        });
    kernels::MixedSource source;
    source.layout = layout;
    source.codes = codes.const_data_ptr<std::uint8_t>();
    source.scales = bits(scales);
    source.zeros = zeros.defined() ? zeros.const_data_ptr<std::uint8_t>() : nullptr;
    source.salient = bits(salient);
    at::Tensor blocks = at::empty({static_cast<std::int64_t>(layout.bytes())}, at::kByte);
    at::parallel_for(0, layout.strips(), 1, [&](std::int64_t begin, std::int64_t end) {
        kernels::packMixedStrips(source, static_cast<int>(begin), static_cast<int>(end), blocks.data_ptr());
    });
    return blocks;
}

HostLinear makeLinear(std::vector<Candidate> members, kernels::Element element)
{
    HostLinear linear;
    for (const Candidate& member : members) {
        if (!linear.name.empty())
            linear.name += '+';
        linear.name += name(member.packed->plan.id.role);
        linear.rows += static_cast<int>(member.packed->outFeatures);
    }
    linear.columns = static_cast<int>(members.front().packed->inFeatures);
    linear.bias = stackedBias(members);
    if (members.front().columnCodes) {
        linear.columnCodes = std::move(members.front().columnCodes);
    } else if (members.front().layout) {
        linear.layout = members.front().layout;
        linear.layout->rows = linear.rows;
        linear.weight = packedBlocks(members, *linear.layout, element);
    } else {
        linear.note = isFloat(*members.front().packed) ? "float" : "dequantized";
        linear.weight = stackedRows(members, [&](const PackedLinear& packed) {
            return (isFloat(packed) ? packed.part("salient") : unpackLinear(packed)).to(scalarType(element));
        });
    }
    return linear;
}

std::size_t viewOf(std::vector<ChannelOrder>& orders, const ChannelOrder& order)
{
    const auto found = std::find(orders.begin(), orders.end(), order);
    if (found == orders.end())
        orders.push_back(order);
    return static_cast<std::size_t>(std::find(orders.begin(), orders.end(), order) - orders.begin());
}

/// The rotation of a site as its first order wants it; see HostSite.
void placeRotation(HostSite& site, const std::map<std::string, at::Tensor>& parts, kernels::Element element)
{
    if (const auto dense = parts.find("rotation"); dense != parts.end()) {
        at::Tensor columns = dense->second.t();
        if (const ChannelOrder& order = site.orders.front(); !order.empty())
            columns = columns.index_select(0, at::tensor(at::ArrayRef<std::int32_t>(order), at::kInt));
        site.dense = columns.to(scalarType(element)).contiguous();
        return;
    }
    const auto signs = parts.find("signs");
    if (signs == parts.end())
        return;
    const auto block = parts.find("block");
    const HadamardTransform transform = HadamardTransform::fromStored(
        site.channels, signs->second, block == parts.end() ? at::Tensor() : block->second);
    site.signs = transform.signs();
    if (transform.factors().order > 1)
        site.factor = transform.factor().to(at::kFloat).contiguous();
}

HostSite makeSite(std::vector<Candidate> candidates, const std::map<std::string, at::Tensor>& parts,
                  kernels::Element element)
{
    HostSite site;
    site.channels = static_cast<int>(candidates.front().packed->inFeatures);
    for (std::size_t begin = 0; begin < candidates.size();) {
        std::size_t end = begin + 1;
        while (end < candidates.size() && fitTogether(candidates[begin], candidates[end]))
            ++end;
        const auto first = std::make_move_iterator(candidates.begin());
        const std::size_t view = viewOf(site.orders, candidates[begin].order);
        HostLinear linear = makeLinear({first + static_cast<std::ptrdiff_t>(begin),
                                        first + static_cast<std::ptrdiff_t>(end)}, element);
        linear.firstRow = site.outputs;
        linear.view = view;
        site.outputs += linear.rows;
        site.linears.push_back(std::move(linear));
        begin = end;
    }
    site.padded = std::any_of(site.orders.begin(), site.orders.end(), [&](const ChannelOrder& order) {
        return order.size() > static_cast<std::size_t>(site.channels);
    });
    for (ChannelOrder& order : site.orders)
        if (site.padded && order.empty()) {
            order.resize(static_cast<std::size_t>(site.channels));
            std::iota(order.begin(), order.end(), 0);
        }
    placeRotation(site, parts, element);
    return site;
}

/// The same linear with its rows in another order; not for column codes, whose streams run down the rows.
PackedLinear withRows(PackedLinear linear, const at::Tensor& order)
{
    for (auto& [name, part] : linear.parts)
        if (name != "salient_index")
            part = part.index_select(0, order);
    if (linear.bias.defined())
        linear.bias = linear.bias.index_select(0, order);
    return linear;
}

/// The order that down wants, if the rows of gate and up can be brought into it.
ChannelOrder orderOfMlpRows(const PackedLayer& layer)
{
    const auto linear = [&](LinearRole role) -> const PackedLinear& {
        return layer.linears[static_cast<std::size_t>(role)];
    };
    const PackedLinear& down = linear(LinearRole::Down);
    if (!layer.sites[static_cast<std::size_t>(Site::MlpOut)].empty() || hasColumnCodes(down) || !mixedLayout(down) ||
        hasColumnCodes(linear(LinearRole::Gate)) || hasColumnCodes(linear(LinearRole::Up)))
        return {};
    return channelOrder(down);
}

/// The inverse of an order; empty where it has none, as with channels that come twice.
ChannelOrder placesOf(const ChannelOrder& order, int channels)
{
    if (order.size() != static_cast<std::size_t>(channels))
        return {};
    ChannelOrder places(order.size(), -1);
    for (std::size_t j = 0; j < order.size(); ++j)
        places[static_cast<std::size_t>(order[j])] = static_cast<std::int32_t>(j);
    return std::find(places.begin(), places.end(), -1) == places.end() ? places : ChannelOrder{};
}

} // namespace

at::ScalarType scalarType(kernels::Element element)
{
    return element == kernels::Element::F16 ? at::kHalf : at::kBFloat16;
}

std::optional<kernels::MixedLayout> mixedLayout(const PackedLinear& packed)
{
    const LinearPlan& plan = packed.plan;
    if (!usesGrid(plan.method) || plan.salient >= packed.inFeatures)
        return {};
    kernels::MixedLayout layout;
    layout.rows = static_cast<int>(packed.outFeatures);
    layout.columns = static_cast<int>(packed.inFeatures);
    layout.salient = plan.salient;
    layout.bits = plan.gridBits();
    layout.symmetric = plan.symmetric;
    // One scale for the whole row is a group of at least its length.
    const bool wholeRow = plan.groupSize == 0 || plan.groupSize >= layout.codeColumns();
    const int blocks = (layout.codeColumns() + kernels::kCodeColumns - 1) / kernels::kCodeColumns;
    layout.groupSize = wholeRow ? blocks * kernels::kCodeColumns : plan.groupSize;
    return kernels::isMixedLayout(layout) ? std::optional(layout) : std::nullopt;
}

ChannelOrder channelOrder(const PackedLinear& packed)
{
    if (!packed.has("salient_index"))
        return {};
    const at::Tensor& index = packed.part("salient_index");
    const int* first = index.const_data_ptr<int>();
    std::vector<int> order(first, first + index.numel());
    const std::vector<int> rest = remainingChannels(order, static_cast<int>(packed.inFeatures));
    order.insert(order.end(), rest.begin(), rest.end());
    return std::is_sorted(order.begin(), order.end()) ? ChannelOrder{} : ChannelOrder(order.begin(), order.end());
}

HostLayer makeHostLayer(const PackedLayer& stored, kernels::Element element)
{
    HostLayer host;
    PackedLayer layer = stored;
    host.mlpRows = orderOfMlpRows(stored);
    if (!host.mlpRows.empty())
        for (const LinearRole role : {LinearRole::Gate, LinearRole::Up}) {
            PackedLinear& linear = layer.linears[static_cast<std::size_t>(role)];
            linear = withRows(linear, at::tensor(at::ArrayRef<std::int32_t>(host.mlpRows), at::kInt));
        }
    host.attentionNorm = layer.attentionNorm.to(at::kFloat).contiguous();
    host.mlpNorm = layer.mlpNorm.to(at::kFloat).contiguous();
    // Column codes are packed on one core a linear, so all linears at once.
    std::array<Candidate, kAllRoles.size()> all;
    at::parallel_for(0, static_cast<std::int64_t>(all.size()), 1, [&](std::int64_t begin, std::int64_t end) {
        for (auto role = static_cast<std::size_t>(begin); role < static_cast<std::size_t>(end); ++role)
            all[role] = candidate(layer.linears[role], element);
    });
    if (!host.mlpRows.empty())
        all[static_cast<std::size_t>(LinearRole::Down)].order.clear();
    for (const Site site : kAllSites) {
        std::vector<Candidate> candidates;
        for (const LinearRole role : kAllRoles)
            if (siteOf(role) == site)
                candidates.push_back(std::move(all[static_cast<std::size_t>(role)]));
        const auto index = static_cast<std::size_t>(site);
        host.sites[index] = makeSite(std::move(candidates), layer.sites[index], element);
    }
    const HostSite& attentionOut = host.sites[static_cast<std::size_t>(Site::AttnOut)];
    host.attentionPlaces = placesOf(attentionOut.orders.front(), attentionOut.channels);
    return host;
}

} // namespace eigenquant
