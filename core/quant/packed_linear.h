// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/quant/grid.h"
#include "core/results/plan.h"

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

namespace eigenquant {

/// A quantized linear as it is stored: the tensors that linearParts() lists, by name. Its input channels are those of
/// its site's basis.
struct PackedLinear {
    LinearPlan plan;
    std::int64_t outFeatures = 0;
    std::int64_t inFeatures = 0;
    std::map<std::string, at::Tensor> parts;
    at::Tensor bias; ///< float32 [out], or undefined

    bool has(const std::string& name) const { return parts.contains(name); }
    const at::Tensor& part(const std::string& name) const { return parts.at(name); }
};

/// A linear left alone, in FP16. Error::unsupported for weights beyond it.
PackedLinear packFloat(const at::Tensor& weight, const LinearPlan& plan);

/// A linear on a uniform grid: `salient` channels (rising) of the weight, float32 [out, in], lie in FP16; the others,
/// by rising channel, are the codes. `leads`: the salient channels are the first ones and need no index.
PackedLinear packGrid(const at::Tensor& weight, const LinearPlan& plan, const std::vector<int>& salient,
                      const GridCodes& rest, bool leads);

/// The float32 weight [out, in] that is stored, in its site's basis. Error::invalid for parts that contradict
/// each other, as those of a file may.
at::Tensor unpackLinear(const PackedLinear& packed, c10::Device device = c10::kCPU);

/// Codes below 2^width, uint8 [rows, count], one packed row after the other: uint8 [rows, packedRowBytes].
at::Tensor packRows(const at::Tensor& codes, int width);
at::Tensor unpackRows(const at::Tensor& packed, std::int64_t count, int width);

/// float16 of a weight; Error::unsupported names the linear if a value is beyond it.
at::Tensor toHalf(const at::Tensor& weight, LinearId id);

} // namespace eigenquant
