// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/weights.h"
#include "core/results/site.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>

namespace eigenquant {

/// The second moment of what a norm makes of its input before it is multiplied with its gain: x = g ⊙ n, so
/// E[n_i n_j] = M_ij / (g_i g_j). float64 [hidden, hidden] from M, float64 [hidden, hidden], and g, [hidden]. A channel
/// whose gain is (nearly) zero cannot be known from M, and no linear reads it: it contributes nothing.
at::Tensor withoutGain(const at::Tensor& moment, const at::Tensor& gain);

/// The second moment of a site of the residual stream after GloballyRotatedSource has turned the model by R: RᵀM_nR,
/// float64 [hidden, hidden], symmetric to the bit. Its diagonal is what this site chooses its salient dimensions by.
at::Tensor rotatedMoment(const at::Tensor& moment, const at::Tensor& gain, const at::Tensor& rotation);

/// What one rotation for the whole residual stream is made from: the mean over all layers of the second moments of
/// attn_in and mlp_in without their gains, each divided by its trace, so that late layers do not drown the early
/// ones. `moment` gives float64 [hidden, hidden] of a site, on one device for all; so is the result. A site for
/// which it is undefined is left out, so that the processes of a job can add up what each has.
at::Tensor pooledResidualMoment(const WeightSource& source, const std::function<at::Tensor(SiteId)>& moment);

/// The same, added up site by site, in the order of layers, attn_in before mlp_in.
class PooledMoment {
public:
    explicit PooledMoment(const ModelConfig& config);
    void add(const at::Tensor& moment, const at::Tensor& gain);
    at::Tensor mean() const;

private:
    at::Tensor m_sum;
    int m_layers;
};

/// Where the one rotation of a model comes from.
enum class GlobalRotationKind {
    Pca,      ///< the principal directions of the pooled moment, ROSAQ (arXiv 2506.13472)
    Random,   ///< uniform over all orthogonal matrices
    Hadamard, ///< Hadamard with random signs, QuaRot (arXiv 2404.00456)
};

/// R, float64 [hidden, hidden]. `pooled` is float64 [hidden, hidden]; the seed is for the two that are random.
at::Tensor globalRotation(GlobalRotationKind kind, const at::Tensor& pooled, std::uint64_t seed);

/// Whether a model's residual stream can be turned: norms stand in front of attention, MLP and head, and nowhere else.
bool canTurnResidual(const ModelConfig& config);

/// The same model with its residual stream turned by R: x becomes x·R everywhere, at no cost at run time. The gains
/// of the norms move into the linears behind them and become 1, because only a norm without gain commutes with R;
/// the embedding and the head are therefore untied. A layer norm is an RMS norm of x less its mean: the mean is taken
/// off all that is written into the stream, and the bias b of the norm stays as (b/g)·R. Nothing but the basis changes:
/// logits are the same up to rounding. Computed in float64, layer by layer as it is asked for.
class GloballyRotatedSource : public WeightSource {
public:
    /// R float64 [hidden, hidden], orthogonal. Error::unsupported for architectures with norms elsewhere.
    GloballyRotatedSource(std::shared_ptr<const WeightSource> source, at::Tensor rotation);

    const ModelConfig& config() const override { return m_config; }
    OuterWeights smallOuter() const override;
    /// Embedding E·R, head W·diag(g)·R.
    at::Tensor rows(OuterRole matrix, Words words) const override;
    /// q, k, v, gate, up: W·diag(g)·R; o, down: RᵀW and Rᵀb. Error::unsupported if q, k and v or gate and up already
    /// have a rotation of their own at run time.
    LayerWeights layer(int index) const override;

    const at::Tensor& rotation() const { return m_rotation; }

private:
    std::shared_ptr<const WeightSource> m_source;
    /// The gain becomes 1; the bias, which is added behind it, (b/g)·R.
    void turnNorm(at::Tensor& gain, at::Tensor& bias) const;

    at::Tensor m_rotation;
    at::Tensor m_lastGain; ///< of the norm in front of the head
    at::Tensor m_written; ///< what all that is written into the stream is multiplied with
    ModelConfig m_config;
};

} // namespace eigenquant
