// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/synthetic_statistics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>

namespace eigenquant::test {

namespace {

using Generator = std::mt19937;

double uniform(Generator& random)
{
    return double(random()) / double(Generator::max());
}

/// 1 / rank^1.1 with a little noise, falling, summing up to `total`.
std::vector<double> powerLaw(int channels, double total, Generator& random)
{
    std::vector<double> values(std::size_t(channels), 0.0);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = std::pow(double(i) + 1, -1.1) * (0.9 + 0.2 * uniform(random));
    std::sort(values.begin(), values.end(), std::greater<>());
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    for (double& value : values)
        value *= total / sum;
    return values;
}

std::vector<double> flatWithOutliers(int channels, int outliers, double total, Generator& random)
{
    std::vector<double> values(std::size_t(channels), 0.0);
    for (double& value : values)
        value = 0.4 + uniform(random);
    for (int i = 0; i < outliers; ++i)
        values[random() % values.size()] = channels * 0.05 * (1 + i);
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    for (double& value : values)
        value *= total / sum;
    return values;
}

SiteStatistics makeSite(SiteId id, int channels, int outliers, Generator& random)
{
    SiteStatistics site{.id = id, .channels = channels, .tokens = 65536};
    const double total = channels * (1 + 0.1 * id.layer);
    site.eigenvalues = powerLaw(channels, total, random);
    site.channelEnergy = flatWithOutliers(channels, outliers, total, random);
    for (const double energy : site.channelEnergy)
        site.channelMax.push_back(4 * std::sqrt(energy));
    if (id.site == Site::AttnOut) {
        site.headWiseEnergy = powerLaw(channels, total, random);
        std::shuffle(site.headWiseEnergy.begin(), site.headWiseEnergy.end(), random);
    }
    if (id.site == Site::AttnIn || id.site == Site::MlpIn)
        site.globalEnergy = powerLaw(channels, total, random);
    return site;
}

ColumnErrors makeColumns(int in, int out, std::size_t groupSizes, Generator& random)
{
    ColumnErrors columns;
    for (int i = 0; i < in; ++i)
        columns.squaredNorm.push_back(float(out * (0.8 + 0.4 * uniform(random)) / in));
    for (std::size_t group = 0; group < groupSizes; ++group)
        for (int bits = kMinBits; bits <= kMaxBits; ++bits) {
            std::vector<float> errors = columns.squaredNorm;
            const auto share = float((1 + 0.2 * double(group)) * std::pow(4.0, -bits));
            for (float& error : errors)
                error *= share;
            columns.roundingError.push_back(std::move(errors));
        }
    return columns;
}

LinearStatistics makeLinear(LinearId id, const SyntheticOptions& options, std::size_t groupSizes, Generator& random)
{
    LinearStatistics linear{.id = id, .outFeatures = options.hidden, .inFeatures = options.hidden};
    if (id.role == LinearRole::K || id.role == LinearRole::V)
        linear.outFeatures = options.kvChannels;
    if (id.role == LinearRole::Gate || id.role == LinearRole::Up)
        linear.outFeatures = options.intermediate;
    if (id.role == LinearRole::Down)
        linear.inFeatures = options.intermediate;
    for (const Basis basis : {Basis::Original, Basis::Pca})
        linear.columns[basis] = makeColumns(linear.inFeatures, linear.outFeatures, groupSizes, random);
    if (id.role == LinearRole::O)
        linear.columns[Basis::HeadWise] = makeColumns(linear.inFeatures, linear.outFeatures, groupSizes, random);
    if (siteOf(id.role) == Site::AttnIn || siteOf(id.role) == Site::MlpIn)
        linear.columns[Basis::Global] = makeColumns(linear.inFeatures, linear.outFeatures, groupSizes, random);
    // The model feels its first layers more than its last ones.
    if (options.divergence)
        for (int i = 0; i < linear.outFeatures; ++i)
            linear.outputFisher.push_back(1e-3 * (0.5 + uniform(random)) / (1 + id.layer));
    return linear;
}

void keepNormsOnly(ModelStatistics& statistics)
{
    statistics.normsOnly = true;
    for (SiteStatistics& site : statistics.sites) {
        site.eigenvalues.clear();
        site.headWiseEnergy.clear();
        site.globalEnergy.clear();
    }
    for (LinearStatistics& linear : statistics.linears) {
        std::erase_if(linear.columns, [](const auto& entry) { return entry.first != Basis::Original; });
        linear.outputFisher.clear();
    }
}

ModelInfo makeInfo(const SyntheticOptions& options)
{
    ModelInfo info;
    info.name = "Synthetic model";
    info.path = "/models/synthetic";
    info.architecture = "LlamaForCausalLM";
    info.sourceFormat = "safetensors";
    info.fingerprint = "00112233445566778899aabbccddeeff";
    info.layers = options.layers;
    info.hiddenSize = options.hidden;
    info.intermediateSize = options.intermediate;
    info.heads = 4;
    info.kvHeads = 2;
    info.headDim = options.hidden / 4;
    info.vocabSize = 49152;
    info.contextLength = 2048;
    info.parameters = 134515008;
    return info;
}

} // namespace

std::shared_ptr<ModelStatistics> syntheticStatistics(const SyntheticOptions& options)
{
    Generator random(options.seed);
    auto statistics = std::make_shared<ModelStatistics>();
    statistics->path = "/statistics/synthetic.stats";
    statistics->fingerprint = "ffeeddccbbaa99887766554433221100";
    statistics->model = makeInfo(options);
    statistics->textName = "calibration.txt";
    statistics->tokens = 65536;
    statistics->context = 2048;
    statistics->windows = 32;
    statistics->groupSizes = options.groupSizes;
    for (int layer = 0; layer < options.layers; ++layer)
        for (const Site site : kAllSites)
            statistics->sites.push_back(makeSite({layer, site},
                                                 site == Site::MlpOut ? options.intermediate : options.hidden,
                                                 options.outliers, random));
    for (int layer = 0; layer < options.layers; ++layer)
        for (const LinearRole role : kAllRoles)
            statistics->linears.push_back(
                makeLinear({layer, role}, options, statistics->groupSizes.size(), random));
    if (options.normsOnly)
        keepNormsOnly(*statistics);
    return statistics;
}

} // namespace eigenquant::test
