// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/activation_maps.h"

#include "core/calib/channel_powers.h"
#include "core/calib/pca.h"
#include "core/calib/statistics_file.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/matmul.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace eigenquant {
namespace {

/// `values` [tokens, channels], float32.
ChannelMeasures measure(const at::Tensor& values)
{
    const auto tokens = static_cast<std::size_t>(values.size(0)), channels = static_cast<std::size_t>(values.size(1));
    const float* x = values.const_data_ptr<float>();
    ChannelMeasures measures{std::vector<double>(channels), std::vector<double>(channels), {}};
    for (std::size_t token = 0; token < tokens; ++token)
        for (std::size_t j = 0; j < channels; ++j) {
            const double value = x[token * channels + j];
            measures.largest[j] = std::max(measures.largest[j], std::abs(value));
            measures.meanSquare[j] += value * value / static_cast<double>(tokens);
        }
    ChannelPowers powers(values.size(1), at::kCPU);
    powers.add(values);
    measures.kurtosis = powers.kurtosis();
    for (double& value : measures.kurtosis)
        if (value == 0)
            value = std::numeric_limits<double>::quiet_NaN();
    return measures;
}

/// Wraps them, without a copy.
at::Tensor wrapped(std::vector<float>& values, const ActivationSample& sample)
{
    return at::from_blob(values.data(), {sample.tokens(), sample.channels}, at::kFloat);
}

} // namespace

ActivationMaps measureActivations(ActivationSample sample)
{
    ActivationMaps maps{.sample = std::move(sample)};
    const at::Tensor values = wrapped(maps.sample.values, maps.sample);
    if (!values.isfinite().all().item<bool>())
        throw Error::invalid("the activations are not finite")
            .field(maps.sample.site.name())
            .hint("the model overflows on this text; try --dtype f32");
    maps.measures = measure(values);
    return maps;
}

void rotateActivations(ActivationMaps& maps, const std::filesystem::path& stats, const std::string& modelFingerprint,
                       const RunContext& context)
{
    const ModelStatistics statistics = readStatistics(stats);
    if (statistics.model.fingerprint != modelFingerprint) {
        maps.whyNotRotated = "the statistics are of another model";
        return;
    }
    if (!statistics.hasMoments) {
        maps.whyNotRotated = "the statistics hold no second moments, and so no rotation; analyze without --no-moments "
                             "and --norms-only";
        return;
    }
    context.report("finding the rotation", "sites", 0, 1);
    const PrincipalBasis basis = principalBasis(MomentReader(stats).moment(maps.sample.site, maps.sample.channels));
    context.checkpoint();
    const at::Tensor turned = at::matmul(wrapped(maps.sample.values, maps.sample).to(at::kDouble), basis.vectors)
                                  .to(at::kFloat)
                                  .contiguous();
    const float* values = turned.const_data_ptr<float>();
    maps.rotated.assign(values, values + turned.numel());
    maps.rotatedMeasures = measure(turned);
    context.report("finding the rotation", "sites", 1, 1);
}

} // namespace eigenquant
