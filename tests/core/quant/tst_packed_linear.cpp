// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/packed_linear.h"

#include "core/quant/channel_index.h"
#include "core/quant/random.h"
#include "core/quant/salient.h"
#include "core/quant/storage.h"
#include "tests/core/quant/gaussian.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <gtest/gtest.h>

#include <numeric>

namespace eigenquant {
namespace {

using test::gaussian;

LinearPlan plan(Method method, int bits, int groupSize, bool symmetric, int salient)
{
    return {{0, LinearRole::Q}, method, static_cast<double>(bits), groupSize, symmetric, salient};
}

PackedLinear packLinear(const at::Tensor& weight, const LinearPlan& plan, const std::vector<int>& salient)
{
    if (plan.method == Method::Float)
        return packFloat(weight, plan);
    const auto rest = channelIndex(remainingChannels(salient, static_cast<int>(weight.size(1))));
    const GridSpec grid{plan.gridBits(), plan.groupSize, plan.symmetric};
    return packGrid(weight, plan, salient, roundToNearest(weight.index_select(1, rest), grid), false);
}

TEST(PackedLinear, HasThePartsThatTheAccountLists)
{
    const SitePlan original{{0, Site::AttnIn}, Basis::Original};
    for (int bits = 2; bits <= 8; ++bits)
        for (const int groupSize : {0, 32, 50})
            for (const bool symmetric : {false, true})
                for (const int salient : {0, 8, 13, 100}) {
                    const LinearPlan settings = plan(Method::Salient, bits, groupSize, symmetric, salient);
                    std::vector<int> channels(static_cast<std::size_t>(salient));
                    std::iota(channels.begin(), channels.end(), 0);
                    const PackedLinear packed = packLinear(gaussian(6, 100), settings, channels);
                    const std::vector<PartSpec> account = linearParts(settings, original, 6, 100);
                    ASSERT_EQ(packed.parts.size(), account.size());
                    for (const PartSpec& part : account) {
                        EXPECT_EQ(packed.part(part.name).sizes(), at::IntArrayRef(part.shape)) << part.name;
                        EXPECT_EQ(packed.part(part.name).nbytes(), part.bytes()) << part.name;
                    }
                    EXPECT_EQ(packed.has("salient_index"), salient > 0);
                }
}

TEST(PackedLinear, KeepsTheSalientColumnsAndRoundsTheRest)
{
    const at::Tensor weight = gaussian(4, 20);
    const std::vector<int> salient{3, 17};
    const PackedLinear packed = packLinear(weight, plan(Method::Salient, 4, 8, false, 2), salient);
    const at::Tensor back = unpackLinear(packed);
    for (const int channel : salient)
        EXPECT_TRUE(back.select(1, channel).equal(weight.select(1, channel).to(at::kHalf).to(at::kFloat)));
    EXPECT_GT((back - weight).abs().max().item<float>(), 0.01f);
    EXPECT_LT((back - weight).abs().max().item<float>(), 0.5f);
}

TEST(PackedLinear, AllSalientIsTheWeightItself)
{
    const at::Tensor weight = gaussian(4, 12).to(at::kHalf).to(at::kFloat);
    std::vector<int> all;
    for (int i = 0; i < 12; ++i)
        all.push_back(i);
    EXPECT_TRUE(unpackLinear(packLinear(weight, plan(Method::Salient, 2, 0, false, 12), all)).equal(weight));
}

TEST(PackedLinear, NoSalientChannelIsRoundToNearest)
{
    const at::Tensor weight = gaussian(7, 130);
    const GridSpec grid{3, 64, false};
    const at::Tensor rtn = dequantize(roundToNearest(weight, grid), grid);
    EXPECT_TRUE(unpackLinear(packLinear(weight, plan(Method::Rosaq, 3, 64, false, 0), {})).equal(rtn));
}

TEST(PackedLinear, ALinearLeftAloneIsHalfPrecision)
{
    const at::Tensor weight = gaussian(3, 9);
    const PackedLinear packed = packLinear(weight, plan(Method::Float, 4, 64, false, 0), {});
    EXPECT_TRUE(unpackLinear(packed).equal(weight.to(at::kHalf).to(at::kFloat)));
}

} // namespace
} // namespace eigenquant
