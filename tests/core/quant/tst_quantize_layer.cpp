// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/quantize_layer.h"

#include "core/calib/pca.h"
#include "core/quant/random.h"
#include "core/quant/site_rotation.h"
#include "tests/core/quant/gaussian.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/matmul.h>
#include <gtest/gtest.h>

namespace eigenquant {
namespace {

using test::gaussian;

/// A layer with grouped-query attention and sites that have outlier channels.
class QuantizeLayer : public testing::Test {
protected:
    void SetUp() override
    {
        config.layers = 1;
        config.hiddenSize = 48;
        config.intermediateSize = 80;
        config.heads = 6;
        config.kvHeads = 2;
        config.headDim = 8;
        Random random(11);
        weights.attentionNorm = gaussian(1, 48, random).squeeze(0);
        weights.mlpNorm = gaussian(1, 48, random).squeeze(0);
        for (const LinearRole role : kAllRoles) {
            const auto [out, in] = linearShape(config, role);
            weights.linear(role).weight = gaussian(out, in, random);
        }
        for (std::size_t i = 0; i < kAllSites.size(); ++i) {
            const std::int64_t channels = siteChannels(config, kAllSites[i]);
            at::Tensor x = gaussian(300, channels, random).to(at::kDouble);
            x = at::matmul(x, gaussian(channels, channels, random).to(at::kDouble));
            x.select(1, 5) *= 30;
            moments[i] = at::matmul(x.t(), x) / 300;
        }
    }

    Plan plan(Method method, int bits, int salient, std::array<Basis, 4> bases, bool mix = false) const
    {
        Plan plan;
        for (std::size_t i = 0; i < kAllSites.size(); ++i)
            plan.sites.push_back({{0, kAllSites[i]}, bases[i], Select::Top, mix && bases[i] != Basis::Original});
        for (const LinearRole role : kAllRoles)
            plan.linears.push_back({{0, role}, method, static_cast<double>(bits), 16, false, salient});
        return plan;
    }

    double error(const Plan& plan, LinearRole role)
    {
        std::vector<LinearOutcome> outcomes;
        quantizeLayer({0, weights, moments, {}}, plan, config, {}, outcomes);
        return outcomes[static_cast<std::size_t>(role)].outputError;
    }

    /// The weight that acts on unrotated inputs.
    at::Tensor effective(const PackedLayer& packed, LinearRole role) const
    {
        const at::Tensor weight = unpackLinear(packed.linears[static_cast<std::size_t>(role)]).to(at::kDouble);
        const at::Tensor rotation =
            appliedRotation(packed.sites[static_cast<std::size_t>(siteOf(role))], weight.size(1));
        return rotation.defined() ? at::matmul(weight, rotation.to(at::kDouble).t()) : weight;
    }

    static constexpr std::array<Basis, 4> kPlain{Basis::Original, Basis::Original, Basis::Original, Basis::Original};
    static constexpr std::array<Basis, 4> kFull{Basis::Pca, Basis::Pca, Basis::Pca, Basis::Pca};
    static constexpr std::array<Basis, 4> kHeads{Basis::Pca, Basis::HeadWise, Basis::Pca, Basis::Original};
    ModelConfig config;
    LayerWeights weights;
    LayerMoments moments;
};

TEST_F(QuantizeLayer, WithoutRotationAndSalientChannelsEveryMethodIsRoundToNearest)
{
    std::vector<LinearOutcome> outcomes;
    const PackedLayer packed =
        quantizeLayer({0, weights, moments, {}}, plan(Method::Rosaq, 3, 0, kPlain), config, {}, outcomes);
    for (const LinearRole role : kAllRoles) {
        const GridSpec grid{3, 16, false};
        EXPECT_TRUE(unpackLinear(packed.linears[static_cast<std::size_t>(role)])
                        .equal(dequantize(roundToNearest(weights.linear(role).weight, grid), grid)))
            << name(role);
    }
}

TEST_F(QuantizeLayer, RotationsChangeNothingBeforeRounding)
{
    for (const bool mix : {false, true})
        for (const auto& bases : {kFull, kHeads}) {
            Plan exact = plan(Method::Float, 4, 8, bases, mix);
            std::vector<LinearOutcome> outcomes;
            const PackedLayer packed = quantizeLayer({0, weights, moments, {}}, exact, config, {}, outcomes);
            for (const LinearRole role :
                 {LinearRole::Q, LinearRole::K, LinearRole::Gate, LinearRole::Up, LinearRole::Down}) {
                const at::Tensor difference = effective(packed, role) - weights.linear(role).weight.to(at::kDouble);
                // FP16 holds eleven bits of each of 48 to 80 terms.
                EXPECT_LT(difference.abs().max().item<double>(), 1e-2) << name(role);
            }
            for (const LinearOutcome& outcome : outcomes)
                EXPECT_LT(outcome.outputError, 1e-5) << outcome.id.name();
        }
}

TEST_F(QuantizeLayer, TheHeadWiseRotationCancelsBetweenVAndO)
{
    std::vector<LinearOutcome> outcomes;
    const PackedLayer packed =
        quantizeLayer({0, weights, moments, {}}, plan(Method::Float, 4, 0, kHeads), config, {}, outcomes);
    // o(attention-weighted v(x)): the attention mixes tokens, not channels, so o·v must be the same for each head.
    const at::Tensor v = effective(packed, LinearRole::V), o = effective(packed, LinearRole::O);
    const at::Tensor plainV = weights.linear(LinearRole::V).weight.to(at::kDouble);
    const at::Tensor plainO = weights.linear(LinearRole::O).weight.to(at::kDouble);
    for (std::int64_t head = 0; head < config.heads; ++head) {
        const std::int64_t group = head / (config.heads / config.kvHeads);
        auto product = [&](const at::Tensor& left, const at::Tensor& right) {
            return at::matmul(left.narrow(1, head * 8, 8), right.narrow(0, group * 8, 8));
        };
        const at::Tensor expected = product(plainO, plainV);
        EXPECT_LT((product(o, v) - expected).abs().max().item<double>(), 5e-3 * expected.abs().max().item<double>());
    }
    EXPECT_GT((v - plainV).abs().max().item<double>(), 0.1) << "v was not rotated at all";
    EXPECT_TRUE(packed.sites[static_cast<std::size_t>(Site::AttnOut)].empty()) << "it costs nothing at run time";
}

TEST_F(QuantizeLayer, MoreSalientChannelsNeverMeanMoreError)
{
    for (const auto& bases : {kPlain, kFull, kHeads}) {
        double previous = 1e9;
        for (const int salient : {0, 8, 16, 32, 48}) {
            const double found = error(plan(Method::Rosaq, 3, salient, bases), LinearRole::Gate);
            EXPECT_LT(found, previous * 1.02) << salient;
            previous = found;
        }
        EXPECT_LT(previous, 1e-5) << "K = d is the float model";
    }
}

TEST_F(QuantizeLayer, TopDimensionsMatterMost)
{
    auto with = [&](Select select) {
        Plan selected = plan(Method::Rosaq, 4, 8, kFull);
        for (SitePlan& site : selected.sites)
            site.select = select;
        return error(selected, LinearRole::Q);
    };
    const double top = with(Select::Top), both = with(Select::TopBottom), bottom = with(Select::Bottom);
    EXPECT_LT(top, both);
    EXPECT_LT(both, bottom);
}

TEST_F(QuantizeLayer, TheOutputErrorIsThatOfTheOutputs)
{
    std::vector<LinearOutcome> outcomes;
    const PackedLayer packed =
        quantizeLayer({0, weights, moments, {}}, plan(Method::Rtn, 3, 0, kPlain), config, {}, outcomes);
    // A square root of the moment stands in for the tokens: XᵀX = LLᵀ.
    const PrincipalBasis basis = principalBasis(moments[0]);
    const at::Tensor x = (basis.vectors * basis.values.sqrt()).t();
    const at::Tensor weight = weights.linear(LinearRole::Q).weight.to(at::kDouble);
    const at::Tensor stored = effective(packed, LinearRole::Q);
    const double expected = (at::matmul(x, (weight - stored).t()).square().sum() /
                             at::matmul(x, weight.t()).square().sum()).item<double>();
    EXPECT_NEAR(outcomes[0].outputError, expected, 1e-4 * expected);
}

TEST_F(QuantizeLayer, AwqFoldsItsScalesAway)
{
    Plan scaled = plan(Method::Awq, 3, 0, kPlain);
    std::vector<LinearOutcome> outcomes;
    const PackedLayer packed = quantizeLayer({0, weights, moments, {}}, scaled, config, {}, outcomes);
    for (std::size_t i = 0; i < kAllSites.size(); ++i)
        EXPECT_TRUE(packed.sites[i].empty());
    // Never worse than no scaling, for the sum over the linears of a site.
    EXPECT_LE(outcomes[static_cast<std::size_t>(LinearRole::Down)].outputError,
              error(plan(Method::Rtn, 3, 0, kPlain), LinearRole::Down) * 1.001);
    // The norms took the scales in: gain times weight is what it was, up to rounding.
    const at::Tensor effectiveQ = effective(packed, LinearRole::Q) * packed.attentionNorm.to(at::kDouble);
    const at::Tensor plainQ =
        weights.linear(LinearRole::Q).weight.to(at::kDouble) * weights.attentionNorm.to(at::kDouble);
    EXPECT_LT((effectiveQ - plainQ).norm().item<double>(), 0.3 * plainQ.norm().item<double>());
    EXPECT_FALSE(packed.attentionNorm.equal(weights.attentionNorm));
}

TEST_F(QuantizeLayer, FeedbackLeavesLessErrorThanRounding)
{
    for (const auto& bases : {kPlain, kHeads})
        for (const int salient : {0, 8}) {
            Plan rounded = plan(Method::Rosaq, 3, salient, bases, &bases == &kHeads);
            Plan fed = rounded;
            for (LinearPlan& linear : fed.linears)
                linear.rounding = Rounding::Gptq;
            EXPECT_LT(error(fed, LinearRole::Down), 0.9 * error(rounded, LinearRole::Down)) << salient;
        }
}

TEST_F(QuantizeLayer, StopsWhenAsked)
{
    std::stop_source stop;
    stop.request_stop();
    std::vector<LinearOutcome> outcomes;
    try {
        quantizeLayer({0, weights, moments, {}}, plan(Method::Rtn, 3, 0, kPlain), config, {stop.get_token(), {}},
                      outcomes);
        FAIL() << "went on";
    } catch (const Error& error) {
        EXPECT_TRUE(error.isCancelled());
    }
}

} // namespace
} // namespace eigenquant
