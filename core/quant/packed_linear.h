// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/quant/grid.h"
#include "core/results/plan.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace eigenquant {

/// A quantized linear as it is stored. Its input channels are those of its site's basis: the salient ones lie
/// in FP16, the others, by rising channel, as codes on a uniform grid.
struct PackedLinear {
    LinearPlan plan;
    std::int64_t outFeatures = 0;
    std::int64_t inFeatures = 0;
    at::Tensor codes;   ///< uint8 [out, packedRowBytes(rest, bits)]
    at::Tensor scales;  ///< float16 [out, groups]
    at::Tensor zeros;   ///< uint8 [out, packedRowBytes(groups, bits)]; undefined for a symmetric grid
    at::Tensor salient; ///< float16 [out, K]; a linear left alone has all its channels here
    std::vector<int> salientChannels; ///< rising; [K]
    at::Tensor bias;    ///< float32 [out], or undefined

    GridSpec grid() const { return {plan.bits, plan.groupSize, plan.symmetric}; }
};

/// Rounds and packs a weight, float32 [out, in], given in its site's basis.
PackedLinear packLinear(const at::Tensor& weight, const LinearPlan& plan, std::vector<int> salientChannels);

/// The float32 weight [out, in] that is stored, in its site's basis.
at::Tensor unpackLinear(const PackedLinear& packed);

} // namespace eigenquant
