// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/decoder.h"

#include <optional>

namespace eigenquant {

/// Where a pass that goes layer by layer finds each of them: in a decoder that holds them all, or read from the source
/// when it is wanted, so that no more than one is in memory. Either way a layer computes the same to the bit.
class LayerSupply {
public:
    /// The layers of a decoder, which outlives this.
    explicit LayerSupply(const Decoder& whole);
    /// One layer at a time from `source`, which outlives this; what is before and behind the layers stays, or is
    /// read too.
    LayerSupply(const WeightSource& source, ComputeTarget target, EndsPlace ends = EndsPlace::Held);

    const ModelConfig& config() const { return ends().config(); }
    const ComputeTarget& target() const { return ends().target(); }
    bool holdsAll() const { return m_whole != nullptr; }

    /// A decoder that can embed, and make logits.
    const Decoder& ends() const { return m_whole ? *m_whole : *m_streamed; }
    /// A decoder that can compute this layer, until another one is asked for or release() is called.
    const Decoder& layer(int index);
    /// Gives up the layer that was read.
    void release();

private:
    const Decoder* m_whole = nullptr;
    const WeightSource* m_source = nullptr;
    std::optional<Decoder> m_streamed;
    int m_held = -1;
};

/// The hidden states [tokens, hidden] of one sequence behind the last norm.
at::Tensor hiddenOf(LayerSupply& supply, std::span<const std::int32_t> ids, const RunContext& context);

} // namespace eigenquant
