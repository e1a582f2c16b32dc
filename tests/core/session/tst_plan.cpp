// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/text_file.h"
#include "tests/core/session/session_test.h"

#include <fstream>

namespace eigenquant::test {
namespace {

using PlanTest = SessionTest;

TEST_F(PlanTest, BasesFollowMethodAndTreatment)
{
    PlanOptions options = rosaq();
    const Plan plan = makePlan(*shared->statistics, options);
    EXPECT_EQ(plan.site({1, Site::AttnIn}).basis, Basis::Pca);
    EXPECT_EQ(plan.site({1, Site::AttnOut}).basis, Basis::HeadWise);
    EXPECT_EQ(plan.site({1, Site::MlpOut}).basis, Basis::Pca);
    EXPECT_EQ(plan.linear({1, LinearRole::Gate}).salient, 8);

    options.attnOut = SiteTreatment::None;
    options.mlpOut = SiteTreatment::Salient;
    const Plan other = makePlan(*shared->statistics, options);
    EXPECT_EQ(other.linear({0, LinearRole::O}).salient, 0);
    EXPECT_EQ(other.site({0, Site::MlpOut}).basis, Basis::Original);
    EXPECT_GT(other.linear({0, LinearRole::Down}).salient, 0);

    options.method = Method::Rtn;
    EXPECT_EQ(makePlan(*shared->statistics, options).linear({0, LinearRole::Down}).salient, 0);
    EXPECT_EQ(makePlan(*shared->statistics, options).site({0, Site::AttnIn}).basis, Basis::Original);
}

TEST_F(PlanTest, ComesBackFromItsFile)
{
    PlanOptions options = rosaq(3);
    options.select = Select::TopBottom;
    options.mixRest = true;
    Plan plan = makePlan(*shared->statistics, options);
    plan.linear({1, LinearRole::Up}).bits = 7;
    const auto file = folder / "plan.json";
    savePlan(plan, file, false);
    const Plan back = loadPlan(file);
    EXPECT_EQ(planToJson(back), planToJson(plan));
    EXPECT_EQ(back.linear({1, LinearRole::Up}).bits, 7);
    EXPECT_THROW(savePlan(plan, file, false), Error) << "it exists";
}

TEST_F(PlanTest, SettingsOutOfRangeAreRefused)
{
    const auto refused = [&](auto change) {
        PlanOptions options = rosaq();
        change(options);
        try {
            makePlan(*shared->statistics, options);
            return false;
        } catch (const Error& error) {
            return error.code() == ErrorCode::Usage;
        }
    };
    EXPECT_TRUE(refused([](PlanOptions& o) { o.bits = 1; }));
    EXPECT_TRUE(refused([](PlanOptions& o) { o.bits = 9; }));
    EXPECT_TRUE(refused([](PlanOptions& o) { o.groupSize = -1; }));
    EXPECT_TRUE(refused([](PlanOptions& o) { o.salient = SalientBudget::parse("65"); }));
    EXPECT_TRUE(refused([](PlanOptions& o) { o.mlpOut = SiteTreatment::HeadWise; }));
}

TEST_F(PlanTest, EditedFilesAreCheckedWordByWord)
{
    const auto file = folder / "plan.json";
    savePlan(makePlan(*shared->statistics, rosaq()), file, false);
    const std::string good = readFile(file);
    const auto refuses = [&](const std::string& from, const std::string& to, const std::string& word) {
        std::string bad = good;
        const auto place = bad.find(from);
        ASSERT_NE(place, std::string::npos) << from;
        bad.replace(place, from.size(), to);
        std::ofstream(file, std::ios::binary) << bad;
        try {
            loadPlan(file);
            ADD_FAILURE() << "took " << to;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::Invalid) << error.what();
            EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
        }
    };
    refuses("\"name\": \"1.up\"", "\"name\": \"9.up\"", "9.up");
    refuses("\"method\": \"rosaq\"", "\"method\": \"magic\"", "magic");
    refuses("\"basis\": \"pca\"", "\"basis\": \"svd\"", "svd");
    refuses("\"bits\": 4", "\"bits\": 99", "bits");
    refuses("\"format\": \"eigenquant-plan\"", "\"format\": \"shopping-list\"", "plan");
    refuses("\"seed\": 0", "\"seed\": 0, \"seed\": 1", "seed");
}

} // namespace
} // namespace eigenquant::test
