// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/json_output.h"
#include "app/cli/text_format.h"
#include "tests/cli/figures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace eigenquant::cli {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(JsonOutput, NumbersAreFiniteOrNull)
{
    EXPECT_EQ(toLine({{"a", number(1.5)}, {"b", number(kNan)}, {"c", number(-kInfinity)}}),
              "{\"a\":1.5,\"b\":null,\"c\":null}\n");
    EXPECT_EQ(numbers({0.1, kInfinity, 3}).dump(), "[0.1,null,3.0]");
}

TEST(JsonOutput, NumbersSurviveTheRoundTrip)
{
    for (const double value : {1.0 / 3, 1e-300, 123456789.123456789, 5e-324})
        EXPECT_EQ(Json::parse(number(value).dump()).get<double>(), value);
}

TEST(JsonOutput, BytesThatAreNoUtf8DoNotBreakTheLine)
{
    EXPECT_EQ(toLine({{"file", "a\xff"
                               "b"}}),
              "{\"file\":\"a\xef\xbf\xbd"
              "b\"}\n");
}

TEST(TextFormat, GroupsDigits)
{
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(134515008), "134,515,008");
    EXPECT_EQ(grouped(-1234567), "-1,234,567");
    EXPECT_EQ(grouped(-123), "-123");
}

TEST(TextFormat, RoundsNumbers)
{
    EXPECT_EQ(fixed(2.0 / 3, 3), "0.667");
    EXPECT_EQ(fixed(1e300, 0).size(), 301u);
    EXPECT_EQ(fixed(kNan, 2), "n/a");
    EXPECT_EQ(significant(0.00123456, 3), "0.00123");
    EXPECT_EQ(significant(kInfinity, 3), "n/a");
}

TEST(TextFormat, SizesAndTimesHaveUnits)
{
    EXPECT_EQ(byteSize(1023), "1023 B");
    EXPECT_EQ(byteSize(1024), "1.0 KiB");
    EXPECT_EQ(byteSize(1024 * 1024 - 1), "1.0 MiB");
    EXPECT_EQ(byteSize(std::numeric_limits<std::uint64_t>::max()), "16.0 EiB");
    EXPECT_EQ(duration(0.5), "0.50 s");
    EXPECT_EQ(duration(59.96), "1 min 00 s");
    EXPECT_EQ(duration(125), "2 min 05 s");
    EXPECT_EQ(duration(3720), "1 h 02 min");
    EXPECT_EQ(clockTime(31.4), "0:31");
    EXPECT_EQ(clockTime(3729), "1:02:09");
    EXPECT_EQ(clockTime(-1), "0:00");
}

TEST(TextFormat, TablesLineUp)
{
    Table table({{"name"}, {"size", Table::Align::Right}});
    table.add({"a", "1"}).add({"\u00fcber", "1,000"});
    EXPECT_EQ(table.text(), "name   size\n"
                            "a         1\n"
                            "\u00fcber  1,000\n");
    EXPECT_EQ(Table({{}, {}}).add({"key", ""}).text(), "key\n");
}

} // namespace
} // namespace eigenquant::cli
