// SPDX-License-Identifier: GPL-3.0-or-later
// Before anything is quantized, a rotated model is the plain one: each mode of rotation, on each kind of model.
#include "core/base/error.h"
#include "core/calib/pca.h"
#include "core/calib/second_moments.h"
#include "core/model/decoder.h"
#include "core/quant/global_rotation.h"
#include "core/quant/site_rotation.h"
#include "tests/core/quant/collected_moments.h"
#include "tests/core/quant/random_source.h"

#include <ATen/ops/matmul.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace eigenquant {
namespace {

using test::RandomSource;

constexpr std::uint64_t kSeed = 5;
/// Of the logits' standard deviation.
constexpr double kTolerance = 1e-4;

/// How the sites of a model are turned.
struct Mode {
    std::vector<Site> full;                   ///< by a rotation of their own, at run time
    bool headWise = false;                    ///< merged into v and o
    std::optional<GlobalRotationKind> global; ///< merged into all that touches the residual stream
    bool mixRest = false;
    Basis basis = Basis::Pca; ///< of the sites in `full`
    Basis headBasis = Basis::HeadWise;
};

const std::map<std::string, Mode> kModes{
    {"attn_in", {{Site::AttnIn}}},
    {"attn_out", {{Site::AttnOut}}},
    {"mlp_in", {{Site::MlpIn}}},
    {"mlp_out", {{Site::MlpOut}}},
    {"per_site", {{Site::AttnIn, Site::AttnOut, Site::MlpIn, Site::MlpOut}}},
    {"per_site_mixed", {{Site::AttnIn, Site::AttnOut, Site::MlpIn, Site::MlpOut}, false, {}, true}},
    {"per_site_random", {{Site::AttnIn, Site::AttnOut, Site::MlpIn, Site::MlpOut}, false, {}, false, Basis::Random}},
    {"per_site_hadamard",
     {{Site::AttnIn, Site::AttnOut, Site::MlpIn, Site::MlpOut}, false, {}, false, Basis::Hadamard}},
    {"head_wise", {{}, true}},
    {"head_wise_random", {{}, true, {}, false, Basis::Pca, Basis::HeadWiseRandom}},
    {"head_wise_mixed", {{}, true, {}, true}},
    {"per_site_head_wise", {{Site::AttnIn, Site::MlpIn, Site::MlpOut}, true}},
    {"global_pca", {{}, false, GlobalRotationKind::Pca}},
    {"global_random", {{}, false, GlobalRotationKind::Random}},
    {"global_hadamard", {{}, false, GlobalRotationKind::Hadamard}},
    {"global_pca_head_wise_mlp_out", {{Site::MlpOut}, true, GlobalRotationKind::Pca}},
    {"global_random_attn_out_mlp_out_mixed",
     {{Site::AttnOut, Site::MlpOut}, false, GlobalRotationKind::Random, true}},
};

ModelConfig with(const std::function<void(ModelConfig&)>& edit)
{
    ModelConfig config = RandomSource::smallConfig();
    edit(config);
    return config;
}

void opt(ModelConfig& config)
{
    config.norm = NormKind::Layer;
    config.normBias = config.attentionBias = config.mlpBias = true;
    config.activation = Activation::Relu;
    config.gatedMlp = config.rotary = false;
    config.kvHeads = config.heads;
    config.positionOffset = 2;
}

const std::map<std::string, ModelConfig> kModels{
    {"plain", with([](ModelConfig&) {})},
    {"tied", with([](ModelConfig& c) { c.tiedEmbeddings = true; })},
    {"one_kv_head", with([](ModelConfig& c) { c.kvHeads = 1; })},
    {"a_kv_head_each", with([](ModelConfig& c) { c.kvHeads = c.heads; })},
    {"attention_bias", with([](ModelConfig& c) { c.attentionBias = true; })},
    {"all_biases_tied", with([](ModelConfig& c) { c.attentionBias = c.mlpBias = c.tiedEmbeddings = true; })},
    {"wide_heads", with([](ModelConfig& c) { c.headDim = 14; })},
    {"narrow_heads_one_kv_bias", with([](ModelConfig& c) { c.headDim = 6, c.kvHeads = 1, c.attentionBias = true; })},
    {"qwen3", with([](ModelConfig& c) { c.headNorms = true, c.headDim = 14; })},
    {"opt", with([](ModelConfig& c) { opt(c); })},
    {"opt_projected", with([](ModelConfig& c) { opt(c), c.embeddingSize = 12, c.attentionBias = c.mlpBias = false; })},
    {"opt_norms_after", with([](ModelConfig& c) { opt(c), c.normsAfterSum = true, c.finalNorm = false; })},
    {"phi3", with([](ModelConfig& c) { c.headDim = 16, c.partialRotaryDim = 12, c.windows = {5, 5}; })},
    {"gemma", with([](ModelConfig& c) {
         c.outNorms = c.headNorms = true;
         c.activation = Activation::GeluTanh;
         c.attentionCap = 20, c.logitCap = 20, c.queryScalar = 64, c.embeddingScale = 2;
         c.windows = {5, 0}, c.localRopeTheta = 100;
     })},
    {"llama3_rope", with([](ModelConfig& c) {
         c.ropeScaling.type = RopeScaling::Type::Llama3;
         c.ropeScaling.factor = 8;
         c.ropeScaling.originalContext = 16;
     })},
    {"yarn_rope", with([](ModelConfig& c) {
         c.ropeScaling.type = RopeScaling::Type::Yarn;
         c.ropeScaling.factor = 4;
         c.ropeScaling.originalContext = 16;
     })},
};

std::vector<std::int32_t> someIds(std::size_t count, const ModelConfig& config)
{
    Random random(2);
    std::vector<std::int32_t> ids(count);
    for (std::int32_t& id : ids)
        id = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(config.vocabSize)));
    return ids;
}

at::Tensor momentOf(const std::vector<SecondMoment>& moments, SiteId id)
{
    const std::size_t index = static_cast<std::size_t>(id.layer) * kAllSites.size() + static_cast<std::size_t>(id.site);
    return moments.at(index).mean();
}

/// A source whose layers are turned as makeSiteRotation says.
class TurnedSource : public WeightSource {
public:
    TurnedSource(std::shared_ptr<const WeightSource> source, const std::vector<SecondMoment>& moments,
                 const Mode& mode)
        : m_source(std::move(source)), m_moments(moments), m_mode(mode)
    {
    }

    const ModelConfig& config() const override { return m_source->config(); }
    OuterWeights smallOuter() const override { return m_source->smallOuter(); }
    at::Tensor rows(OuterRole matrix, Words words) const override { return m_source->rows(matrix, words); }
    LayerWeights layer(int index) const override
    {
        LayerWeights weights = m_source->layer(index);
        for (const Site site : m_mode.full) {
            const at::Tensor matrix = rotation({index, site}, m_mode.basis).matrix;
            for (const LinearRole role : layerRoles(config().gatedMlp))
                if (siteOf(role) == site) {
                    at::Tensor& weight = weights.linear(role).weight;
                    weight = at::matmul(weight.to(at::kDouble), matrix).to(at::kFloat);
                }
            weights.rotation(site) = matrix.to(at::kFloat);
        }
        if (m_mode.headWise)
            mergeHeadRotation(weights, rotation({index, Site::AttnOut}, m_mode.headBasis).headBlocks);
        return weights;
    }

private:
    SiteRotation rotation(SiteId id, Basis basis) const
    {
        SitePlan plan;
        plan.id = id;
        plan.basis = basis;
        plan.mixRest = m_mode.mixRest;
        return makeSiteRotation(plan, momentOf(m_moments, id), /*largestSalient=*/8, config(), kSeed);
    }

    std::shared_ptr<const WeightSource> m_source;
    const std::vector<SecondMoment>& m_moments;
    Mode m_mode;
};

class RotationEquivalence : public testing::TestWithParam<std::tuple<std::string, std::string>> {
protected:
    at::Tensor logits(const WeightSource& source) const
    {
        const Decoder decoder(source, target, RunContext{});
        return decoder.logits(decoder.hidden(someIds(48, source.config()), {}));
    }

    std::shared_ptr<const WeightSource> turned(std::shared_ptr<const WeightSource> source, const Mode& mode)
    {
        const Windows windows(someIds(400, source->config()), 50, 0, "ids");
        m_moments = test::collectedMoments(*source, target, windows);
        if (mode.global) {
            const auto moment = [&](SiteId id) { return momentOf(m_moments, id); };
            source = std::make_shared<GloballyRotatedSource>(
                source, globalRotation(*mode.global, pooledResidualMoment(*source, moment), kSeed));
        }
        return std::make_shared<TurnedSource>(source, m_moments, mode);
    }

    // One thread: products this small only wait for each other on more.
    const ComputeTarget target = resolveComputeTarget("cpu", "f32", 1);
    std::vector<SecondMoment> m_moments;
};

TEST_P(RotationEquivalence, LogitsAreThoseOfThePlainModel)
{
    const Mode& mode = kModes.at(std::get<0>(GetParam()));
    const auto plain = std::make_shared<RandomSource>(kModels.at(std::get<1>(GetParam())));
    if (mode.global && !canTurnResidual(plain->config())) {
        EXPECT_THROW(turned(plain, mode), Error);
        return;
    }
    const auto rotated = turned(plain, mode);
    const at::Tensor expected = logits(*plain), found = logits(*rotated);
    const double spread = (expected - expected.mean()).square().mean().sqrt().item<double>();
    EXPECT_LT((found - expected).abs().max().item<double>(), kTolerance * spread);

    // That the weights are other ones, or the test would compare the model with itself.
    const LayerWeights before = plain->layer(1), after = rotated->layer(1);
    for (const LinearRole role : layerRoles(plain->config().gatedMlp)) {
        const bool reads = std::find(mode.full.begin(), mode.full.end(), siteOf(role)) != mode.full.end();
        const bool heads = mode.headWise && (role == LinearRole::V || role == LinearRole::O);
        const bool changed = !after.linear(role).weight.equal(before.linear(role).weight);
        EXPECT_EQ(changed, reads || heads || mode.global.has_value()) << name(role);
    }
    EXPECT_EQ(after.rotation(Site::AttnIn).defined(), !mode.full.empty() && mode.full.front() == Site::AttnIn);
}

/// A source with every linear's weights moved as far as rounding to float32 may move them.
class RoundedSource : public WeightSource {
public:
    RoundedSource(std::shared_ptr<const WeightSource> source, std::uint64_t seed)
        : m_source(std::move(source)), m_seed(seed)
    {
    }

    const ModelConfig& config() const override { return m_source->config(); }
    OuterWeights smallOuter() const override { return m_source->smallOuter(); }
    at::Tensor rows(OuterRole matrix, Words words) const override { return m_source->rows(matrix, words); }
    LayerWeights layer(int index) const override
    {
        constexpr double kHalfStep = 0x1p-24;
        Random random(m_seed + static_cast<std::uint64_t>(index));
        LayerWeights weights = m_source->layer(index);
        for (const LinearRole role : layerRoles(config().gatedMlp)) {
            at::Tensor& weight = weights.linear(role).weight;
            const at::Tensor signs = test::gaussian(weight.size(0), weight.size(1), random).sign().to(at::kDouble);
            weight = (weight.to(at::kDouble) * (1 + kHalfStep * signs)).to(at::kFloat);
        }
        return weights;
    }

private:
    std::shared_ptr<const WeightSource> m_source;
    std::uint64_t m_seed;
};

/// Soft caps that steep logits saturate magnify rounding beyond any fixed tolerance: there a rotation must move
/// the logits no further than rounding of the weights does.
class RotationOfSteepGemma : public RotationEquivalence {};

TEST_P(RotationOfSteepGemma, MovesLogitsAsRoundingDoes)
{
    const Mode& mode = kModes.at(std::get<0>(GetParam()));
    ModelConfig config = kModels.at("gemma");
    config.attentionCap = 2, config.logitCap = 3;
    const auto plain = std::make_shared<RandomSource>(config);
    const at::Tensor expected = logits(*plain);
    double byRounding = 0;
    for (const std::uint64_t seed : {100, 200, 300})
        byRounding =
            std::max(byRounding, (logits(RoundedSource(plain, seed)) - expected).abs().max().item<double>());
    EXPECT_GT(byRounding, 0);
    const double byRotation = (logits(*turned(plain, mode)) - expected).abs().max().item<double>();
    EXPECT_LT(byRotation, 10 * byRounding);
}

std::vector<std::string> namesOf(const auto& table)
{
    std::vector<std::string> names;
    for (const auto& [name, value] : table)
        names.push_back(name);
    return names;
}

/// Those that leave the residual stream as it is, which that of Gemma has to be.
std::vector<std::string> modesOfSites()
{
    std::vector<std::string> names = namesOf(kModes);
    std::erase_if(names, [](const std::string& name) { return kModes.at(name).global.has_value(); });
    return names;
}

INSTANTIATE_TEST_SUITE_P(Rotations, RotationEquivalence,
                         testing::Combine(testing::ValuesIn(namesOf(kModes)), testing::ValuesIn(namesOf(kModels))),
                         [](const auto& info) { return std::get<0>(info.param) + "_of_" + std::get<1>(info.param); });

INSTANTIATE_TEST_SUITE_P(Rotations, RotationOfSteepGemma,
                         testing::Combine(testing::ValuesIn(modesOfSites()), testing::Values("gemma")),
                         [](const auto& info) { return std::get<0>(info.param); });

} // namespace
} // namespace eigenquant
