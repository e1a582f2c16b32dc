// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/parse.h"
#include "core/base/error.h"

#include <gtest/gtest.h>

#include <functional>

namespace eigenquant::cli {
namespace {

Error errorOf(const std::function<void()>& act)
{
    try {
        act();
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return Error::internal("nothing was thrown");
}

TEST(ParseIds, ReadsListsOfIds)
{
    EXPECT_EQ(parseIds("7"), (std::vector<std::int32_t>{7}));
    EXPECT_EQ(parseIds("1,20,2147483647"), (std::vector<std::int32_t>{1, 20, 2147483647}));
}

TEST(ParseIds, RefusesEverythingElseAndNamesIt)
{
    for (const char* text : {"", ",", "1,", ",1", "1,,2", "1, 2", "-1", "-0", "+1", "1.0", "0x10", "2147483648",
                             "99999999999999999999", "1;2", "one", "1\n"}) {
        const Error error = errorOf([&] { parseIds(text); });
        EXPECT_EQ(error.code(), ErrorCode::Usage) << text;
        EXPECT_EQ(error.field(), "--ids") << text;
    }
    EXPECT_EQ(errorOf([] { parseIds("1,x,3"); }).found(), "\"x\"");
}

TEST(ParseBytes, KnowsBinaryUnits)
{
    EXPECT_EQ(parseBytes("--max-moments", "0"), 0u);
    EXPECT_EQ(parseBytes("--max-moments", "4294967296"), 4294967296u);
    EXPECT_EQ(parseBytes("--max-moments", "3KiB"), 3072u);
    EXPECT_EQ(parseBytes("--max-moments", "4GiB"), 4294967296u);
    EXPECT_EQ(parseBytes("--max-ram", "8G"), 8589934592u);
    EXPECT_EQ(parseBytes("--max-ram", "512M"), 536870912u);
}

TEST(ParseBytes, RefusesSignsFractionsAndOverflow)
{
    for (const char* text : {"", "GiB", "-1", "1.5GiB", "4GB", "4 GiB", "18446744073709551616", "99999999999TiB"})
        EXPECT_EQ(errorOf([&] { parseBytes("--max-moments", text); }).code(), ErrorCode::Usage) << text;
}

TEST(ParseInteger, StaysInItsRange)
{
    EXPECT_EQ(parseInteger("--bits", "2", 2, 8), 2);
    EXPECT_EQ(parseInteger("--bits", "8", 2, 8), 8);
    for (const char* text : {"1", "9", "", "4.0", "4x", " 4", "0x4"})
        EXPECT_EQ(errorOf([&] { parseInteger("--bits", text, 2, 8); }).field(), "--bits") << text;
    EXPECT_EQ(errorOf([] { parseInteger("--bits", "9", 2, 8); }).expected(), "an integer from 2 to 8");
}

TEST(ParseNumber, TakesFiniteNumbersOnly)
{
    EXPECT_DOUBLE_EQ(parseNumber("--fail-above", "21.5", 0), 21.5);
    EXPECT_DOUBLE_EQ(parseNumber("--fail-above", "1e3", 0), 1000);
    for (const char* text : {"nan", "inf", "-1", "1,5", "", "1e999"})
        EXPECT_EQ(errorOf([&] { parseNumber("--fail-above", text, 0); }).code(), ErrorCode::Usage) << text;
}

} // namespace
} // namespace eigenquant::cli
