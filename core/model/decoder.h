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

/// Is given what the linears of a site make of it, y [tokens, out of all of them, one behind the other] in the order
/// of kAllRoles, and gives back what the pass goes on with (and may overwrite): y itself, or y with an error added.
using OutputHook = std::function<at::Tensor(SiteId, const at::Tensor&)>;

/// Mixes queries [heads, tokens, headDim] with keys and values [kvHeads, tokens, headDim], all in their positions,
/// to [heads, tokens, headDim]: what stands in for causal attention among the tokens of one pass, such as one with
/// a cache.
using Attend = std::function<at::Tensor(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v)>;

/// Whether embedding and head are held, or their rows read when they are wanted: a large vocabulary makes them the
/// largest matrices of a model.
enum class EndsPlace { Held, Read };

/// The forward pass of a decoder-only transformer, one sequence at a time, on libtorch.
class Decoder {
public:
    /// Reads all weights of the source onto the target. Stoppable.
    Decoder(const WeightSource& source, ComputeTarget target, const RunContext& context);

    /// Reads what is before and behind the layers alone; replaceLayer() brings a layer before it is computed.
    /// Where `ends` are read, the source outlives the decoder and its copies.
    static Decoder withoutLayers(const WeightSource& source, ComputeTarget target,
                                 EndsPlace ends = EndsPlace::Held);

    const ModelConfig& config() const { return m_config; }
    const ComputeTarget& target() const { return m_target; }
    /// Memory of all weights and rotations, bytes.
    std::uint64_t weightBytes() const;

    /// The hidden states [tokens, hidden] behind the last norm. Error::usage for an id outside the vocabulary.
    at::Tensor hidden(std::span<const std::int32_t> ids, const RunContext& context,
                      const SiteObserver& observe = {}) const;

    /// The three steps of hidden(), for those that go layer by layer: the first hidden states [tokens, hidden] of
    /// `sequences` sequences one behind the other, the first token of each at position `start`, ...
    at::Tensor embed(std::span<const std::int32_t> ids, int start = 0, int sequences = 1) const;
    /// ... hidden states through one decoder layer, [tokens, hidden] in and out (with `attend`, tokens of any
    /// sequences; the table has their positions), ...
    at::Tensor layer(int index, const at::Tensor& hidden, const RopeTable& rope, const SiteObserver& observe = {},
                     const OutputHook& hook = {}, const Attend& attend = {}) const;
    /// ... and the last norm. All of them can be differentiated with libtorch's autograd.
    at::Tensor lastNorm(const at::Tensor& hidden) const;

    /// logits [tokens, vocab] of hidden states.
    at::Tensor logits(const at::Tensor& hidden) const;
    /// Whether the head is in memory. Where it is not, logits() reads it anew every time; what can do without all
    /// logits at once takes these two: rows of the head, [words, width], and the logits [tokens, words] that they
    /// make.
    bool holdsHead() const { return m_ends == nullptr; }
    at::Tensor headRows(Words words) const;
    at::Tensor logits(const at::Tensor& hidden, const at::Tensor& headRows) const;

    /// Takes other weights for one layer. A copy of a decoder shares all weights with it, so that a copy with some
    /// layers replaced costs no more than these.
    void replaceLayer(int index, const LayerWeights& weights);
    /// The same with a layer of another decoder of the same shape, whose weights it then shares.
    void replaceLayer(int index, const Decoder& other);
    /// Gives up the weights of a layer, which must not be computed before it is replaced.
    void dropLayer(int index);

private:
    Decoder(const WeightSource& source, ComputeTarget target, EndsPlace ends);
    at::Tensor held(const WeightSource& source, OuterRole matrix) const;
    at::Tensor embeddings(std::span<const std::int32_t> ids) const;

    /// A layer as it is computed: linears that read the same activation are one matrix, which is one product
    /// in place of two or three.
    struct Block {
        LayerVectors vectors;
        LinearWeights qkv, o, gateUp, down;
        std::array<at::Tensor, kAllSites.size()> rotations;

        const at::Tensor& rotation(Site site) const { return rotations[static_cast<std::size_t>(site)]; }
    };
    static Block makeBlock(const LayerWeights& weights, const ComputeTarget& target);

    at::Tensor attention(const Block& block, const at::Tensor& site, int index, const RopeTable& rope,
                         const SiteObserver& observe, const OutputHook& hook, const Attend& attend) const;
    at::Tensor mlp(const Block& block, const at::Tensor& site, int index, const SiteObserver& observe,
                   const OutputHook& hook) const;
    at::Tensor headNorm(const at::Tensor& heads, const at::Tensor& gain) const;
    at::Tensor activated(const at::Tensor& both) const;
    at::Tensor norm(const at::Tensor& x, const at::Tensor& gain, const at::Tensor& bias) const;
    at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& gain) const;
    const RopeTable& rope(int length) const;

    ModelConfig m_config;
    ComputeTarget m_target;
    OuterWeights m_outer;                 ///< without embedding and head where these are read
    const WeightSource* m_ends = nullptr; ///< what they are read from
    std::vector<Block> m_blocks;
    mutable RopeTable m_rope;     ///< of the last length: windows share theirs
    mutable int m_ropeLength = 0;
};

} // namespace eigenquant
