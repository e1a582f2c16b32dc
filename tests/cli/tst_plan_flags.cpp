// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/plan_flags.h"
#include "core/base/error.h"

#include <gtest/gtest.h>

namespace eigenquant::cli {
namespace {

ErrorCode codeOf(const PlanFlags& flags, const std::string& flag)
{
    try {
        flags.toOptions(0);
    } catch (const Error& error) {
        EXPECT_EQ(error.field(), flag);
        return error.code();
    }
    ADD_FAILURE() << "nothing was thrown for " << flag;
    return ErrorCode::Internal;
}

TEST(PlanFlags, NothingWrittenMeansTheDefaults)
{
    const PlanFlags flags;
    EXPECT_FALSE(flags.given());
    const PlanOptions options = flags.toOptions(7);
    EXPECT_EQ(options.method, Method::Rosaq);
    EXPECT_EQ(options.bits, 4);
    EXPECT_EQ(options.groupSize, 128);
    EXPECT_EQ(options.salient.count(1024), 32);
    EXPECT_EQ(options.basis, RotationKind::Pca);
    EXPECT_EQ(options.attnOut, SiteTreatment::HeadWise);
    EXPECT_EQ(options.mlpOut, SiteTreatment::Full);
    EXPECT_EQ(options.seed, 7u);
}

TEST(PlanFlags, EveryFlagArrives)
{
    const PlanFlags flags{.method = "rosaq",
                          .bits = "3",
                          .groupSize = "0",
                          .rounding = "rtn",
                          .salient = "16",
                          .rotation = "per-site",
                          .basis = "pca",
                          .select = "top-bottom",
                          .attnOut = "none",
                          .mlpOut = "salient",
                          .symmetric = true,
                          .mixRest = true};
    EXPECT_TRUE(flags.given());
    const PlanOptions options = flags.toOptions(0);
    EXPECT_EQ(options.bits, 3);
    EXPECT_EQ(options.groupSize, 0);
    EXPECT_EQ(options.salient.count(1024), 16);
    EXPECT_EQ(options.select, Select::TopBottom);
    EXPECT_EQ(options.attnOut, SiteTreatment::None);
    EXPECT_EQ(options.mlpOut, SiteTreatment::Salient);
    EXPECT_TRUE(options.symmetric);
    EXPECT_TRUE(options.mixRest);
    EXPECT_EQ(PlanFlags{.basis = "none"}.toOptions(0).basis, RotationKind::None);
}

TEST(PlanFlags, MethodsStartFromTheirOwnDefaults)
{
    const PlanOptions gptq = PlanFlags{.method = "gptq"}.toOptions(0);
    EXPECT_EQ(gptq.rounding, Rounding::Gptq);
    EXPECT_EQ(gptq.salient.count(1024), 0);
    const PlanOptions randrot = PlanFlags{.method = "randrot", .rounding = "gptq", .attnOut = "full"}.toOptions(0);
    EXPECT_EQ(randrot.basis, RotationKind::Random);
    EXPECT_EQ(randrot.salient.count(1024), 0);
    EXPECT_EQ(randrot.attnOut, SiteTreatment::Full);
    const PlanOptions global = PlanFlags{.rotation = "global"}.toOptions(0);
    EXPECT_EQ(global.scope, RotationScope::Global);
    EXPECT_EQ(global.mlpOut, SiteTreatment::Salient);
    EXPECT_EQ(PlanFlags({.method = "cmpq", .bits = "2.2"}).toOptions(0).bits, 2.2);
    const PlanOptions etq = PlanFlags{.method = "etq", .targetBits = "3.05"}.toOptions(0);
    EXPECT_EQ(etq.basis, RotationKind::Hadamard);
    EXPECT_EQ(etq.targetBits, 3.05);
}

TEST(PlanFlags, WordsThatNobodyKnowsAreUsage)
{
    for (const char* method : {"float", "ROSAQ", "", "magic"})
        EXPECT_EQ(codeOf({.method = method}, "--method"), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.rounding = "up"}, "--rounding"), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.rotation = "local"}, "--rotation"), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.basis = "fourier"}, "--basis"), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.mlpOut = "head-wise"}, "--mlp-out"), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.select = "middle"}, "--select"), ErrorCode::Usage);
}

TEST(PlanFlags, ValuesOutOfRangeAreUsageErrors)
{
    for (const char* bits : {"1", "9", "2.2", "four", ""})
        EXPECT_EQ(codeOf({.bits = bits}, "--bits"), ErrorCode::Usage);
    for (const char* bits : {"1.9", "8.1", "nan", ""})
        EXPECT_EQ(codeOf({.method = "cmpq", .bits = bits}, "--bits"), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.groupSize = "-1"}, "--group-size"), ErrorCode::Usage);
    EXPECT_THROW((PlanFlags{.salient = "-8"}.toOptions(0)), Error);
    EXPECT_THROW((PlanFlags{.salient = "1/0"}.toOptions(0)), Error);
}

TEST(PlanFlags, FlagsThatTheMethodIgnoresAreRefused)
{
    EXPECT_EQ(codeOf({.method = "rtn", .salient = "8"}, "--salient"), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.method = "rtn", .basis = "pca"}, "--basis"), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.method = "salient", .rotation = "per-site"}, "--rotation"), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.method = "salient", .attnOut = "full"}, "--attn-out"), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.method = "salient", .mixRest = true}, "--mix-rest"), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.basis = "none", .mixRest = true}, "--mix-rest"), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.basis = "none", .attnOut = "head-wise"}, "--attn-out"), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.method = "rtn", .rounding = "gptq"}, "--rounding"), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.method = "gptq", .clip = true}, "--clip"), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.method = "rosaq", .activationOrder = true}, "--act-order"), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.method = "awq", .fourAndTwo = true}, "--four-and-two"), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.method = "etq", .symmetric = true}, "--symmetric"), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.method = "etq", .bits = "3", .targetBits = "3"}, "--bits"), ErrorCode::Usage);
    EXPECT_NO_THROW((PlanFlags{.method = "salient", .salient = "1/16"}.toOptions(0)));
    EXPECT_NO_THROW((PlanFlags{.basis = "none", .attnOut = "salient"}.toOptions(0)));
}

} // namespace
} // namespace eigenquant::cli
