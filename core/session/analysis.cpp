// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/analysis.h"

#include "core/calib/pca.h"
#include "core/calib/statistics_file.h"
#include "core/device/device.h"
#include "core/device/independent_tasks.h"
#include "core/io/hash.h"
#include "core/quant/column_errors.h"
#include "core/quant/global_rotation.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/matmul.h>

#include <algorithm>
#include <array>
#include <vector>

namespace eigenquant {
namespace {

std::vector<double> toVector(const at::Tensor& values)
{
    const at::Tensor flat = values.to(at::kCPU, at::kDouble).contiguous();
    return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

/// A moment, its eigenvectors, and what LAPACK needs to find them, in units of channels².
constexpr double kMatricesPerBasis = 6;

/// A factorization runs on one thread, so that its result depends on nothing else; several layers keep all busy.
int layersAtOnce(const ModelConfig& config)
{
    double layerBytes = 0;
    for (const Site site : kAllSites) {
        const auto channels = static_cast<double>(siteChannels(config, site));
        layerBytes += channels * channels * sizeof(double) * kMatricesPerBasis;
    }
    return tasksAtOnce(layerBytes);
}

/// What one layer's sites come to, with the bases that its linears are looked at in.
struct LayerBases {
    std::array<at::Tensor, kAllSites.size()> principal; ///< float64 [channels, channels]
    at::Tensor headWise;                                ///< of attn_out
    at::Tensor global;                                  ///< of the residual stream; undefined if it cannot be turned
    at::Tensor attentionNorm, mlpNorm;                  ///< gains, [hidden]

    const at::Tensor& gain(Site site) const { return site == Site::AttnIn ? attentionNorm : mlpNorm; }
};

bool readsResidual(Site site)
{
    return site == Site::AttnIn || site == Site::MlpIn;
}

SiteStatistics siteStatistics(const SecondMoment& moment, const at::Tensor& mean, const PrincipalBasis& principal,
                              const ModelConfig& config, LayerBases& bases)
{
    bases.principal[static_cast<std::size_t>(moment.id().site)] = principal.vectors;
    SiteStatistics site{moment.id(), static_cast<int>(moment.channels()), moment.tokens()};
    site.eigenvalues = toVector(principal.values);
    site.channelEnergy = toVector(mean.diagonal());
    site.channelMax = toVector(moment.channelMax());
    if (moment.id().site == Site::AttnOut) {
        bases.headWise = blockDiagonal(headWiseBases(mean, config.heads, config.kvHeads), config.heads);
        site.headWiseEnergy = toVector((at::matmul(mean, bases.headWise) * bases.headWise).sum(0).clamp_min(0));
    }
    if (readsResidual(moment.id().site) && bases.global.defined())
        site.globalEnergy = toVector(rotatedMoment(mean, bases.gain(moment.id().site), bases.global).diagonal());
    return site;
}

LinearStatistics linearStatistics(LinearId id, const at::Tensor& weight, const LayerBases& bases)
{
    LinearStatistics linear{id, static_cast<int>(weight.size(0)), static_cast<int>(weight.size(1)), {}};
    auto measureIn = [&](const at::Tensor& basis) {
        return measureColumnErrors(at::matmul(weight, basis.to(at::kFloat)));
    };
    linear.columns[Basis::Original] = measureColumnErrors(weight);
    linear.columns[Basis::Pca] = measureIn(bases.principal[static_cast<std::size_t>(siteOf(id.role))]);
    if (id.role == LinearRole::O)
        linear.columns[Basis::HeadWise] = measureIn(bases.headWise);
    if (readsResidual(siteOf(id.role)) && bases.global.defined())
        linear.columns[Basis::Global] = measureIn(bases.gain(siteOf(id.role)).to(at::kDouble).unsqueeze(1) * bases.global);
    return linear;
}

/// Adds what `count` layers from `first` on come to, their sites and their linears.
void addLayers(ModelStatistics& statistics, const std::vector<SecondMoment>& moments, const WeightSource& source,
               const at::Tensor& global, int first, int count, const RunContext& context)
{
    const std::size_t firstSite = static_cast<std::size_t>(first) * kAllSites.size();
    std::vector<at::Tensor> means;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count) * kAllSites.size(); ++i)
        means.push_back(moments[firstSite + i].mean());
    const std::vector<PrincipalBasis> principal = principalBases(means, context);
    for (int layer = first; layer < first + count; ++layer) {
        context.report("eigenvalues and rounding errors", "layers", layer, source.config().layers);
        const LayerWeights weights = source.layer(layer);
        LayerBases bases{{}, {}, global, weights.attentionNorm, weights.mlpNorm};
        for (std::size_t site = 0; site < kAllSites.size(); ++site) {
            context.checkpoint();
            const std::size_t i = static_cast<std::size_t>(layer - first) * kAllSites.size() + site;
            statistics.sites.push_back(
                siteStatistics(moments[firstSite + i], means[i], principal[i], source.config(), bases));
        }
        for (const LinearRole role : layerRoles(source.config().gatedMlp)) {
            context.checkpoint();
            statistics.linears.push_back(linearStatistics({layer, role}, weights.linear(role).weight, bases));
        }
    }
}

/// The PCA rotation of the residual stream, from all layers; undefined for models whose stream cannot be turned.
at::Tensor globalBasis(const std::vector<SecondMoment>& moments, const WeightSource& source)
{
    if (!canTurnResidual(source.config()))
        return {};
    const auto moment = [&](SiteId id) {
        return moments[static_cast<std::size_t>(id.layer) * kAllSites.size() + static_cast<std::size_t>(id.site)].mean();
    };
    return globalRotation(GlobalRotationKind::Pca, pooledResidualMoment(source, moment), 0);
}

/// Of each site's channels, in the order of the sites.
template <typename Gathered>
std::vector<std::vector<double>> kurtosisOf(const std::vector<Gathered>& sites)
{
    std::vector<std::vector<double>> kurtosis;
    for (const Gathered& site : sites)
        kurtosis.push_back(site.kurtosis());
    return kurtosis;
}

void noteCost(ModelStatistics& statistics, std::chrono::steady_clock::time_point start)
{
    statistics.peakRssBytes = peakRssBytes();
    statistics.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace

std::string statisticsFingerprint(const ModelInfo& model, const std::string& textHash, int context, int windows,
                                  bool normsOnly)
{
    Hasher hasher;
    hasher.add("eigenquant-statistics-1").add(model.fingerprint).add(textHash).add(context).add(windows);
    if (normsOnly)
        hasher.add("norms-only");
    return hasher.hex();
}

void writeStatistics(const std::filesystem::path& file, ModelStatistics& statistics,
                     const std::vector<SecondMoment>& moments, const OutputFisher& fisher, const WeightSource& source,
                     std::chrono::steady_clock::time_point start, const RunContext& context)
{
    const ModelConfig& config = source.config();
    const at::Tensor global = globalBasis(moments, source);
    context.report("eigenvalues and rounding errors", "layers", 0, config.layers);
    const int together = layersAtOnce(config);
    for (int first = 0; first < config.layers; first += together)
        addLayers(statistics, moments, source, global, first, std::min(together, config.layers - first), context);
    context.report("eigenvalues and rounding errors", "layers", config.layers, config.layers);
    if (fisher.tokens > 0)
        for (LinearStatistics& linear : statistics.linears)
            linear.outputFisher = fisher.of(linear.id);
    noteCost(statistics, start);
    StatisticsWriter writer(file, statistics, kurtosisOf(moments));
    if (statistics.hasMoments) {
        for (std::size_t i = 0; i < moments.size(); ++i) {
            context.report("writing second moments", "sites", static_cast<std::int64_t>(i),
                           static_cast<std::int64_t>(moments.size()));
            writer.writeMoment(moments[i].id(), moments[i].mean());
        }
    }
    writer.finish();
}

void writeStatistics(const std::filesystem::path& file, ModelStatistics& statistics,
                     const std::vector<ChannelNorms>& norms, const WeightSource& source,
                     std::chrono::steady_clock::time_point start, const RunContext& context)
{
    const int layers = source.config().layers;
    for (const ChannelNorms& site : norms)
        statistics.sites.push_back({.id = site.id(),
                                    .channels = static_cast<int>(site.channels()),
                                    .tokens = site.tokens(),
                                    .channelEnergy = toVector(site.energy()),
                                    .channelMax = toVector(site.channelMax())});
    for (int layer = 0; layer < layers; ++layer) {
        context.report("rounding errors", "layers", layer, layers);
        const LayerWeights weights = source.layer(layer);
        for (const LinearRole role : layerRoles(source.config().gatedMlp)) {
            context.checkpoint();
            const at::Tensor& weight = weights.linear(role).weight;
            statistics.linears.push_back({.id = {layer, role},
                                          .outFeatures = static_cast<int>(weight.size(0)),
                                          .inFeatures = static_cast<int>(weight.size(1)),
                                          .columns = {{Basis::Original, measureColumnErrors(weight)}}});
        }
    }
    context.report("rounding errors", "layers", layers, layers);
    noteCost(statistics, start);
    StatisticsWriter(file, statistics, kurtosisOf(norms)).finish();
}

} // namespace eigenquant
