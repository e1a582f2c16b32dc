// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/model/decoder.h"

#include <cstdint>
#include <span>
#include <vector>

namespace eigenquant {

/// About this many logits are made at a time: smaller runs would spend their time on reading the head again and
/// again.
inline constexpr std::int64_t kScoredLogits = 48 << 20;

/// A run of the tokens that a window predicts, counted from its second.
struct ScoredRows {
    std::int64_t begin = 0;
    std::int64_t count = 0;
};

/// One window behind a decoder's forward pass. Its log-probabilities are large, 400 MB for 2048 tokens and 49,152
/// words in float32, so they are made in runs of rows.
class ScoredWindow {
public:
    /// The forward pass over ids [tokens], at least two.
    ScoredWindow(const Decoder& decoder, std::span<const std::int32_t> ids, const RunContext& context);
    /// The same where the hidden states [tokens, hidden] behind the last norm are known.
    ScoredWindow(const Decoder& decoder, at::Tensor hidden, std::span<const std::int32_t> ids);

    /// How many tokens the window predicts: its ids less the first.
    std::int64_t predictions() const { return m_predictions; }
    bool holdsHead() const { return m_decoder.holdsHead(); }
    /// All predictions, in runs that keep the log-probabilities at about 200 MB.
    std::vector<ScoredRows> runs() const;
    /// -Σ log p of all tokens that did follow, in nats, without all logits of a token at once, for a decoder that
    /// does not hold its head: the head is read once, and what words sum up to is joined in float64.
    double negativeLogLikelihood(const RunContext& context) const;
    /// log softmax of the logits, F32 [rows, vocab].
    at::Tensor logProbabilities(ScoredRows rows) const;
    /// -Σ log p of the tokens that did follow, in nats, summed in float64; from logProbabilities() of the same rows.
    double negativeLogLikelihood(const at::Tensor& logProbabilities, ScoredRows rows) const;

private:
    const Decoder& m_decoder;
    std::int64_t m_predictions;
    at::Tensor m_hidden;  ///< [tokens, hidden]
    at::Tensor m_targets; ///< I64 [predictions]: the ids that follow
};

} // namespace eigenquant
