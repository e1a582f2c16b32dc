// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/rope.h"

#include "core/device/in_pieces.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <tuple>
#include <utility>

namespace eigenquant {
namespace {

std::vector<double> plainFrequencies(double base, int dims)
{
    std::vector<double> inverse(static_cast<std::size_t>(dims / 2));
    for (std::size_t i = 0; i < inverse.size(); ++i)
        inverse[i] = std::pow(base, -2.0 * static_cast<double>(i) / dims);
    return inverse;
}

/// NTK-aware scaling: the base grows with the part of the sequence that is beyond the trained context.
double dynamicBase(const ModelConfig& config, double base, const RopeScaling& scaling, int length)
{
    const double trained = config.contextLength;
    const double factor = scaling.factor;
    const double reached = std::max<double>(length, trained);
    const double dims = config.rotaryDim();
    return base * std::pow(factor * reached / trained - (factor - 1), dims / (dims - 2));
}

void scaleLlama3(std::vector<double>& inverse, const RopeScaling& scaling)
{
    const double longest = scaling.originalContext / scaling.lowFrequencyFactor;
    const double shortest = scaling.originalContext / scaling.highFrequencyFactor;
    for (double& frequency : inverse) {
        const double wavelength = 2 * std::numbers::pi / frequency;
        if (wavelength > longest) {
            frequency /= scaling.factor;
        } else if (wavelength >= shortest) {
            const double smooth = (scaling.originalContext / wavelength - scaling.lowFrequencyFactor) /
                                  (scaling.highFrequencyFactor - scaling.lowFrequencyFactor);
            frequency = (1 - smooth) * frequency / scaling.factor + smooth * frequency;
        }
    }
}

double yarnMagnitude(double factor, double mscale)
{
    return factor <= 1 ? 1.0 : 0.1 * mscale * std::log(factor) + 1.0;
}

double yarnAttentionFactor(const RopeScaling& scaling)
{
    if (scaling.attentionFactor)
        return *scaling.attentionFactor;
    if (scaling.mscale.value_or(0) != 0 && scaling.mscaleAllDim.value_or(0) != 0)
        return yarnMagnitude(scaling.factor, *scaling.mscale) / yarnMagnitude(scaling.factor, *scaling.mscaleAllDim);
    return yarnMagnitude(scaling.factor, 1);
}

/// YaRN (arXiv 2309.00071): frequencies that turn often keep their pace, slow ones are interpolated.
void scaleYarn(std::vector<double>& inverse, const ModelConfig& config, double base, const RopeScaling& scaling)
{
    const double dims = config.rotaryDim();
    const double context = scaling.originalContext > 0 ? scaling.originalContext : config.contextLength;
    auto dimensionOf = [&](double rotations) {
        return dims * std::log(context / (rotations * 2 * std::numbers::pi)) / (2 * std::log(base));
    };
    double low = dimensionOf(scaling.betaFast);
    double high = dimensionOf(scaling.betaSlow);
    if (scaling.truncate) {
        low = std::floor(low);
        high = std::ceil(high);
    }
    low = std::max(low, 0.0);
    high = std::min(high, dims - 1);
    if (low == high)
        high += 0.001;
    for (std::size_t i = 0; i < inverse.size(); ++i) {
        const double ramp = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
        inverse[i] = inverse[i] / scaling.factor * ramp + inverse[i] * (1 - ramp);
    }
}

double longRopeAttentionFactor(const ModelConfig& config, const RopeScaling& scaling)
{
    if (scaling.attentionFactor)
        return *scaling.attentionFactor;
    const double original = scaling.originalContext > 0 ? scaling.originalContext : config.contextLength;
    const double factor = scaling.factor > 0 ? scaling.factor : config.contextLength / original;
    return factor <= 1 ? 1.0 : std::sqrt(1 + std::log(factor) / std::log(original));
}

void divide(std::vector<double>& inverse, const std::vector<double>& factors)
{
    for (std::size_t i = 0; i < inverse.size(); ++i)
        inverse[i] /= factors[i];
}

} // namespace

RopeFrequencies ropeFrequencies(const ModelConfig& config, int length, bool local)
{
    const RopeScaling& scaling = local ? config.localRopeScaling : config.ropeScaling;
    const double base = local ? config.localRopeTheta : config.ropeTheta;
    RopeFrequencies result{plainFrequencies(base, config.rotaryDim()), 1};
    switch (scaling.type) {
    case RopeScaling::Type::None:
        break;
    case RopeScaling::Type::Linear:
        for (double& frequency : result.inverse)
            frequency /= scaling.factor;
        break;
    case RopeScaling::Type::Dynamic:
        result.inverse = plainFrequencies(dynamicBase(config, base, scaling, length), config.rotaryDim());
        break;
    case RopeScaling::Type::Llama3:
        scaleLlama3(result.inverse, scaling);
        break;
    case RopeScaling::Type::Yarn:
        scaleYarn(result.inverse, config, base, scaling);
        result.attentionFactor = yarnAttentionFactor(scaling);
        break;
    case RopeScaling::Type::LongRope: {
        const int original = scaling.originalContext > 0 ? scaling.originalContext : config.contextLength;
        divide(result.inverse, length > original ? scaling.longFactors : scaling.shortFactors);
        result.attentionFactor = longRopeAttentionFactor(config, scaling);
        break;
    }
    }
    if (!config.ropeFactors.empty())
        divide(result.inverse, config.ropeFactors);
    return result;
}

RopeTable ropeTable(const ModelConfig& config, int length, c10::Device device, c10::ScalarType dtype)
{
    if (!config.rotary)
        return {};
    const auto make = [&](bool local) {
        const RopeFrequencies frequencies = ropeFrequencies(config, length, local);
        const at::Tensor positions = at::arange(length, at::kDouble).unsqueeze(1);
        // The angles are formed in float32, as the models were trained with.
        const at::Tensor inverse = at::tensor(frequencies.inverse, at::kDouble).to(at::kFloat).unsqueeze(0);
        const at::Tensor half = positions.to(at::kFloat) * inverse;
        const at::Tensor angles = at::cat({half, half}, 1);
        const auto place = [&](const at::Tensor& t) { return (t * frequencies.attentionFactor).to(device, dtype); };
        return std::pair(place(inPieces(angles, [](const at::Tensor& part) { return part.cos(); })),
                         place(inPieces(angles, [](const at::Tensor& part) { return part.sin(); })));
    };
    RopeTable table;
    std::tie(table.cos, table.sin) = make(false);
    if (config.localRopeTheta > 0)
        std::tie(table.localCos, table.localSin) = make(true);
    return table;
}

RopeTable RopeTable::of(const ModelConfig& config, int layer) const
{
    return config.localRope(layer) ? RopeTable{localCos, localSin, {}, {}} : RopeTable{cos, sin, {}, {}};
}

RopeTable RopeTable::rows(std::int64_t first, std::int64_t count, std::int64_t times) const
{
    const auto here = [&](const at::Tensor& table) {
        return table.defined() ? table.narrow(0, first, count).repeat({times, 1}) : table;
    };
    return {here(cos), here(sin), here(localCos), here(localSin)};
}

at::Tensor applyRope(const at::Tensor& x, const RopeTable& table)
{
    const std::int64_t dims = table.cos.size(-1), half = dims / 2, rest = x.size(-1) - dims;
    const at::Tensor first = x.narrow(-1, 0, half);
    const at::Tensor second = x.narrow(-1, half, half);
    const at::Tensor cos = table.cos.narrow(-1, 0, half);
    const at::Tensor sin = table.sin.narrow(-1, 0, half);
    at::Tensor out = at::empty(x.sizes(), x.options());
    out.narrow(-1, 0, half).copy_(first * cos).sub_(second * sin);
    out.narrow(-1, half, half).copy_(second * cos).add_(first * sin);
    if (rest > 0)
        out.narrow(-1, dims, rest).copy_(x.narrow(-1, dims, rest));
    return out;
}

} // namespace eigenquant
