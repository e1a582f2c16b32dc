// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/attention.h"

#include "core/device/in_pieces.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tanh.h>

#include <cmath>
#include <limits>
#include <vector>

namespace eigenquant {
namespace {

/// Which keys each query sees, bool [tokens, length].
at::Tensor seen(std::int64_t start, std::int64_t tokens, std::int64_t length, int window, const at::Tensor& like)
{
    const auto longs = like.options().dtype(at::kLong);
    const at::Tensor key = at::arange(length, longs).unsqueeze(0);
    const at::Tensor query = at::arange(start, start + tokens, longs).unsqueeze(1);
    const at::Tensor before = key <= query;
    return window > 0 ? before.logical_and(key > query - window) : before;
}

/// The heads of queries that share keys and values in turn, so that only their scores are in memory at once.
at::Tensor attendCapped(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& mask,
                        const AttentionRule& rule)
{
    const std::int64_t group = q.size(1) / k.size(1);
    const double scale = rule.scale.value_or(1 / std::sqrt(static_cast<double>(q.size(3))));
    std::vector<at::Tensor> mixed;
    for (std::int64_t head = 0; head < q.size(1); ++head) {
        const at::Tensor keys = k.select(1, head / group), values = v.select(1, head / group);
        const at::Tensor scores = at::matmul(q.select(1, head), keys.transpose(1, 2)) * (scale / rule.cap);
        const at::Tensor bounded = inPieces(scores, [](const at::Tensor& part) { return at::tanh(part); }) * rule.cap;
        const at::Tensor capped = bounded.masked_fill(~mask, -std::numeric_limits<double>::infinity());
        mixed.push_back(at::matmul(at::softmax(capped, -1, at::kFloat).to(q.scalar_type()), values).unsqueeze(1));
    }
    return at::cat(mixed, 1);
}

/// One token of each sequence: heads of queries that share keys lie one behind the other, so that no key is copied.
at::Tensor attendOneToken(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionRule& rule)
{
    const std::int64_t sequences = q.size(0), heads = q.size(1), kvHeads = k.size(1), headDim = q.size(3);
    const at::Tensor grouped = q.reshape({sequences, kvHeads, heads / kvHeads, headDim});
    return at::scaled_dot_product_attention(grouped, k, v, {}, 0.0, false, rule.scale)
        .reshape({sequences, heads, 1, headDim});
}

} // namespace

AttentionRule attentionRule(const ModelConfig& config, int layer)
{
    AttentionRule rule{{}, config.attentionCap, config.window(layer)};
    if (config.queryScalar > 0)
        rule.scale = 1 / std::sqrt(config.queryScalar);
    return rule;
}

at::Tensor attendCausally(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t start,
                          const AttentionRule& rule)
{
    const std::int64_t tokens = q.size(2), length = k.size(2), group = q.size(1) / k.size(1);
    const bool windowed = rule.window > 0 && rule.window < length;
    if (rule.cap > 0)
        return attendCapped(q, k, v, seen(start, tokens, length, rule.window, q), rule);
    if (tokens == 1) {
        const std::int64_t count = windowed ? rule.window : length;
        return attendOneToken(q, k.narrow(2, length - count, count), v.narrow(2, length - count, count), rule);
    }
    const auto perHead = [&](const at::Tensor& t) { return group == 1 ? t : t.repeat_interleave(group, 1); };
    if (start == 0 && !windowed)
        return at::scaled_dot_product_attention(q, perHead(k), perHead(v), {}, 0.0, /*is_causal=*/true, rule.scale);
    return at::scaled_dot_product_attention(q, perHead(k), perHead(v), seen(start, tokens, length, rule.window, q), 0.0,
                                            false, rule.scale);
}

} // namespace eigenquant
