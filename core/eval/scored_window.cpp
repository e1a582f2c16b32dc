// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/scored_window.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/logaddexp.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

namespace eigenquant {
ScoredWindow::ScoredWindow(const Decoder& decoder, std::span<const std::int32_t> ids, const RunContext& context)
    : ScoredWindow(decoder, decoder.hidden(ids, context), ids)
{
}

ScoredWindow::ScoredWindow(const Decoder& decoder, at::Tensor hidden, std::span<const std::int32_t> ids)
    : m_decoder(decoder), m_predictions(static_cast<std::int64_t>(ids.size()) - 1), m_hidden(std::move(hidden)),
      m_targets(at::tensor(at::ArrayRef<std::int32_t>(ids.data() + 1, ids.size() - 1), at::kInt)
                    .to(decoder.target().device, at::kLong))
{
}

std::vector<ScoredRows> ScoredWindow::runs() const
{
    const std::int64_t length = std::max<std::int64_t>(1, kScoredLogits / m_decoder.config().vocabSize);
    std::vector<ScoredRows> runs;
    for (std::int64_t begin = 0; begin < m_predictions; begin += length)
        runs.push_back({begin, std::min(length, m_predictions - begin)});
    return runs;
}

double ScoredWindow::negativeLogLikelihood(const RunContext& context) const
{
    const at::Tensor hidden = m_hidden.narrow(0, 0, m_predictions);
    const auto wide = at::TensorOptions(at::kDouble).device(hidden.device());
    at::Tensor whole = at::full({m_predictions}, -INFINITY, wide); // log Σ exp of the words so far
    at::Tensor followed = at::zeros({m_predictions}, wide);
    const std::int64_t words = std::clamp<std::int64_t>(kScoredLogits / m_predictions, 1, kWordsAtATime);
    for (const Words run : wordsInRuns(m_decoder.config().vocabSize, words)) {
        context.checkpoint();
        const at::Tensor logits = m_decoder.logits(hidden, m_decoder.headRows(run)).to(at::kFloat);
        whole = at::logaddexp(whole, at::logsumexp(logits, 1).to(at::kDouble));
        const at::Tensor place = m_targets - run.begin;
        const at::Tensor column = place.clamp(0, run.count - 1).unsqueeze(1);
        const at::Tensor found = logits.gather(1, column).squeeze(1).to(at::kDouble);
        followed = at::where((place >= 0).logical_and(place < run.count), found, followed);
    }
    return (whole - followed).sum().item<double>();
}

at::Tensor ScoredWindow::logProbabilities(ScoredRows rows) const
{
    return at::log_softmax(m_decoder.logits(m_hidden.narrow(0, rows.begin, rows.count)), 1, at::kFloat);
}

double ScoredWindow::negativeLogLikelihood(const at::Tensor& logProbabilities, ScoredRows rows) const
{
    const at::Tensor targets = m_targets.narrow(0, rows.begin, rows.count).unsqueeze(1);
    return -logProbabilities.gather(1, targets).sum(at::kDouble).item<double>();
}

} // namespace eigenquant
