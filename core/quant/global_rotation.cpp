// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/global_rotation.h"

#include "core/base/error.h"
#include "core/calib/pca.h"
#include "core/quant/hadamard.h"
#include "core/quant/random.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <string>
#include <utility>

namespace eigenquant {
namespace {

constexpr std::uint64_t kGlobalStream = 3;
/// Gains below this share of the largest are taken for zero: what is behind them is lost in the moment's rounding.
constexpr double kSmallestGain = 1e-6;
/// Rows of a float64 product at a time, so that a large vocabulary is never held in float64 as a whole.
constexpr std::int64_t kRowsAtATime = 512;
constexpr std::int64_t kRowsOnGpu = 8192;

void requirePlainNorm(const ModelConfig& config)
{
    if (canTurnResidual(config))
        return;
    const char* reason = config.outNorms ? "the norms on what attention and MLP put out do not commute with a rotation"
                                         : "norms behind the sum of the residual stream do not commute with a rotation";
    throw Error::unsupported(reason)
        .field("rotation")
        .found("global, of \"" + config.architecture + "\"")
        .expected("an architecture whose norms all stand in front of attention and MLP")
        .hint("use --rotation per-site");
}

/// (W diag(g))·R in float64, float32 [rows, columns of R]; without a gain W·R.
at::Tensor timesRotation(const at::Tensor& weight, const at::Tensor& gain, const at::Tensor& rotation)
{
    const std::int64_t rows = weight.size(0);
    at::Tensor result = at::empty({rows, rotation.size(1)}, weight.options().dtype(at::kFloat));
    if (rotation.is_cuda()) {
        for (std::int64_t begin = 0; begin < rows; begin += kRowsOnGpu) {
            const std::int64_t count = std::min(kRowsOnGpu, rows - begin);
            at::Tensor part = weight.narrow(0, begin, count).to(rotation.device()).to(at::kDouble);
            if (gain.defined())
                part = part * gain.to(rotation.device()).to(at::kDouble);
            result.narrow(0, begin, count).copy_(at::matmul(part, rotation).to(at::kFloat));
        }
        return result;
    }
    at::parallel_for(0, (rows + kRowsAtATime - 1) / kRowsAtATime, 1, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t block = first; block < last; ++block) {
            const std::int64_t begin = block * kRowsAtATime, count = std::min(kRowsAtATime, rows - begin);
            at::Tensor part = weight.narrow(0, begin, count).to(at::kDouble);
            if (gain.defined())
                part = part * gain.to(at::kDouble);
            result.narrow(0, begin, count).copy_(at::matmul(part, rotation));
        }
    });
    return result;
}

/// RᵀW in float64, float32 [hidden, in].
at::Tensor turnedOutputs(const at::Tensor& weight, const at::Tensor& rotation)
{
    return timesRotation(weight.t(), {}, rotation).t().contiguous();
}

/// 1/g, and 0 where g is taken for zero. float64.
at::Tensor inverseGain(const at::Tensor& gain)
{
    const at::Tensor wide = gain.to(at::kDouble);
    const at::Tensor size = wide.abs();
    return at::where((size > 0).logical_and(size >= kSmallestGain * size.max()), 1 / wide, 0.0);
}

/// A bias that stands where the gain is zero cannot be divided by it.
void requireBehindGain(const at::Tensor& gain, const at::Tensor& bias, const std::string& where)
{
    if (bias.defined() && (inverseGain(gain) == 0).logical_and(bias != 0).any().item<bool>())
        throw Error::unsupported("a norm has a bias where its gain is zero, which a turned model cannot have")
            .field(where)
            .hint("use --rotation per-site");
}

} // namespace

bool canTurnResidual(const ModelConfig& config)
{
    return !config.outNorms && !config.normsAfterSum && config.finalNorm;
}

at::Tensor withoutGain(const at::Tensor& moment, const at::Tensor& gain)
{
    const at::Tensor inverse = inverseGain(gain).to(moment.device());
    // One product of the two factors, so that the result is as symmetric as the moment.
    return moment * (inverse.unsqueeze(0) * inverse.unsqueeze(1));
}

at::Tensor rotatedMoment(const at::Tensor& moment, const at::Tensor& gain, const at::Tensor& rotation)
{
    const at::Tensor turned = at::matmul(rotation.t(), at::matmul(withoutGain(moment, gain), rotation));
    at::Tensor symmetric = (turned + turned.t()) / 2;
    // The mean direction of a layer norm has no energy at all, which rounding may leave below zero.
    symmetric.diagonal().clamp_min_(0);
    return symmetric;
}

PooledMoment::PooledMoment(const ModelConfig& config)
    : m_sum(at::zeros({config.hiddenSize, config.hiddenSize}, at::kDouble)), m_layers(config.layers)
{
}

void PooledMoment::add(const at::Tensor& moment, const at::Tensor& gain)
{
    const at::Tensor normed = withoutGain(moment, gain);
    const double trace = normed.diagonal().sum().item<double>();
    if (trace > 0)
        m_sum = m_sum.to(normed.device()) + normed / trace;
}

at::Tensor PooledMoment::mean() const
{
    return m_sum / (2 * m_layers);
}

at::Tensor pooledResidualMoment(const WeightSource& source, const std::function<at::Tensor(SiteId)>& moment)
{
    PooledMoment pooled(source.config());
    for (int layer = 0; layer < source.config().layers; ++layer) {
        const LayerWeights weights = source.layer(layer);
        for (const Site site : {Site::AttnIn, Site::MlpIn})
            if (const at::Tensor own = moment({layer, site}); own.defined())
                pooled.add(own, site == Site::AttnIn ? weights.attentionNorm : weights.mlpNorm);
    }
    return pooled.mean();
}

at::Tensor globalRotation(GlobalRotationKind kind, const at::Tensor& pooled, std::uint64_t seed)
{
    if (kind == GlobalRotationKind::Pca)
        return principalBasis(pooled).vectors;
    Random random(seed, SiteId{}, kGlobalStream);
    if (kind == GlobalRotationKind::Random)
        return randomOrthogonal(pooled.size(0), random);
    return HadamardTransform::make(pooled.size(0), random).matrix();
}

GloballyRotatedSource::GloballyRotatedSource(std::shared_ptr<const WeightSource> source, at::Tensor rotation)
    : m_source(std::move(source)), m_rotation(std::move(rotation)), m_config(m_source->config())
{
    requirePlainNorm(m_config);
    m_lastGain = m_source->smallOuter().finalNorm;
    const std::int64_t hidden = m_config.hiddenSize;
    if (m_rotation.dim() != 2 || m_rotation.size(0) != hidden || m_rotation.size(1) != hidden)
        throw Error::internal("the rotation does not fit the residual stream")
            .expected(std::to_string(hidden) + " channels");
    m_config.tiedEmbeddings = false;
    // A layer norm takes the mean off first: (x - mean(x))R = x(R - the mean of its rows).
    m_written = m_config.norm == NormKind::Layer ? m_rotation - m_rotation.mean(0, /*keepdim=*/true) : m_rotation;
    m_config.norm = NormKind::Rms;
}

void GloballyRotatedSource::turnNorm(at::Tensor& gain, at::Tensor& bias) const
{
    if (bias.defined())
        bias = timesRotation((bias.to(at::kDouble) * inverseGain(gain)).unsqueeze(0), {}, m_rotation).squeeze(0);
    gain = at::ones_like(gain);
}

OuterWeights GloballyRotatedSource::smallOuter() const
{
    OuterWeights weights = m_source->smallOuter();
    const at::Tensor gain = weights.finalNorm;
    requireBehindGain(gain, weights.finalNormBias, "final_norm");
    if (weights.projectIn.defined()) {
        weights.projectIn = turnedOutputs(weights.projectIn, m_written);
        weights.projectOut = timesRotation(weights.projectOut, gain, m_rotation);
    }
    if (weights.positions.defined())
        weights.positions = timesRotation(weights.positions, {}, m_written);
    turnNorm(weights.finalNorm, weights.finalNormBias);
    return weights;
}

at::Tensor GloballyRotatedSource::rows(OuterRole matrix, Words words) const
{
    const at::Tensor stored = m_source->rows(matrix, words);
    if (m_config.embeddingSize > 0) // the projections are turned in their place
        return stored;
    return matrix == OuterRole::Head ? timesRotation(stored, m_lastGain, m_rotation)
                                     : timesRotation(stored, {}, m_written);
}

LayerWeights GloballyRotatedSource::layer(int index) const
{
    LayerWeights weights = m_source->layer(index);
    for (const Site site : {Site::AttnIn, Site::MlpIn})
        if (weights.rotation(site).defined())
            throw Error::unsupported("the model is already rotated here").field(SiteId{index, site}.name());
    requireBehindGain(weights.attentionNorm, weights.attentionNormBias, SiteId{index, Site::AttnIn}.name());
    requireBehindGain(weights.mlpNorm, weights.mlpNormBias, SiteId{index, Site::MlpIn}.name());
    for (const LinearRole role : layerRoles(m_config.gatedMlp)) {
        LinearWeights& linear = weights.linear(role);
        const Site site = siteOf(role);
        if (site == Site::AttnIn || site == Site::MlpIn) {
            const at::Tensor& gain = site == Site::AttnIn ? weights.attentionNorm : weights.mlpNorm;
            linear.weight = timesRotation(linear.weight, gain, m_rotation);
        } else {
            linear.weight = turnedOutputs(linear.weight, m_written);
            if (linear.bias.defined())
                linear.bias = turnedOutputs(linear.bias.unsqueeze(1), m_written).squeeze(1);
        }
    }
    turnNorm(weights.attentionNorm, weights.attentionNormBias);
    turnNorm(weights.mlpNorm, weights.mlpNormBias);
    return weights;
}

} // namespace eigenquant
