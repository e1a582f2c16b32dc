// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "tests/core/session/session_test.h"

#include <algorithm>
#include <cmath>

namespace eigenquant::test {
namespace {

using Illustrations = SessionTest;

TEST_F(Illustrations, SampledTokensAddUpToTheStatistics)
{
    const auto session = open();
    const SiteId id{1, Site::MlpOut};
    std::vector<double> energy;
    for (int window = 0; window < 6; ++window) {
        const ActivationSample sample = session->sampleActivations(id, calibration(), window, {});
        ASSERT_EQ(sample.tokens(), 64);
        energy.resize(static_cast<std::size_t>(sample.channels));
        for (int token = 0; token < sample.tokens(); ++token)
            for (int channel = 0; channel < sample.channels; ++channel)
                energy[static_cast<std::size_t>(channel)] += std::pow(sample.at(token, channel), 2) / (6 * 64);
    }
    const std::vector<double>& measured = shared->statistics->site(id).channelEnergy;
    ASSERT_EQ(energy.size(), measured.size());
    for (std::size_t j = 0; j < energy.size(); ++j)
        EXPECT_NEAR(energy[j], measured[j], 1e-5 * measured[j]);
}

TEST_F(Illustrations, SamplesOfWhatIsNotThereAreRefused)
{
    const auto session = open();
    EXPECT_THROW(session->sampleActivations({2, Site::AttnIn}, calibration(), 0, {}), Error);
    EXPECT_THROW(session->sampleActivations({0, Site::AttnIn}, calibration(), 6, {}), Error);
}

TEST(RoundGroup, EveryWeightGoesToItsNearestLevel)
{
    const std::vector<float> weights{-0.31f, 0.02f, 0.17f, 0.44f, -0.05f, 0.9f};
    for (const bool symmetric : {false, true})
        for (int bits = 2; bits <= 8; ++bits) {
            const RoundedGroup group = roundGroup(weights, bits, symmetric);
            ASSERT_EQ(group.levels.size(), 1u << bits);
            EXPECT_TRUE(std::ranges::is_sorted(group.levels));
            double squares = 0;
            for (std::size_t i = 0; i < weights.size(); ++i) {
                const auto nearest =
                    std::ranges::min(group.levels, {}, [&](double level) { return std::abs(level - weights[i]); });
                EXPECT_NEAR(group.rounded[i], nearest, 1e-6) << bits << " bits, weight " << i;
                squares += std::pow(group.rounded[i] - weights[i], 2);
            }
            EXPECT_NEAR(group.squaredError, squares, 1e-9);
        }
    EXPECT_THROW(roundGroup(weights, 1, false), Error);
    EXPECT_THROW(roundGroup({}, 4, false), Error);
}

} // namespace
} // namespace eigenquant::test
