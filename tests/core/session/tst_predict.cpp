// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/session/session_test.h"

#include <chrono>
#include <cmath>

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
        EXPECT_NEAR(outcome.predictedError / outcome.outputError, 1, 0.02) << outcome.id.name() << ": BF16 tables, FP16 rotation";
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
