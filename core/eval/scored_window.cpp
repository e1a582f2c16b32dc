// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/scored_window.h"

#include <ATen/ops/gather.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

namespace eigenquant {
namespace {

// About this many logits at a time: smaller runs would spend their time on reading the head again and again.
constexpr std::int64_t kScoredLogits = 48 << 20;

} // namespace

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
