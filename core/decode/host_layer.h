// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/quant/quantize_layer.h"
#include "kernels/common/half.h"
#include "kernels/layout/mixed_layout.h"
#include "kernels/layout/pack_columns.h"

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// A decoder layer in main memory as the GPU will hold it: which linears are one launch, in which layout, and in which
/// order each of them wants its channels.
namespace eigenquant {

/// Channels as a linear reads them: channel j of what it is given is channel order[j] of the site's basis. Empty: as
/// they are. Longer than the basis where columns are filled up to whole blocks, with channels that come twice.
using ChannelOrder = std::vector<std::int32_t>;

/// Linears of one site that are one product, one above the other.
struct HostLinear {
    std::string name;         ///< "q+k+v"
    std::string note;         ///< why it is dense: "float", "dequantized"; empty for one that kernels of ours compute
    int rows = 0, columns = 0;
    int firstRow = 0;         ///< of the outputs of all of the site's linears
    std::size_t view = 0;     ///< which of the site's orders it reads
    std::optional<kernels::MixedLayout> layout; ///< of a mixed linear
    std::optional<kernels::PackedColumns> columnCodes; ///< of a linear whose columns have codes of their own; all of it
    at::Tensor weight; ///< of a mixed linear its blocks, uint8 [layout.bytes()]; of a dense linear elements [rows,
                       ///< columns]
    at::Tensor bias;          ///< float32 [rows], or undefined
};

/// What a site does at run time, and the linears that read it.
struct HostSite {
    int channels = 0;
    int outputs = 0;                   ///< rows of all its linears
    std::vector<ChannelOrder> orders;  ///< all that its linears want, at least one, each once
    std::vector<HostLinear> linears;
    /// Whether an order is longer than the basis. No order is empty then.
    bool padded = false;
    /// A dense rotation as the weight of a product, elements [channels, channels]: row j is column orders[0][j] of
    /// R, so that it gives the channels in the first order. Undefined if there is none.
    at::Tensor dense;
    /// A Hadamard transform: signs, uint8 [⌈channels/8⌉], and its dense factor, orthogonal, float32 [order, order],
    /// undefined where that is 1. Undefined if there is none.
    at::Tensor signs, factor;

    bool turns() const { return dense.defined() || signs.defined(); }
};

struct HostLayer {
    at::Tensor attentionNorm, mlpNorm; ///< float32 [hidden]
    /// The order of the rows of gate and up, where it is that of the channels which down wants: what comes out of
    /// silu(gate)·up then needs no reordering. Empty: as they are.
    ChannelOrder mlpRows;
    /// Where attention writes each channel so that they lie in the order which o wants; that order remains the site's.
    /// Empty: as they are, or where o's order is no permutation.
    ChannelOrder attentionPlaces;
    std::array<HostSite, kAllSites.size()> sites;
};

/// The libtorch type of an element.
at::ScalarType scalarType(kernels::Element element);

/// The layout of a linear that a mixed kernel computes; nothing for one that has to be dequantized.
std::optional<kernels::MixedLayout> mixedLayout(const PackedLinear& packed);
/// The order in which the fused kernels want a linear's channels: salient ones first, then the rest by rising channel.
ChannelOrder channelOrder(const PackedLinear& packed);

/// Everything is packed on all cores. A linear of Method::Float may be of any floating type.
HostLayer makeHostLayer(const PackedLayer& layer, kernels::Element element);

} // namespace eigenquant
