// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/progress.h"

#include <gtest/gtest.h>

namespace eigenquant::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST(ProgressText, TheBarTellsStageShareCountsAndTime)
{
    EXPECT_EQ(progressBar({"reading", "windows", 12, 24}, 31, 120),
              "reading [############            ] 50 % 12/24 windows ETA 0:31");
    EXPECT_EQ(progressBar({"reading", "windows", 0, 24}, 3, 120),
              "reading [                        ] 0 % 0/24 windows");
    EXPECT_EQ(progressBar({"reading", "windows", 12, 0}, 3, 120), "reading 12 windows");
}

TEST(ProgressText, TheBarKeepsToItsWidthAndToAHundredPercent)
{
    EXPECT_EQ(progressBar({"reading", "windows", 12, 24}, 31, 10), "reading [#");
    EXPECT_NE(progressBar({"reading", "windows", 30, 24}, 1, 120).find("] 100 % 30/24"), std::string::npos);
}

TEST(ProgressText, TheLineSaysTheSame)
{
    EXPECT_EQ(progressLine({"reading", "windows", 1200, 2400}, 60),
              "reading: 1,200/2,400 windows (50 %), ETA 1:00");
    EXPECT_EQ(progressLine({"reading", "windows", 12, 0}, 60), "reading: 12 windows");
}

TEST(ProgressText, ThereIsNoEtaWithoutAPace)
{
    EXPECT_FALSE(secondsLeft({"s", "u", 0, 10}, 5));
    EXPECT_FALSE(secondsLeft({"s", "u", 1, 10}, 0.1));
    EXPECT_FALSE(secondsLeft({"s", "u", 1, 0}, 5));
    EXPECT_DOUBLE_EQ(secondsLeft({"s", "u", 1, 10}, 5).value(), 45);
    EXPECT_DOUBLE_EQ(secondsLeft({"s", "u", 12, 10}, 5).value(), 0);
}

/// A display with a clock that the test turns.
struct Stage {
    explicit Stage(ProgressDisplay::Mode mode, bool colour = false)
        : display(
              mode, colour, [this](const std::string& text) { written.push_back(text); }, [this] { return now; })
    {
    }
    void show(const char* stage, std::int64_t done, milliseconds later)
    {
        now += later;
        display.show({stage, "windows", done, 1000});
    }
    steady_clock::time_point now{};
    std::vector<std::string> written;
    ProgressDisplay display;
};

TEST(ProgressDisplay, LinesComeAtNewStagesAndEveryFiveSeconds)
{
    Stage stage(ProgressDisplay::Mode::Lines);
    stage.show("one", 0, milliseconds(0));
    stage.show("one", 1, milliseconds(4900));
    EXPECT_EQ(stage.written.size(), 1u);
    stage.show("one", 2, milliseconds(200));
    EXPECT_EQ(stage.written.size(), 2u);
    stage.show("two", 0, milliseconds(1));
    stage.show("one", 3, milliseconds(1));
    stage.show("two", 1, milliseconds(1));
    EXPECT_EQ(stage.written.size(), 3u) << "stages that alternate are not new again";
    EXPECT_EQ(stage.written.back(), "two: 0/1,000 windows (0 %)\n");
}

TEST(ProgressDisplay, TheBarIsRedrawnAtMostTenTimesASecondAndWipedAtTheEnd)
{
    Stage stage(ProgressDisplay::Mode::Bar);
    for (int i = 0; i < 1000; ++i)
        stage.show("one", i, milliseconds(1));
    EXPECT_LE(stage.written.size(), 11u);
    EXPECT_GE(stage.written.size(), 9u);
    stage.display.finish();
    EXPECT_EQ(stage.written.back(), "\r\x1b[K");
    const std::size_t count = stage.written.size();
    stage.display.finish();
    EXPECT_EQ(stage.written.size(), count) << "there is nothing left to wipe";
}

TEST(ProgressDisplay, ColourIsUsedOnlyWhenWanted)
{
    Stage plain(ProgressDisplay::Mode::Bar, false), coloured(ProgressDisplay::Mode::Bar, true);
    plain.show("one", 1, milliseconds(0));
    coloured.show("one", 1, milliseconds(0));
    EXPECT_EQ(plain.written.front().find("\x1b[36m"), std::string::npos);
    EXPECT_NE(coloured.written.front().find("\x1b[36m"), std::string::npos);
}

TEST(ProgressDisplay, SilentSaysNothing)
{
    Stage stage(ProgressDisplay::Mode::Silent);
    stage.show("one", 1, milliseconds(9000));
    stage.display.finish();
    EXPECT_TRUE(stage.written.empty());
}

} // namespace
} // namespace eigenquant::cli
