// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/svg_plot.h"
#include "tests/cli/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace eigenquant::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(SvgPlot, EscapesMarkup)
{
    EXPECT_EQ(escapeXml("a<b> & \"c\" 'd'"), "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
    EXPECT_EQ(escapeXml(std::string("x\x01\x1f\0y", 5)), "x   y");
    const std::string svg =
        toSvg({Plot{.title = "</title><script>", .xLabel = "<x>", .series = {{"a&b", {1, 2}}}}});
    EXPECT_THAT(svg, Not(HasSubstr("<script")));
    EXPECT_THAT(svg, HasSubstr("a&amp;b"));
    EXPECT_THAT(svg, HasSubstr("&lt;x&gt;"));
}

TEST(SvgPlot, LinearTicksAreRoundAndInside)
{
    EXPECT_EQ(linearTicks(0, 10, 5), (std::vector<double>{0, 2, 4, 6, 8, 10}));
    const std::vector<double> ticks = linearTicks(-0.13, 0.27, 4);
    ASSERT_EQ(ticks.size(), 4u);
    EXPECT_DOUBLE_EQ(ticks.front(), -0.1);
    EXPECT_DOUBLE_EQ(ticks.back(), 0.2);
    EXPECT_TRUE(linearTicks(1, 1, 5).empty());
    EXPECT_TRUE(linearTicks(0, kNan, 5).empty());
}

TEST(SvgPlot, LogTicksArePowersOfTen)
{
    EXPECT_EQ(logTicks(0.05, 200), (std::vector<double>{0.1, 1, 10, 100}));
    EXPECT_LE(logTicks(1e-30, 1e30).size(), 9u);
    EXPECT_TRUE(logTicks(0, 10).empty());
}

TEST(SvgPlot, ALogAxisPlacesDecadesEvenly)
{
    const std::string svg = toSvg({Plot{.logY = true, .series = {{"", {1, 10, 100}}}}});
    const std::size_t path = svg.find("<path d=\"M");
    ASSERT_NE(path, std::string::npos);
    double x[3], y[3];
    ASSERT_EQ(
        std::sscanf(svg.c_str() + path, "<path d=\"M%lf %lfL%lf %lfL%lf %lf", x, y, x + 1, y + 1, x + 2, y + 2),
        6);
    EXPECT_NEAR(y[0] - y[1], y[1] - y[2], 0.2);
    EXPECT_NEAR(x[1] - x[0], x[2] - x[1], 0.2);
    EXPECT_GT(y[0], y[2]) << "large values are at the top";
}

TEST(SvgPlot, ValuesThatCannotBeDrawnLeaveAGap)
{
    const std::string svg = toSvg({Plot{.logY = true, .series = {{"", {1, 0, 3, kNan, -2, 5, 6}}}}});
    const std::string path = svg.substr(svg.find("<path d="), svg.find("fill=\"none\"") - svg.find("<path d="));
    EXPECT_EQ(countOf(path, "M"), 3u);
    EXPECT_EQ(countOf(path, "L"), 1u);
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(svg, Not(HasSubstr("inf")));
    EXPECT_THAT(svg, Not(HasSubstr("n/a")));
}

TEST(SvgPlot, EmptyAndConstantSeriesStillGiveAPlot)
{
    for (const auto& values : {std::vector<double>{}, {0}, {5, 5, 5}, {kNan}}) {
        for (const bool logarithmic : {false, true}) {
            const std::string svg =
                toSvg({Plot{.logX = logarithmic, .logY = logarithmic, .series = {{"s", values}}}});
            EXPECT_THAT(svg, HasSubstr("</svg>"));
            EXPECT_THAT(svg, Not(HasSubstr("n/a")));
        }
    }
    EXPECT_THAT(toSvg({}), HasSubstr("</svg>"));
}

TEST(SvgPlot, BarsOfSeveralSeriesStandSideBySide)
{
    const std::string svg =
        toSvg({Plot{.series = {{"a", {1, 2}, Series::Style::Bars, 0}, {"b", {3, 4}, Series::Style::Bars, 1}}}});
    EXPECT_EQ(countOf(svg, "<rect "), 6u) << "the ground, four bars and the legend's";
    double first = 0, second = 0, width = 0;
    const std::size_t a = svg.find("<rect x="), b = svg.find("<rect x=", svg.find("<rect x=", a + 1) + 1);
    ASSERT_EQ(std::sscanf(svg.c_str() + a, "<rect x=\"%lf\" y=\"%*f\" width=\"%lf", &first, &width), 2);
    ASSERT_EQ(std::sscanf(svg.c_str() + b, "<rect x=\"%lf", &second), 1);
    EXPECT_NEAR(second - first, width, 0.02);
}

TEST(SvgPlot, PanelsShareOneRange)
{
    const std::string svg = toSvg({Plot{.series = {{"", {0, 100}}}}, Plot{.series = {{"", {0, 1}}}}}, 300, 200);
    EXPECT_THAT(svg, HasSubstr("width=\"600\" height=\"200\""));
    EXPECT_EQ(countOf(svg, ">100</text>"), 2u);
}

} // namespace
} // namespace eigenquant::cli
