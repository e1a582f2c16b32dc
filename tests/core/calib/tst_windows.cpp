// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/windows.h"

#include "core/base/error.h"

#include <gtest/gtest.h>

#include <numeric>

namespace eigenquant {
namespace {

std::vector<std::int32_t> ids(int count)
{
    std::vector<std::int32_t> values(static_cast<std::size_t>(count));
    std::iota(values.begin(), values.end(), 0);
    return values;
}

TEST(WindowsOfText, DoNotOverlapAndDropTheRest)
{
    const Windows windows(ids(25), 8, 0, "text");
    EXPECT_EQ(windows.count(), 3);
    EXPECT_EQ(windows.tokens(), 24);
    EXPECT_EQ(windows.textTokens(), 25);
    EXPECT_EQ(windows[2].front(), 16);
    EXPECT_EQ(windows[2].size(), 8u);
    EXPECT_EQ(Windows(ids(25), 8, 2, "text").count(), 2);
    EXPECT_EQ(Windows(ids(25), 8, 9, "text").count(), 3);
}

TEST(WindowsOfText, ShortTextsSayWhatTheyHaveAndNeed)
{
    try {
        Windows(ids(7), 8, 0, "short.txt");
        FAIL() << "took a text without a window";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Invalid);
        EXPECT_EQ(error.file(), "short.txt");
        EXPECT_EQ(error.found(), "7 tokens");
        EXPECT_EQ(error.expected(), "at least 8");
    }
    EXPECT_THROW(Windows(ids(7), 1, 0, "short.txt"), Error);
    EXPECT_THROW(Windows(ids(7), 2, -1, "short.txt"), Error);
}

} // namespace
} // namespace eigenquant
