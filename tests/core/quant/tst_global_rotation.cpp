// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/calib/second_moments.h"
#include "core/model/decoder.h"
#include "core/quant/global_rotation.h"
#include "tests/core/quant/collected_moments.h"
#include "tests/core/quant/random_source.h"
#include "tests/core/quant/tensor_errors.h"

#include <ATen/ops/diag.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <string>

namespace eigenquant {
namespace {

using test::gaussian;
using test::RandomSource;

constexpr auto kAllKinds = {GlobalRotationKind::Pca, GlobalRotationKind::Random, GlobalRotationKind::Hadamard};

at::Tensor gaussianMoment(std::int64_t channels, std::uint64_t seed)
{
    const at::Tensor x = gaussian(3 * channels, channels, seed).to(at::kDouble);
    return at::matmul(x.t(), x);
}

TEST(GlobalRotation, TakesTheGainOutOfAMoment)
{
    const at::Tensor gain = at::tensor({2.0, -0.5, 4.0}), normed = gaussianMoment(3, 1);
    const at::Tensor found = withoutGain(normed * at::outer(gain, gain), gain.to(at::kFloat));
    EXPECT_LT(largest(found - normed), 1e-14 * largest(normed));
    EXPECT_TRUE(found.equal(found.t()));
}

TEST(GlobalRotation, AChannelWithoutGainContributesNothing)
{
    for (const double small : {0.0, 1e-7, -1e-7}) {
        const at::Tensor gain = at::tensor({2.0, small, 4.0});
        const at::Tensor found = withoutGain(gaussianMoment(3, 1), gain);
        EXPECT_TRUE(found.isfinite().all().item<bool>()) << small;
        EXPECT_EQ(largest(found[1]), 0) << small;
        EXPECT_EQ(largest(found.select(1, 1)), 0) << small;
        EXPECT_GT(found[0][2].abs().item<double>(), 0) << small;
    }
    EXPECT_EQ(largest(withoutGain(gaussianMoment(3, 1), at::zeros({3}, at::kDouble))), 0) << "lets nothing by";
}

TEST(GlobalRotation, PoolsEverySiteOfTheResidualStreamWithTheSameWeight)
{
    const RandomSource source(RandomSource::smallConfig());
    std::vector<SiteId> asked;
    at::Tensor expected = at::zeros({32, 32}, at::kDouble);
    const auto moment = [&](SiteId id) {
        asked.push_back(id);
        const LayerWeights weights = source.layer(id.layer);
        const at::Tensor gain = (id.site == Site::AttnIn ? weights.attentionNorm : weights.mlpNorm).to(at::kDouble);
        const at::Tensor normed = gaussianMoment(32, asked.size());
        expected += normed / normed.trace();
        // Later layers are a thousand times as loud.
        return normed * at::outer(gain, gain) * (id.layer == 0 ? 1.0 : 1000.0);
    };
    const at::Tensor pooled = pooledResidualMoment(source, moment);
    EXPECT_EQ(asked, (std::vector<SiteId>{{0, Site::AttnIn}, {0, Site::MlpIn}, {1, Site::AttnIn}, {1, Site::MlpIn}}));
    EXPECT_LT(largest(pooled - expected / 4), 1e-14);
    EXPECT_NEAR(pooled.trace().item<double>(), 1, 1e-12);
}

TEST(GlobalRotation, SilentSitesAreLeftOut)
{
    const RandomSource source(RandomSource::smallConfig());
    const at::Tensor pooled = pooledResidualMoment(
        source, [&](SiteId id) { return id.layer == 0 ? at::zeros({32, 32}, at::kDouble) : gaussianMoment(32, 1); });
    EXPECT_TRUE(pooled.isfinite().all().item<bool>());
}

TEST(GlobalRotation, EveryKindIsOrthogonalAndRepeatable)
{
    const at::Tensor pooled = gaussianMoment(24, 4);
    for (const auto kind : kAllKinds) {
        const at::Tensor rotation = globalRotation(kind, pooled, 7);
        EXPECT_EQ(rotation.scalar_type(), at::kDouble);
        EXPECT_LT(largest(at::matmul(rotation.t(), rotation) - at::eye(24, at::kDouble)), 1e-13);
        EXPECT_TRUE(rotation.equal(globalRotation(kind, pooled, 7)));
        EXPECT_EQ(rotation.equal(globalRotation(kind, pooled, 8)), kind == GlobalRotationKind::Pca);
    }
}

TEST(GlobalRotation, PcaPutsTheEnergyFirst)
{
    const at::Tensor pooled = gaussianMoment(24, 4);
    const at::Tensor rotation = globalRotation(GlobalRotationKind::Pca, pooled, 0);
    const at::Tensor turned = rotatedMoment(pooled, at::ones({24}), rotation);
    EXPECT_LT(largest(turned - at::diag(turned.diagonal())), 1e-11 * largest(turned));
    EXPECT_GE((turned.diagonal().slice(0, 0, 23) - turned.diagonal().slice(0, 1, 24)).min().item<double>(), -1e-9);
    EXPECT_NEAR(turned.trace().item<double>(), pooled.trace().item<double>(), 1e-9);
}

TEST(GlobalRotation, TheRotatedMomentIsThatOfTheRotatedModel)
{
    const auto source = std::make_shared<RandomSource>(RandomSource::smallConfig());
    std::vector<std::int32_t> ids(120);
    for (std::size_t i = 0; i < ids.size(); ++i)
        ids[i] = static_cast<std::int32_t>(i * i % 61);
    const Windows windows(ids, 60, 0, "ids");
    const auto plain = test::collectedMoments(*source, {}, windows);
    const at::Tensor rotation = globalRotation(GlobalRotationKind::Random, gaussianMoment(32, 1), 3);
    const auto turned = test::collectedMoments(GloballyRotatedSource(source, rotation), {}, windows);
    for (std::size_t i = 0; i < plain.size(); ++i) {
        const auto [layer, site] = plain[i].id();
        const LayerWeights weights = source->layer(layer);
        const bool residual = site == Site::AttnIn || site == Site::MlpIn;
        const at::Tensor& gain = site == Site::AttnIn ? weights.attentionNorm : weights.mlpNorm;
        const at::Tensor expected = residual ? rotatedMoment(plain[i].mean(), gain, rotation) : plain[i].mean();
        EXPECT_LT(largest(turned[i].mean() - expected), 1e-4 * largest(expected)) << plain[i].id().name();
    }
}

TEST(GlobalRotation, FoldsGainsAndUntiesEmbeddings)
{
    ModelConfig config = RandomSource::smallConfig();
    config.tiedEmbeddings = true;
    config.attentionBias = config.mlpBias = true;
    const auto source = std::make_shared<RandomSource>(config);
    const at::Tensor rotation = globalRotation(GlobalRotationKind::Random, gaussianMoment(32, 1), 3);
    const GloballyRotatedSource turned(source, rotation);
    EXPECT_FALSE(turned.config().tiedEmbeddings);
    const OuterWeights plainOuter = source->outer(), outer = turned.outer();
    EXPECT_TRUE(outer.finalNorm.equal(at::ones({32})));
    const auto close = [](const at::Tensor& found, const at::Tensor& expected, const std::string& what) {
        EXPECT_EQ(found.scalar_type(), at::kFloat) << what;
        EXPECT_TRUE(found.is_contiguous()) << what;
        EXPECT_LT(largest(found.to(at::kDouble) - expected), 1e-6 * largest(expected)) << what;
    };
    const at::Tensor embedding = plainOuter.embedding.to(at::kDouble);
    close(outer.embedding, at::matmul(embedding, rotation), "embedding");
    close(outer.head, at::matmul(embedding * plainOuter.finalNorm.to(at::kDouble), rotation), "head");
    const LayerWeights plainLayer = source->layer(1), layer = turned.layer(1);
    EXPECT_TRUE(layer.attentionNorm.equal(at::ones({32})));
    EXPECT_TRUE(layer.mlpNorm.equal(at::ones({32})));
    for (const LinearRole role : kAllRoles) {
        const at::Tensor weight = plainLayer.linear(role).weight.to(at::kDouble), bias = plainLayer.linear(role).bias;
        const bool writes = role == LinearRole::O || role == LinearRole::Down;
        const at::Tensor& gain = siteOf(role) == Site::AttnIn ? plainLayer.attentionNorm : plainLayer.mlpNorm;
        close(layer.linear(role).weight,
              writes ? at::matmul(rotation.t(), weight) : at::matmul(weight * gain.to(at::kDouble), rotation),
              std::string(name(role)));
        if (writes)
            close(layer.linear(role).bias, at::matmul(bias.to(at::kDouble), rotation), "bias");
        else
            EXPECT_TRUE(layer.linear(role).bias.equal(bias)) << name(role);
    }
}

TEST(GlobalRotation, RefusesWhatItWouldGetWrong)
{
    const at::Tensor rotation = at::eye(32, at::kDouble);
    ModelConfig config = RandomSource::smallConfig();
    config.architecture = "Gemma2ForCausalLM";
    config.outNorms = true;
    try {
        GloballyRotatedSource(std::make_shared<RandomSource>(config), rotation);
        FAIL() << "a norm on the output of attention was passed over";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Unsupported);
        EXPECT_NE(std::string(error.what()).find("Gemma2ForCausalLM"), std::string::npos) << error.what();
    }
    const auto fitting = std::make_shared<RandomSource>(RandomSource::smallConfig());
    EXPECT_THROW(GloballyRotatedSource(fitting, at::eye(31, at::kDouble)), Error);

    class RotatedAtRunTime : public RandomSource {
    public:
        using RandomSource::RandomSource;
        LayerWeights layer(int index) const override
        {
            LayerWeights weights = RandomSource::layer(index);
            weights.rotation(Site::MlpIn) = at::eye(32);
            return weights;
        }
    };
    const GloballyRotatedSource twice(std::make_shared<RotatedAtRunTime>(RandomSource::smallConfig()), rotation);
    EXPECT_THROW(twice.layer(0), Error);
}

} // namespace
} // namespace eigenquant
