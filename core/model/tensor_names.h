// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/site.h"

#include <array>
#include <string>

namespace eigenquant {

/// A tensor that is no part of a layer, by its role.
enum class OuterRole { Embedding, FinalNorm, FinalNormBias, Head, Positions, ProjectIn, ProjectOut };
inline constexpr std::size_t kOuterRoles = 7;
/// Whether it has a row for each word of the vocabulary.
constexpr bool hasWords(OuterRole role)
{
    return role == OuterRole::Embedding || role == OuterRole::Head;
}

/// A vector of a decoder layer beside its linears, by its role: gains and biases of its norms.
enum class VectorRole {
    AttentionNorm,
    AttentionNormBias,
    MlpNorm,
    MlpNormBias,
    AttentionOutNorm,
    MlpOutNorm,
    QueryNorm,
    KeyNorm
};
inline constexpr std::size_t kVectorRoles = 8;

/// What each tensor role of a model is called in a file format. Linears that share a name are stored as one matrix,
/// one below the other in the order of their roles. A role without a name is one that the format does not have.
struct TensorNames {
    std::string layerPrefix;                           ///< "model.layers.{}." with {} for the layer
    std::array<std::string, kOuterRoles> outer;        ///< whole names
    std::array<std::string, kVectorRoles> vectors;     ///< behind the prefix
    std::array<std::string, kAllRoles.size()> linears; ///< behind the prefix, without ".weight" or ".bias"
    bool interleavedRope = false; ///< rows of q and k lie so that neighbours make a pair, not the halves of a head

    const std::string& of(OuterRole role) const { return outer[static_cast<std::size_t>(role)]; }
    std::string of(int layer, VectorRole role) const;
    /// `tail` is ".weight" or ".bias".
    std::string of(LinearId id, const std::string& tail) const;
    /// Whether two linears lie in one stored matrix.
    bool share(LinearRole a, LinearRole b) const;

    static const TensorNames kLlama;     ///< Hugging Face's names of most models
    static const TensorNames kFused;     ///< the same with q, k, v and gate, up in one matrix each, as Phi-3 has them
    static const TensorNames kSandwich;  ///< the same with norms on both sides, as Gemma has them
    static const TensorNames kOpt;
    static const TensorNames kGguf;
    static const TensorNames kGgufLlama; ///< rotary pairs interleaved
    static const TensorNames kGgufFused;
};

} // namespace eigenquant
