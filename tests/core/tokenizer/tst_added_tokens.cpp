// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/added_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace eigenquant {

namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::vector<std::pair<std::string, int>> parts(const std::vector<AddedToken>& tokens, std::string_view text)
{
    std::vector<std::pair<std::string, int>> out;
    AddedTokenSplitter(tokens).split(text, [&](std::string_view part, std::int32_t id) { out.emplace_back(part, id); });
    return out;
}

TEST(AddedTokens, leftmostThenLongest)
{
    const std::vector<AddedToken> tokens = {
        {.id = 1, .content = "ab"}, {.id = 2, .content = "abcd"}, {.id = 3, .content = "bcdef"}};
    EXPECT_THAT(parts(tokens, "xabcdef"), ElementsAre(Pair("x", -1), Pair("abcd", 2), Pair("ef", -1)));
    EXPECT_THAT(parts(tokens, "abcabbcdef"),
                ElementsAre(Pair("ab", 1), Pair("c", -1), Pair("ab", 1), Pair("bcdef", 3)));
}

TEST(AddedTokens, singleWordLooksAtBothNeighbours)
{
    const std::vector<AddedToken> tokens = {{.id = 1, .content = "Wort", .singleWord = true}};
    EXPECT_THAT(parts(tokens, "Wort Worte éWort -Wort."),
                ElementsAre(Pair("Wort", 1), Pair(" Worte éWort -", -1), Pair("Wort", 1), Pair(".", -1)));
}

TEST(AddedTokens, stripsTakeUnicodeSpaceAlongButNoTextOfTheLastMatch)
{
    const std::vector<AddedToken> tokens = {{.id = 1, .content = "<l>", .leftStrip = true},
                                            {.id = 2, .content = "<r>", .rightStrip = true}};
    EXPECT_THAT(
        parts(tokens, "a \u3000<l> b<r>\u2003\n<l>"),
        ElementsAre(Pair("a", -1), Pair(" \u3000<l>", 1), Pair(" b", -1), Pair("<r>\u2003\n", 2), Pair("<l>", 1)));
}

TEST(AddedTokens, anEmptyContentIsNeverFound)
{
    EXPECT_THAT(parts({{.id = 1, .content = ""}}, "ab"), ElementsAre(Pair("ab", -1)));
    EXPECT_TRUE(parts({{.id = 1, .content = "a"}}, "").empty());
}

TEST(AddedTokens, anEmptyListLeavesTheTextWhole)
{
    EXPECT_THAT(parts({}, "some text"), ElementsAre(Pair("some text", -1)));
}

} // namespace

} // namespace eigenquant
