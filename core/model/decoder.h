// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/device/device.h"
#include "core/model/rope.h"
#include "core/model/weights.h"

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace eigenquant {

/// Sees the activation X [tokens, channels] of a site as its linears read it, before any rotation.
using SiteObserver = std::function<void(SiteId, const at::Tensor&)>;

/// The forward pass of a decoder-only transformer, one sequence at a time, on libtorch.
class Decoder {
public:
    /// Reads all weights of the source onto the target. Stoppable.
    Decoder(const WeightSource& source, ComputeTarget target, const RunContext& context);

    const ModelConfig& config() const { return m_config; }
    const ComputeTarget& target() const { return m_target; }

    /// The hidden states [tokens, hidden] behind the last norm. Error::usage for an id outside the vocabulary.
    at::Tensor hidden(std::span<const std::int32_t> ids, const RunContext& context,
                      const SiteObserver& observe = {}) const;

    /// Hidden states through one decoder layer: [tokens, hidden] in and out.
    at::Tensor layer(int index, const at::Tensor& hidden, const RopeTable& rope, const SiteObserver& observe = {}) const;

    /// logits [tokens, vocab] of hidden states.
    at::Tensor logits(const at::Tensor& hidden) const;

private:
    /// A layer as it is computed: linears that read the same activation are one matrix, which is one product
    /// in place of two or three.
    struct Block {
        at::Tensor attentionNorm, mlpNorm;
        LinearWeights qkv, o, gateUp, down;
        std::array<at::Tensor, kAllSites.size()> rotations;

        const at::Tensor& rotation(Site site) const { return rotations[static_cast<std::size_t>(site)]; }
    };
    static Block makeBlock(LayerWeights weights, const ComputeTarget& target);

    at::Tensor attention(const Block& block, const at::Tensor& site, int index, const RopeTable& rope,
                         const SiteObserver& observe) const;
    at::Tensor mlp(const Block& block, const at::Tensor& site, int index, const SiteObserver& observe) const;
    at::Tensor norm(const at::Tensor& x, const at::Tensor& gain) const;
    const RopeTable& rope(int length) const;

    ModelConfig m_config;
    ComputeTarget m_target;
    OuterWeights m_outer;
    std::vector<Block> m_blocks;
    mutable RopeTable m_rope;     ///< of the last length: windows share theirs
    mutable int m_ropeLength = 0;
};

} // namespace eigenquant
