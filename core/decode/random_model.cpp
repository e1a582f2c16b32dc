// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/random_model.h"

#include "core/base/error.h"
#include "core/quant/cmpq.h"
#include "core/quant/etq.h"
#include "core/quant/hadamard.h"
#include "core/quant/plan.h"
#include "core/quant/storage.h"
#include "core/quant/unpack_layer.h"
#include "kernels/common/half.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace eigenquant {
namespace {

constexpr std::int64_t kGrain = 1 << 16;

/// Number `index` of the stream `seed`: SplitMix64 at any place, so that threads can share the work.
std::uint64_t mixed(std::uint64_t seed, std::int64_t index)
{
    std::uint64_t z = seed + 0x9e3779b97f4a7c15u * (static_cast<std::uint64_t>(index) + 1);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

at::Tensor randomBytes(const std::vector<std::int64_t>& shape, std::uint64_t seed)
{
    at::Tensor bytes = at::empty(shape, at::kByte);
    auto* data = bytes.data_ptr<std::uint8_t>();
    at::parallel_for(0, bytes.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i)
            data[i] = static_cast<std::uint8_t>(mixed(seed, i) >> 56);
    });
    return bytes;
}

/// Uniform within ±√3·deviation, or (low, high), F16: those of a larger tensor from the value `from` on.
at::Tensor randomHalves(const std::vector<std::int64_t>& shape, std::uint64_t seed, double low, double high,
                        std::int64_t from = 0)
{
    at::Tensor halves = at::empty(shape, at::kHalf);
    auto* data = static_cast<std::uint16_t*>(halves.data_ptr());
    const auto step = static_cast<float>((high - low) * 0x1p-32), first = static_cast<float>(low);
    at::parallel_for(0, halves.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i)
            data[i] = kernels::toF16(first + step * static_cast<float>(mixed(seed, from + i) >> 32));
    });
    return halves;
}

at::Tensor randomHalves(const std::vector<std::int64_t>& shape, std::uint64_t seed, double deviation,
                        std::int64_t from = 0)
{
    return randomHalves(shape, seed, -std::numbers::sqrt3 * deviation, std::numbers::sqrt3 * deviation, from);
}

/// Little-endian numbers of `width` bytes.
at::Tensor littleEndian(const std::vector<std::int64_t>& numbers, int width)
{
    at::Tensor bytes = at::empty({static_cast<std::int64_t>(numbers.size()), width}, at::kByte);
    auto* out = bytes.data_ptr<std::uint8_t>();
    for (const std::int64_t number : numbers)
        for (int byte = 0; byte < width; ++byte)
            *out++ = static_cast<std::uint8_t>(number >> (8 * byte));
    return bytes;
}

/// `count` rising numbers, spread evenly below `bound`.
std::vector<std::int64_t> spread(std::int64_t count, std::int64_t bound)
{
    std::vector<std::int64_t> numbers;
    for (std::int64_t i = 0; i < count; ++i)
        numbers.push_back(i * bound / count);
    return numbers;
}

at::Tensor salientIndex(std::int64_t count, std::int64_t channels)
{
    const std::vector<std::int64_t> index = spread(count, channels);
    return at::tensor(std::vector<int>(index.begin(), index.end()), at::kInt);
}

/// The outliers of a CMPQ linear, evenly over columns and rows.
void spreadOutliers(PackedLinear& packed)
{
    const std::int64_t in = packed.inFeatures, outliers = packed.part("outlier_rows").size(0);
    std::vector<std::int64_t> counts, rows;
    for (std::int64_t column = 0; column < in; ++column) {
        counts.push_back((column + 1) * outliers / in - column * outliers / in);
        const auto here = spread(counts.back(), packed.outFeatures);
        rows.insert(rows.end(), here.begin(), here.end());
    }
    packed.parts["outlier_counts"] = littleEndian(counts, static_cast<int>(packed.part("outlier_counts").size(1)));
    packed.parts["outlier_rows"] = littleEndian(rows, static_cast<int>(packed.part("outlier_rows").size(1)));
}

std::vector<std::uint8_t> randomWidths(const PackedLinear& packed, std::uint64_t seed)
{
    std::vector<double> energies;
    for (std::int64_t column = 0; column < packed.inFeatures; ++column)
        energies.push_back(1.0 + static_cast<double>(mixed(seed, column) >> 40));
    const LinearPlan& plan = packed.plan;
    return plan.method == Method::Etq
               ? etqWidths(energies, etqTotalWidth(plan.bits, packed.inFeatures))
               : cmpqWidths(energies, {plan.bits, plan.cmpq.activationOutliers, plan.cmpq.quantizationOutliers,
                                       plan.cmpq.fourAndTwo});
}

PackedLinear randomLinear(const LinearPlan& plan, const SitePlan& site, const ModelConfig& config, std::uint64_t seed)
{
    PackedLinear packed;
    packed.plan = plan;
    const auto [out, in] = linearShape(config, plan.id.role);
    packed.outFeatures = out;
    packed.inFeatures = in;
    const double deviation = 1 / std::sqrt(static_cast<double>(in));
    // Codes are uniform over 2^bits steps, whose deviation is 2^bits/√12.
    const double scale = deviation * std::sqrt(12.0) / std::exp2(std::floor(plan.bits));
    for (const PartSpec& part : linearParts(plan, site, out, in)) {
        const std::uint64_t partSeed = mixed(seed, static_cast<std::int64_t>(packed.parts.size()));
        if (part.name == "scales" && usesGrid(plan.method))
            packed.parts[part.name] = randomHalves(part.shape, partSeed, 0.9 * scale, 1.1 * scale);
        else if (part.name == "scales")
            packed.parts[part.name] = randomHalves(part.shape, partSeed, 0.9 * deviation, 1.1 * deviation);
        else if (part.name == "salient_index")
            packed.parts[part.name] = salientIndex(part.shape[0], in);
        else if (part.type == StoredType::F16)
            packed.parts[part.name] = randomHalves(part.shape, partSeed, deviation);
        else
            packed.parts[part.name] = randomBytes(part.shape, partSeed);
    }
    if (packed.has("widths"))
        packed.parts["widths"] = packCmpqWidths(randomWidths(packed, seed));
    if (packed.has("outlier_counts"))
        spreadOutliers(packed);
    if (hasBias(config, plan.id.role))
        packed.bias = at::zeros({out}, at::kFloat);
    return packed;
}

std::map<std::string, at::Tensor> randomSite(const SitePlan& site, std::int64_t channels, std::uint64_t seed)
{
    std::map<std::string, at::Tensor> parts;
    if (site.basis == Basis::Hadamard) {
        Random random(seed);
        const HadamardTransform transform = HadamardTransform::make(channels, random);
        parts["signs"] = transform.signs();
        if (transform.block().defined())
            parts["block"] = transform.block();
        return parts;
    }
    for (const PartSpec& part : siteParts(site, channels))
        parts[part.name] = randomHalves(part.shape, seed, 1 / std::sqrt(static_cast<double>(channels)));
    return parts;
}

Plan planOf(const ModelConfig& config, const LatencyOptions& options)
{
    Plan plan;
    plan.options = PlanOptions::of(options.method, options.scope);
    plan.modelName = config.name;
    for (const Site site : kAllSites)
        plan.sites.push_back({{0, site}, basisOf(plan.options, site)});
    for (const LinearRole role : layerRoles(config.gatedMlp)) {
        LinearPlan linear;
        linear.id = {0, role};
        linear.method = options.method;
        linear.bits = options.bits;
        linear.groupSize = options.groupSize;
        linear.symmetric = options.symmetric;
        // Methods that keep none unless they are told to, of which a random rotation is one.
        const bool none = plan.options.salient.value == 0 ||
                          (siteOf(role) == Site::MlpOut && plan.options.mlpOut == SiteTreatment::None);
        const auto channels = static_cast<int>(linearShape(config, role)[1]);
        linear.salient = keepsSalient(options.method) && !none ? std::min(options.salient, channels) : 0;
        plan.linears.push_back(linear);
    }
    return plan;
}

void checkCodeOptions(const LatencyOptions& options)
{
    const bool whole = options.bits == std::floor(options.bits);
    if (options.bits < 1 || options.bits > 8 || (usesGrid(options.method) && !whole))
        throw Error::usage("bits that the method cannot take")
            .field("bits")
            .found(std::to_string(options.bits))
            .expected(usesGrid(options.method) ? "a whole number from 1 to 8" : "1 to 8");
    if (options.groupSize < 0 || options.salient < 0)
        throw Error::usage("a negative number").field(options.groupSize < 0 ? "group-size" : "salient");
}

} // namespace

RandomModel::RandomModel(const ModelConfig& config, const LatencyOptions& options)
    : m_config(config), m_seed(options.seed)
{
    checkCodeOptions(options);
    m_plan = planOf(config, options);
}

OuterWeights RandomModel::smallOuter() const
{
    OuterWeights weights;
    weights.finalNorm = at::ones({m_config.hiddenSize}, at::kFloat);
    return weights;
}

at::Tensor RandomModel::rows(OuterRole matrix, Words words) const
{
    const bool isHead = storedRole(matrix) == OuterRole::Head;
    const double deviation = isHead ? 1 / std::sqrt(static_cast<double>(m_config.hiddenSize)) : 1;
    return randomHalves({words.count, m_config.hiddenSize}, mixed(m_seed, isHead ? -3 : -2), deviation,
                        words.begin * m_config.hiddenSize);
}

PackedLayer RandomModel::packedLayer() const
{
    PackedLayer layer;
    layer.attentionNorm = layer.mlpNorm = at::ones({m_config.hiddenSize}, at::kFloat);
    for (const LinearPlan& linear : m_plan.linears) {
        const auto role = static_cast<std::size_t>(linear.id.role);
        layer.linears[role] = randomLinear(linear, m_plan.site(linear.id.site()), m_config,
                                           mixed(m_seed, static_cast<std::int64_t>(role)));
    }
    for (const SitePlan& site : m_plan.sites) {
        const auto index = static_cast<std::size_t>(site.id.site);
        layer.sites[index] = randomSite(site, siteChannels(m_config, site.id.site),
                                        mixed(m_seed, 100 + static_cast<std::int64_t>(index)));
    }
    return layer;
}

LayerWeights RandomModel::layer(int) const
{
    return unpackLayer(packedLayer(), m_config);
}

double RandomModel::effectiveBits() const
{
    std::uint64_t bytes = 0;
    double weights = 0;
    for (const LinearPlan& linear : m_plan.linears) {
        const auto [out, in] = linearShape(m_config, linear.id.role);
        bytes += totalBytes(linearParts(linear, m_plan.site(linear.id.site()), out, in));
        weights += static_cast<double>(out * in);
    }
    for (const SitePlan& site : m_plan.sites)
        bytes += totalBytes(siteParts(site, siteChannels(m_config, site.id.site)));
    return 8.0 * static_cast<double>(bytes) / weights;
}

} // namespace eigenquant
