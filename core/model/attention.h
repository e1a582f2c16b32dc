// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/config.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace eigenquant {

/// How the tokens of one layer see each other.
struct AttentionRule {
    std::optional<double> scale; ///< of query·key; nothing: 1/√headDim
    double cap = 0;              ///< above 0: scores become cap·tanh(score/cap)
    int window = 0;              ///< a token sees the last so many, itself included; 0: all
};
AttentionRule attentionRule(const ModelConfig& config, int layer);

/// Causal attention of queries [sequences, heads, tokens, headDim] at positions start, start + 1, … over keys and
/// values [sequences, kvHeads, start + tokens, headDim] of all positions, to the shape of the queries.
at::Tensor attendCausally(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t start,
                          const AttentionRule& rule);

} // namespace eigenquant
