// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/config.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace eigenquant {

/// The angular frequencies of the rotary positions and the factor on cos and sin.
struct RopeFrequencies {
    std::vector<double> inverse; ///< [rotary dims / 2]
    double attentionFactor = 1;
};

/// Frequencies for a sequence of `length` tokens, after the scaling type of the config (as
/// transformers' modeling_rope_utils defines them; only dynamic and longrope depend on the length). `local`: those of
/// layers with a window, where the model has others for them.
RopeFrequencies ropeFrequencies(const ModelConfig& config, int length, bool local = false);

/// cos and sin of every position 0..length-1, float32 [length, rotary dims], each half of a row the same; undefined
/// for a model without rotary positions.
struct RopeTable {
    at::Tensor cos, sin;
    at::Tensor localCos, localSin; ///< for the layers of ModelConfig::localRope(); undefined where there are none

    /// The table that one layer turns by.
    RopeTable of(const ModelConfig& config, int layer) const;
    /// The rows of `count` positions from `first` on, `times` one after the other.
    RopeTable rows(std::int64_t first, std::int64_t count, std::int64_t times) const;
};
RopeTable ropeTable(const ModelConfig& config, int length, c10::Device device, c10::ScalarType dtype);

/// Rotates x [heads, length, headDim]: x·cos + rotateHalf(x)·sin in the first dimensions of each head, which the table
/// is as wide as; the others stay as they are.
at::Tensor applyRope(const at::Tensor& x, const RopeTable& table);

} // namespace eigenquant
