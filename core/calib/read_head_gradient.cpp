// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/read_head_gradient.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/logaddexp.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace eigenquant {
namespace {

/// Rounding may leave the probabilities' sum, in float64, a little below one: every draw has to be passed by it.
constexpr double kLargestDraw = 1 - 1e-9;

at::Tensor logSumOfAll(const Decoder& decoder, const at::Tensor& hidden, const std::vector<Words>& runs,
                       const RunContext& context)
{
    at::Tensor sum = at::full({hidden.size(0)}, -INFINITY, at::TensorOptions(at::kDouble).device(hidden.device()));
    for (const Words run : runs) {
        context.checkpoint();
        const at::Tensor logits = decoder.logits(hidden, decoder.headRows(run)).to(at::kDouble);
        sum = at::logaddexp(sum, at::logsumexp(logits, 1));
    }
    return sum;
}

/// The labels of all tokens, found while the words go by.
class Labels {
public:
    Labels(std::int64_t tokens, const std::function<double(std::int64_t)>& share) : m_sums(tokens, 0.0)
    {
        for (std::int64_t token = 0; token < tokens; ++token)
            m_draws.push_back(std::min(share(token), kLargestDraw));
    }

    /// onehot(label) - p for the probabilities p [tokens, words] of the next words, float64, as labels are among
    /// them.
    at::Tensor lessProbabilities(const at::Tensor& probabilities)
    {
        const at::Tensor rows = probabilities.cpu().contiguous();
        at::Tensor result = -rows;
        const std::int64_t words = rows.size(1);
        at::parallel_for(0, rows.size(0), 1, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t token = first; token < last; ++token)
                pass(token, rows.const_data_ptr<double>() + token * words,
                     result.mutable_data_ptr<double>() + token * words, words);
        });
        return result.to(probabilities.device());
    }

private:
    void pass(std::int64_t token, const double* probabilities, double* result, std::int64_t words)
    {
        double& sum = m_sums[static_cast<std::size_t>(token)];
        const double draw = m_draws[static_cast<std::size_t>(token)];
        for (std::int64_t i = 0; i < words && sum <= draw; ++i) {
            sum += probabilities[i];
            if (sum > draw)
                result[i] += 1;
        }
    }

    std::vector<double> m_sums, m_draws;
};

} // namespace

at::Tensor gradientThroughReadHead(const Decoder& decoder, const at::Tensor& hidden,
                                   const std::function<double(std::int64_t)>& share, std::int64_t values,
                                   const RunContext& context)
{
    const std::int64_t tokens = hidden.size(0);
    const at::Tensor plain = hidden.detach();
    const std::vector<Words> runs =
        wordsInRuns(decoder.config().vocabSize, std::clamp<std::int64_t>(values / tokens, 1, kWordsAtATime));
    const at::Tensor whole = logSumOfAll(decoder, plain, runs, context);
    Labels labels(tokens, share);
    at::Tensor gradient = at::zeros_like(plain, at::kFloat);
    for (const Words run : runs) {
        context.checkpoint();
        const at::Tensor leaf = plain.detach().requires_grad_(true);
        const at::Tensor logits = decoder.logits(leaf, decoder.headRows(run));
        const at::Tensor probabilities = (logits.detach().to(at::kDouble) - whole.unsqueeze(1)).exp_();
        const at::Tensor byLogits = labels.lessProbabilities(probabilities).to(logits.scalar_type());
        gradient += torch::autograd::grad({logits}, {leaf}, {byLogits}).front();
    }
    return gradient.to(hidden.scalar_type());
}

} // namespace eigenquant
