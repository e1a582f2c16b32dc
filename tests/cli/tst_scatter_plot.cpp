// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/scatter_plot.h"
#include "tests/cli/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

namespace eigenquant::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> labelsOf(const std::vector<ScatterPoint>& points)
{
    std::vector<std::string> labels;
    for (const ScatterPoint& point : points)
        labels.push_back(point.label);
    return labels;
}

ScatterPlot somePlot()
{
    return {.title = "a & b",
            .xLabel = "bits",
            .yLabel = "perplexity",
            .points = {{"rtn 4", 4.5, 28.6, 0.3, "rtn"},
                       {"rtn 5", 5.5, 23.2, 0.3, "rtn"},
                       {"rosaq 4", 4.9, 24, 0.2, "rosaq"}},
            .reference = 21.6,
            .referenceLabel = "float"};
}

TEST(ScatterPlot, TheParetoFrontIsWhatNobodyBeats)
{
    const std::vector<ScatterPoint> points{{"dominated", 5, 30}, {"best", 6, 20},   {"cheap", 3, 40},
                                           {"middle", 4, 25},    {"dear", 9, 20.0}, {"nothing", kNan, 1}};
    EXPECT_EQ(labelsOf(paretoFront(points)), (std::vector<std::string>{"cheap", "middle", "best"}));
    EXPECT_EQ(labelsOf(paretoFront({{"worse", 4, 30}, {"better", 4, 20}})), std::vector<std::string>{"better"});
    EXPECT_TRUE(paretoFront({}).empty());
}

TEST(ScatterPlot, DrawsEveryPointWithItsLabelAndTheReference)
{
    const std::string svg = scatterSvg({somePlot()}, "what is seen");
    for (const char* text : {">rtn 4</text>", ">rtn 5</text>", ">rosaq 4</text>", ">float</text>", "a &amp; b",
                             ">Pareto front</text>", "<desc>what is seen</desc>"})
        EXPECT_THAT(svg, HasSubstr(text));
    EXPECT_EQ(countOf(svg, "<circle "), 3u) << "two points and the legend's, of the first category";
    EXPECT_EQ(countOf(svg, "prefers-color-scheme: dark"), 1u);
    EXPECT_EQ(svg, scatterSvg({somePlot()}, "what is seen"));
}

TEST(ScatterPlot, LargeValuesAreUpAndManyBitsAreRight)
{
    const std::string svg = scatterSvg({somePlot()}, "");
    double x[2], y[2];
    const std::size_t first = svg.find("<circle "), second = svg.find("<circle ", first + 1);
    ASSERT_EQ(std::sscanf(svg.c_str() + first, "<circle cx=\"%lf\" cy=\"%lf\"", x, y), 2);
    ASSERT_EQ(std::sscanf(svg.c_str() + second, "<circle cx=\"%lf\" cy=\"%lf\"", x + 1, y + 1), 2);
    EXPECT_LT(x[0], x[1]);
    EXPECT_LT(y[0], y[1]) << "28.6 is above 23.2";
}

TEST(ScatterPlot, AWideRangeIsLogarithmic)
{
    ScatterPlot plot = somePlot();
    EXPECT_THAT(scatterSvg({plot}, ""), Not(HasSubstr("logarithmic")));
    plot.points.push_back({"broken", 3, 5000, 10, "rtn"});
    const std::string svg = scatterSvg({plot}, "");
    EXPECT_THAT(svg, HasSubstr("perplexity (logarithmic)"));
    EXPECT_THAT(svg, HasSubstr(">1000</text>"));
}

TEST(ScatterPlot, WhatIsNotFiniteIsLeftOut)
{
    ScatterPlot plot = somePlot();
    plot.points.push_back({"ghost", 4, kNan, 1, "rtn"});
    plot.points.push_back({"no error bar", 4.2, 30, kNan, "rtn"});
    const std::string svg = scatterSvg({plot}, "");
    EXPECT_THAT(svg, Not(HasSubstr("ghost")));
    EXPECT_THAT(svg, HasSubstr("no error bar"));
    for (const char* word : {"nan", "inf", "n/a"})
        EXPECT_THAT(svg, Not(HasSubstr(word)));
}

TEST(ScatterPlot, FewPointsAreStillAPlot)
{
    for (const std::vector<ScatterPoint>& points :
         {std::vector<ScatterPoint>{}, {{"one", 4, 20, 0, "rtn"}}, {{"a", 4, 20, 0, "x"}, {"b", 4, 20, 0, "y"}}}) {
        const std::string svg = scatterSvg({{.title = "t", .points = points}}, "");
        EXPECT_THAT(svg, HasSubstr("</svg>"));
        EXPECT_THAT(svg, Not(HasSubstr("n/a")));
    }
}

TEST(ScatterPlot, LabelsOfOnePlaceDoNotCoverEachOther)
{
    const std::string svg = scatterSvg({{.points = {{"first", 4, 20, 0, "a"}, {"other", 4, 20, 0, "b"}}}}, "");
    double x[2], y[2];
    const auto place = [&](const char* label, int i) {
        const std::size_t end = svg.rfind(std::string(">") + label); // the first is the marker's title
        const std::size_t begin = svg.rfind("x=\"", end);
        return std::sscanf(svg.c_str() + begin, "x=\"%lf\" y=\"%lf\"", x + i, y + i) == 2;
    };
    ASSERT_TRUE(place("first", 0) && place("other", 1));
    EXPECT_TRUE(std::abs(y[0] - y[1]) >= 12 || std::abs(x[0] - x[1]) >= 30);
}

} // namespace
} // namespace eigenquant::cli
