// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/config.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace eigenquant {

/// The angular frequencies of the rotary positions and the factor on cos and sin.
struct RopeFrequencies {
    std::vector<double> inverse; ///< [headDim / 2]
    double attentionFactor = 1;
};

/// Frequencies for a sequence of `length` tokens, after the scaling type of the config (as
/// transformers' modeling_rope_utils defines them; only dynamic and longrope depend on the length).
RopeFrequencies ropeFrequencies(const ModelConfig& config, int length);

/// cos and sin of every position 0..length-1, float32 [length, headDim], each half of a row the same.
struct RopeTable {
    at::Tensor cos, sin;
};
RopeTable ropeTable(const ModelConfig& config, int length, c10::Device device, c10::ScalarType dtype);

/// Rotates x [heads, length, headDim]: x·cos + rotateHalf(x)·sin.
at::Tensor applyRope(const at::Tensor& x, const RopeTable& table);

} // namespace eigenquant
