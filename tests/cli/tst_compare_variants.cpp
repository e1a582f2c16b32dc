// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/compare_variants.h"
#include "core/base/error.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

namespace eigenquant::cli {
namespace {

std::vector<std::string> namesOf(const VariantFlags& flags)
{
    std::vector<std::string> names, leftOut;
    for (const ComparisonVariant& variant : flags.toVariants(0, leftOut))
        names.push_back(variant.name);
    return names;
}

ErrorCode codeOf(const VariantFlags& flags)
{
    try {
        namesOf(flags);
    } catch (const Error& error) {
        return error.code();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorCode::Internal;
}

TEST(CompareVariants, AGridIsEveryCombination)
{
    const VariantFlags flags{.methods = "salient,rosaq", .bits = "3,4", .salient = "8,1/32", .groupSizes = "64"};
    EXPECT_EQ(namesOf(flags), (std::vector<std::string>{"salient 3 g64, salient 8", "salient 3 g64, salient 1/32",
                                                        "salient 4 g64, salient 8", "salient 4 g64, salient 1/32",
                                                        "rosaq 3 g64, salient 8", "rosaq 3 g64, salient 1/32",
                                                        "rosaq 4 g64, salient 8", "rosaq 4 g64, salient 1/32"}));
}

TEST(CompareVariants, WhatAMethodDoesNotTakeIsLeftOutOfTheGrid)
{
    const VariantFlags flags{.methods = "rtn,salient", .bits = "4", .salient = "0,8"};
    EXPECT_EQ(namesOf(flags), (std::vector<std::string>{"rtn 4", "salient 4, salient 0", "salient 4, salient 8"}));
}

TEST(CompareVariants, WidthsThatAMethodCannotHaveAreToldNotTried)
{
    std::vector<std::string> leftOut;
    const auto variants = VariantFlags{.methods = "rtn", .bits = "4,99"}.toVariants(0, leftOut);
    EXPECT_EQ(variants.size(), 1u);
    ASSERT_EQ(leftOut.size(), 1u);
    EXPECT_NE(leftOut[0].find("99"), std::string::npos);
    EXPECT_NE(leftOut[0].find("rtn"), std::string::npos);
}

TEST(CompareVariants, AVariantIsReadAsThePlanFlagsAre)
{
    const ComparisonVariant variant =
        parseVariant("rosaq --bits 3 --salient 1/16 --select top-bottom --mix-rest --seed 9 --group-size 32", 4);
    EXPECT_EQ(variant.name, "rosaq 3 g32, salient 1/16, select top-bottom, mix-rest, seed 9");
    EXPECT_EQ(variant.options.method, Method::Rosaq);
    EXPECT_EQ(variant.options.bits, 3);
    EXPECT_EQ(variant.options.groupSize, 32);
    EXPECT_EQ(variant.options.select, Select::TopBottom);
    EXPECT_TRUE(variant.options.mixRest);
    EXPECT_EQ(variant.options.seed, 9u);
    EXPECT_EQ(parseVariant("rtn --bits 4", 4).options.seed, 4u);
    EXPECT_EQ(parseVariant("--bits 4 --method rtn", 0).name, "rtn 4");
    EXPECT_EQ(parseVariant("mine: rtn --bits 4", 0).name, "mine");
}

TEST(CompareVariants, AFileHasOneALine)
{
    const test::TemporaryFolder folder;
    const auto file = folder.write("variants.txt",
                                   "# all of them\n\nrtn --bits 4   # the plain one\r\nmine: salient --bits 3\n");
    EXPECT_EQ(namesOf({.variants = {"rtn --bits 5"}, .file = file.string()}),
              (std::vector<std::string>{"rtn 5", "rtn 4", "mine"}));
}

TEST(CompareVariants, MistakesAreUsageErrorsThatNameTheVariant)
{
    try {
        parseVariant("rtn --bits 4 --salient 8", 0);
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Usage);
        EXPECT_EQ(error.field(), "--salient");
        EXPECT_NE(error.hint().find("rtn --bits 4 --salient 8"), std::string::npos);
    }
    for (const char* text :
         {"", "magic --bits 4", "rtn --bits", "rtn --colour red", "rtn 4", "rtn --seed -1", "name: "})
        EXPECT_EQ(codeOf({.variants = {text}}), ErrorCode::Usage) << text;
    EXPECT_EQ(codeOf({}), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.bits = "4"}), ErrorCode::Usage) << "a grid needs methods";
    EXPECT_EQ(codeOf({.methods = "rtn,,salient"}), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.methods = "rtn,"}), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.methods = "rtn,magic", .bits = "4"}), ErrorCode::Usage);
    EXPECT_EQ(codeOf({.variants = {"rtn --bits 4", "rtn --bits 4"}}), ErrorCode::Usage) << "one name for two";
}

} // namespace
} // namespace eigenquant::cli
