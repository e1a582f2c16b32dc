// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/predictor.h"
#include "tests/core/session/session_test.h"

#include <chrono>
#include <cmath>
#include <random>

namespace eigenquant::test {
namespace {

using Predict = SessionTest;

TEST_F(Predict, ForeseesTheErrorsOfQuantization)
{
    PlanOptions rotated = rosaq(3), plain = rosaq(3), salient = rosaq(4);
    rotated.attnOut = SiteTreatment::Full;
    plain.method = Method::Rtn;
    salient.method = Method::Salient;
    for (const PlanOptions& options : {rotated, plain, salient}) {
        QuantizeResult result;
        quantize(options, "p" + std::to_string(static_cast<int>(options.method)), &result);
        for (const LinearOutcome& outcome : result.linears) {
            // Exact for the measured group sizes in the PCA basis; groups of 16 are taken for 32, and the first K
            // columns shift the groups, so the prediction errs to the high side.
            EXPECT_GT(outcome.predictedError, 0.5 * outcome.outputError) << outcome.id.name();
            EXPECT_LT(outcome.predictedError, 3.0 * outcome.outputError) << outcome.id.name();
        }
    }
}

TEST_F(Predict, IsExactForTheMeasuredCase)
{
    PlanOptions options = rosaq(4);
    options.groupSize = 32;
    options.salient = SalientBudget::parse("0");
    options.attnOut = SiteTreatment::Full;
    QuantizeResult result;
    quantize(options, "exact", &result);
    for (const LinearOutcome& outcome : result.linears)
        EXPECT_NEAR(outcome.predictedError / outcome.outputError, 1, 0.02)
            << outcome.id.name() << ": BF16 tables, FP16 rotation";
}

TEST_F(Predict, OneSiteAloneGivesTheSameAsAll)
{
    Plan one = makePlan(*shared->statistics, rosaq());
    const SiteId site{1, Site::MlpIn};
    for (LinearPlan& linear : one.linears)
        if (linear.id.site() == site)
            linear.bits = 3;
    Plan all = one;
    predict(one, *shared->statistics, site);
    predict(all, *shared->statistics);
    EXPECT_EQ(planToJson(one), planToJson(all));
}

TEST_F(Predict, IsTheSumOverWhatRemains)
{
    PlanOptions options = rosaq(3);
    options.groupSize = 32;
    options.attnOut = SiteTreatment::Full;
    options.salient = SalientBudget::parse("24");
    const ModelStatistics& statistics = *shared->statistics;
    const Plan plan = makePlan(statistics, options);
    for (const LinearPlan& linear : plan.linears) {
        const std::vector<double>& energy = statistics.site(linear.id.site()).eigenvalues;
        const ColumnErrors& columns = statistics.linear(linear.id).columns.at(Basis::Pca);
        double error = 0, output = 0;
        for (std::size_t j = 0; j < energy.size(); ++j) {
            output += energy[j] * static_cast<double>(columns.squaredNorm[j]);
            if (j >= 24)
                error += energy[j] * static_cast<double>(columns.roundingError[3 - kMinBits][j]);
        }
        ASSERT_EQ(statistics.groupSizes.front(), 32);
        EXPECT_NEAR(linear.predictedError, error / output, 1e-12 * error / output) << linear.id.name();
    }
}

std::vector<PlanOptions> oneOfEachKind()
{
    std::vector<PlanOptions> all;
    for (const Method method : {Method::Rtn, Method::Salient, Method::Gptq, Method::RandRot, Method::Rosaq,
                                Method::Cmpq, Method::Etq}) {
        all.push_back(PlanOptions::of(method));
        all.back().groupSize = 48; // between two that were measured
    }
    all.push_back(PlanOptions::of(Method::Rosaq, RotationScope::Global));
    all.back().rounding = Rounding::Gptq;
    all.push_back(PlanOptions::of(Method::Rosaq));
    all.back().select = Select::Random;
    all.back().seed = 7;
    return all;
}

TEST_F(Predict, WhatIsKeptGivesTheSameBits)
{
    Predictor kept(shared->statistics);
    std::mt19937 random(1);
    for (int round = 0; round < 2; ++round)
        for (const PlanOptions& options : oneOfEachKind()) {
            Plan plan = makePlan(*shared->statistics, options);
            for (LinearPlan& linear : plan.linears) {
                linear.bits = 2 + static_cast<int>(random() % 7);
                if (keepsSalient(linear.method))
                    linear.salient = static_cast<int>(
                        random() % static_cast<unsigned>(shared->statistics->linear(linear.id).inFeatures + 1));
            }
            Plan once = plan;
            kept.predict(plan);
            predict(once, *shared->statistics);
            EXPECT_EQ(planToJson(plan), planToJson(once)) << name(options.method);
        }
}

TEST_F(Predict, PreparedPlansAreEditedWithoutGoingThroughTheChannels)
{
    for (const PlanOptions& options : oneOfEachKind()) {
        Predictor predictor(shared->statistics);
        Plan plan = makePlan(*shared->statistics, options);
        predictor.prepare(plan, {});
        const std::size_t passes = predictor.passes();
        EXPECT_GT(passes, 0u);
        for (int bits = kMinBits; bits <= kMaxBits; ++bits)
            for (LinearPlan& linear : plan.linears) {
                linear.bits = bits;
                linear.salient = keepsSalient(linear.method) ? 5 * bits : 0;
                predictor.predict(plan, linear.id.site());
            }
        for (const int groupSize : shared->statistics->groupSizes)
            for (LinearPlan& linear : plan.linears) {
                if (usesGrid(linear.method))
                    linear.groupSize = groupSize;
                predictor.predict(plan, linear.id.site());
            }
        EXPECT_EQ(predictor.passes(), passes) << name(options.method);
    }
}

TEST_F(Predict, SharesOfEnergyAreThoseOfTheSalientChannels)
{
    Predictor predictor(shared->statistics);
    const SiteId id{1, Site::MlpIn};
    const SiteStatistics& site = shared->statistics->site(id);
    double total = 0, first = 0;
    for (std::size_t j = 0; j < site.eigenvalues.size(); ++j) {
        total += site.eigenvalues[j];
        first += j < 10 ? site.eigenvalues[j] : 0;
    }
    EXPECT_NEAR(salientEnergyShare(site, Basis::Pca, Select::Top, 10), first / total, 1e-12);
    EXPECT_EQ(predictor.salientEnergyShare(id, Basis::Pca, Select::Top, 10, 0),
              salientEnergyShare(site, Basis::Pca, Select::Top, 10));
    EXPECT_EQ(salientEnergyShare(site, Basis::Pca, Select::Top, 0), 0);
    EXPECT_EQ(salientEnergyShare(site, Basis::Pca, Select::Top, site.channels), 1);
}

TEST_F(Predict, RotationsAreSharedByTheLinearsOfTheirSite)
{
    const Plan plan = makePlan(*shared->statistics, rosaq());
    double rotation = 0, weights = 0;
    for (const LinearRole role : {LinearRole::Q, LinearRole::K, LinearRole::V}) {
        const LinearStatistics& shape = shared->statistics->linear({0, role});
        const double count = static_cast<double>(shape.outFeatures) * shape.inFeatures;
        rotation += plan.linear({0, role}).rotationBits * count / 8;
        weights += count;
    }
    EXPECT_NEAR(rotation, 64 * 64 * 2, 1e-6);
    EXPECT_DOUBLE_EQ(plan.linear({0, LinearRole::O}).rotationBits, 0) << "head-wise rotations are merged";
    EXPECT_GT(plan.totals.effectiveBits, plan.totals.rotationBits + 4);
}

TEST_F(Predict, MoreSalientChannelsLowerTheErrorAndCostBits)
{
    double error = 1e9, bits = 0;
    for (const char* salient : {"0", "8", "16", "32", "64"}) {
        PlanOptions options = rosaq();
        options.salient = SalientBudget::parse(salient);
        const Plan plan = makePlan(*shared->statistics, options);
        EXPECT_LT(plan.totals.predictedError, error);
        EXPECT_GT(plan.totals.effectiveBits, bits);
        error = plan.totals.predictedError;
        bits = plan.totals.effectiveBits;
    }
}

} // namespace
} // namespace eigenquant::test
