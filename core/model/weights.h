// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/config.h"
#include "core/model/tensor_names.h"
#include "core/results/site.h"

#include <ATen/core/Tensor.h>

#include <array>
#include <string_view>
#include <vector>

namespace eigenquant {

/// y = x Wᵀ + b.
struct LinearWeights {
    at::Tensor weight; ///< [out, in]
    at::Tensor bias;   ///< [out], or undefined
};

/// What a decoder layer has beside its linears: gains and biases of norms, undefined where it has none. A gain is what
/// the normed activation is multiplied with, whatever a file stores.
struct LayerVectors {
    at::Tensor attentionNorm, attentionNormBias; ///< [hidden]
    at::Tensor mlpNorm, mlpNormBias;             ///< [hidden]
    at::Tensor attentionOutNorm, mlpOutNorm;     ///< [hidden]: on what attention and MLP put out
    at::Tensor queryNorm, keyNorm;               ///< [headDim]

    at::Tensor& vector(VectorRole role);
    const at::Tensor& vector(VectorRole role) const;
};

/// One decoder layer. Where a site has a rotation, its linears read x·R in place of x.
struct LayerWeights : LayerVectors {
    std::array<LinearWeights, kAllRoles.size()> linears;
    std::array<at::Tensor, kAllSites.size()> rotations; ///< [channels, channels], or undefined

    LinearWeights& linear(LinearRole role) { return linears[static_cast<std::size_t>(role)]; }
    const LinearWeights& linear(LinearRole role) const { return linears[static_cast<std::size_t>(role)]; }
    at::Tensor& rotation(Site site) { return rotations[static_cast<std::size_t>(site)]; }
    const at::Tensor& rotation(Site site) const { return rotations[static_cast<std::size_t>(site)]; }
};

/// What comes before and after the decoder layers.
struct OuterWeights {
    at::Tensor embedding; ///< [vocab, width], of which the width is the hidden size unless it is projected
    at::Tensor finalNorm, finalNormBias; ///< [hidden], or undefined
    at::Tensor head;      ///< [vocab, width]; the embedding itself where the two are tied
    at::Tensor positions; ///< [offset + context, hidden], or undefined
    at::Tensor projectIn, projectOut; ///< [hidden, width] and [width, hidden], or undefined

    at::Tensor& tensor(OuterRole role);
    const at::Tensor& tensor(OuterRole role) const;
};

/// What a model has beside its linears, after the config: the role, what packed checkpoints call it, and its shape.
/// The head is left out where it is the embedding.
struct OuterSpec {
    OuterRole role;
    std::string_view name;
    std::vector<std::int64_t> shape;
};
std::vector<OuterSpec> outerSpecs(const ModelConfig& config);
struct VectorSpec {
    VectorRole role;
    std::string_view name;
    std::int64_t size;
};
std::vector<VectorSpec> vectorSpecs(const ModelConfig& config);
/// Whether a role is the gain of a norm, which some formats store less 1.
bool isGain(VectorRole role);
bool isGain(OuterRole role);
/// Whether it is gain or bias of a norm on the residual stream, which some checkpoints leave out.
bool isStreamNorm(VectorRole role);

/// Rows of the embedding or the head: words of the vocabulary.
struct Words {
    std::int64_t begin = 0;
    std::int64_t count = 0;
};
/// Embedding and head are read, turned and written so many rows at a time.
inline constexpr std::int64_t kWordsAtATime = 8192;
/// All words, in runs of `atATime`, of which the last may be shorter.
std::vector<Words> wordsInRuns(std::int64_t vocabSize, std::int64_t atATime = kWordsAtATime);

/// Where weights come from, layer by layer, as float32 on the CPU. Implementations check shapes and values
/// as they read: Error::invalid names the tensor.
class WeightSource {
public:
    virtual ~WeightSource() = default;
    virtual const ModelConfig& config() const = 0;
    /// What is outside of the layers but for embedding and head, which a large vocabulary makes the largest
    /// matrices of a model.
    virtual OuterWeights smallOuter() const = 0;
    /// Rows of the embedding or the head, [words, width].
    virtual at::Tensor rows(OuterRole matrix, Words words) const = 0;
    virtual LayerWeights layer(int index) const = 0;

    /// All that is outside of the layers. Where embedding and head are tied they are the same tensor.
    OuterWeights outer() const;

protected:
    /// The tensor that a role has rows of: the embedding is the head where the two are tied.
    OuterRole storedRole(OuterRole matrix) const;
};

/// [out, in] of a linear, after the config.
std::array<std::int64_t, 2> linearShape(const ModelConfig& config, LinearRole role);
/// The number of channels of a site, after the config.
std::int64_t siteChannels(const ModelConfig& config, Site site);
/// Whether a linear has a bias, after the config.
bool hasBias(const ModelConfig& config, LinearRole role);

} // namespace eigenquant
