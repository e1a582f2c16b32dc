// SPDX-License-Identifier: GPL-3.0-or-later
// What the facade lets people look at: activations, weights, and how spectra differ.
#include "core/base/error.h"
#include "tests/core/session/session_test.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace eigenquant::test {
namespace {

using Views = SessionTest;

TEST_F(Views, TheKurtosisInTheFileIsThatOfTheWholeText)
{
    const auto session = open();
    const SiteId site{1, Site::MlpOut};
    const auto channels = static_cast<std::size_t>(shared->statistics->site(site).channels);
    std::vector<std::vector<double>> values(channels);
    for (int window = 0; window < 6; ++window) {
        const ActivationSample sample = session->sampleActivations(site, calibration(), window, {});
        for (int token = 0; token < sample.tokens(); ++token)
            for (std::size_t j = 0; j < channels; ++j)
                values[j].push_back(sample.at(token, static_cast<int>(j)));
    }
    ASSERT_EQ(channelKurtosis(shared->stats).size(), 8u);
    const std::vector<double> kurtosis = channelKurtosis(shared->stats).back();
    ASSERT_EQ(kurtosis.size(), channels);
    for (std::size_t j = 0; j < channels; ++j) {
        const double count = static_cast<double>(values[j].size());
        const double mean = std::accumulate(values[j].begin(), values[j].end(), 0.0) / count;
        double second = 0, fourth = 0;
        for (const double value : values[j]) {
            second += std::pow(value - mean, 2) / count;
            fourth += std::pow(value - mean, 4) / count;
        }
        EXPECT_NEAR(kurtosis[j], fourth / (second * second), 1e-5 * kurtosis[j]) << j;
    }
}

TEST_F(Views, ARotationMovesEnergyBetweenChannelsAndKeepsThatOfEachToken)
{
    const SiteId site{0, Site::AttnIn};
    const ActivationMaps maps = open()->activationMaps(site, calibration(), 1, shared->stats, {});
    const int tokens = maps.sample.tokens();
    ASSERT_EQ(maps.tokens.size(), 64u);
    ASSERT_EQ(maps.rotated.size(), maps.sample.values.size()) << maps.whyNotRotated;
    const auto channels = static_cast<std::size_t>(maps.sample.channels);
    std::vector<double> largest(channels), meanSquare(channels);
    for (int token = 0; token < tokens; ++token) {
        double before = 0, after = 0;
        for (std::size_t j = 0; j < channels; ++j) {
            const double x = maps.sample.at(token, static_cast<int>(j));
            const double y = maps.rotated[static_cast<std::size_t>(token) * channels + j];
            before += x * x;
            after += y * y;
            largest[j] = std::max(largest[j], std::abs(y));
            meanSquare[j] += y * y / tokens;
        }
        EXPECT_NEAR(after, before, 1e-5 * before) << token;
    }
    EXPECT_EQ(maps.rotatedMeasures.largest, largest);
    for (std::size_t j = 0; j < channels; ++j)
        EXPECT_NEAR(maps.rotatedMeasures.meanSquare[j], meanSquare[j], 1e-12 + 1e-9 * meanSquare[j]);
    const double total = std::accumulate(meanSquare.begin(), meanSquare.end(), 0.0);
    EXPECT_NEAR(std::accumulate(maps.measures.meanSquare.begin(), maps.measures.meanSquare.end(), 0.0), total,
                1e-5 * total);
}

TEST_F(Views, WhatCannotBeRotatedSaysWhy)
{
    const auto session = open();
    EXPECT_FALSE(session->activationMaps({0, Site::MlpIn}, calibration(), 0, {}, {}).whyNotRotated.empty());
    AnalyzeOptions options;
    options.text = calibration();
    options.normsOnly = true;
    options.out = folder / "norms.stats";
    session->analyze(options, {});
    const ActivationMaps maps = session->activationMaps({0, Site::MlpIn}, calibration(), 0, options.out, {});
    EXPECT_TRUE(maps.rotated.empty());
    EXPECT_NE(maps.whyNotRotated.find("no second moments"), std::string::npos);
    EXPECT_EQ(channelKurtosis(options.out), channelKurtosis(shared->stats));
    EXPECT_THROW(
        session->weightRanges(shared->stats, makePlan(*shared->statistics, rosaq()), {99, LinearRole::Q}, {}),
        Error);
}

TEST_F(Views, WeightsAreWhatQuantizeStores)
{
    QuantizeResult result;
    PlanOptions options = rosaq();
    quantize(options, "packed", &result);
    const Plan plan = makePlan(*shared->statistics, options);
    for (const LinearId id : {LinearId{0, LinearRole::Q}, LinearId{1, LinearRole::O}, LinearId{1, LinearRole::Down}}) {
        const WeightRanges ranges = open()->weightRanges(shared->stats, plan, id, {});
        const auto outcome = std::ranges::find(result.linears, id, &LinearOutcome::id);
        ASSERT_NE(outcome, result.linears.end());
        EXPECT_DOUBLE_EQ(ranges.outputError, outcome->outputError) << id.name();
        const LinearStatistics& shape = shared->statistics->linear(id);
        const auto weights = static_cast<std::int64_t>(shape.outFeatures) * shape.inFeatures;
        for (const WeightDistribution* each : {&ranges.original, &ranges.turned, &ranges.stored}) {
            EXPECT_EQ(std::accumulate(each->histogram.begin(), each->histogram.end(), std::int64_t{0}), weights);
            int columns = 0;
            for (const GroupRange& group : each->groups) {
                columns += group.columns;
                EXPECT_LE(group.meanWidth, group.largest - group.least + 1e-9);
            }
            EXPECT_EQ(columns, shape.inFeatures);
        }
        // A rotation keeps the sum of squares; head-wise ones turn rows of v as well, which keeps it, too.
        EXPECT_NEAR(ranges.turned.meanSquare, ranges.original.meanSquare, 1e-5 * ranges.original.meanSquare);
        ASSERT_TRUE(ranges.stored.groups.front().salient);
        EXPECT_EQ(ranges.stored.groups.front().columns, plan.linear(id).salient);
        EXPECT_NEAR(ranges.stored.groups.front().largest, ranges.turned.groups.front().largest, 1e-3);
    }
}

TEST_F(Views, SpectraDifferFromOthersAndNotFromThemselves)
{
    const SiteId site{1, Site::MlpIn};
    const SpectrumDifference same = spectrumDifference(*shared->statistics, *shared->statistics, site, 16);
    EXPECT_TRUE(same.sameModel && same.sameText);
    EXPECT_EQ(same.decadesApart, 0);
    EXPECT_EQ(same.sharedOutliers, 16);
    EXPECT_EQ(same.first.keptShare, salientEnergyShare(shared->statistics->site(site), Basis::Pca, Select::Top, 16));
    EXPECT_GE(same.first.effectiveDimensions, 1);

    AnalyzeOptions options;
    options.text = check();
    options.out = folder / "other.stats";
    const auto other = open()->analyze(options, {});
    const SpectrumDifference apart = spectrumDifference(*shared->statistics, *other, site, 16);
    EXPECT_TRUE(apart.sameModel);
    EXPECT_FALSE(apart.sameText);
    EXPECT_GT(apart.decadesApart, 0);
    EXPECT_EQ(apart.second.tokens, other->tokens);

    ModelStatistics shorter = *shared->statistics;
    shorter.sites.resize(4);
    EXPECT_THROW(spectrumDifference(*shared->statistics, shorter, site, 16), Error);
    EXPECT_THROW(spectrumDifference(*shared->statistics, *other, site, 1000), Error);
}

} // namespace
} // namespace eigenquant::test
