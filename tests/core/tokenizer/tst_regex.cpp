// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/regex.h"

#include "tests/core/tokenizer/tokenizer_fixture.h"

#include <gmock/gmock.h>

namespace eigenquant::testing {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> matches(const Regex& regex, std::string_view text)
{
    std::vector<std::string> out;
    std::size_t begin = 0, end = 0;
    for (Regex::Matches walk(regex, text); walk.next(begin, end);)
        out.emplace_back(text.substr(begin, end - begin));
    return out;
}

std::vector<std::string> matches(std::string_view pattern, std::string_view text)
{
    return matches(Regex::fromPattern(pattern), text);
}

TEST(Regex, spaceIsTheWhiteSpaceProperty)
{
    EXPECT_THAT(matches(R"(\s)", "\u0085\u180e\u200b\ufeff\u3000\v"), ElementsAre("\u0085", "\u3000", "\v"));
    EXPECT_THAT(matches(R"([^\S\n]+)", "a \n\u00a0"), ElementsAre(" ", "\u00a0"));
}

TEST(Regex, categoriesAreThoseOfUnicode16)
{
    // U+31350 came with Unicode 15, U+1E5F1 (a digit) and U+1CC00 (a symbol) with 16.
    EXPECT_THAT(matches(R"(\p{L}+)", "a\U00031350-"), ElementsAre("a\U00031350"));
    EXPECT_THAT(matches(R"(\d|\p{^L}(?=x))", "\U0001e5f1 \U0001cc00x"), ElementsAre("\U0001e5f1", "\U0001cc00"));
    EXPECT_THAT(matches(R"([^\p{L}\p{N}]+)", "\U00031350\U0001cc00\U0001e5f1"), ElementsAre("\U0001cc00"));
}

TEST(Regex, caselessAsciiFoldsToTheLongS)
{
    EXPECT_THAT(matches("(?i:'s|'ll)", "'S 'ſ 'Ll 'l"), ElementsAre("'S", "'ſ", "'Ll"));
}

TEST(Regex, literalsAndBracesAreThemselves)
{
    EXPECT_THAT(matches(R"(\{a{2}\}|x{,2}y|{z)", "{aa} xxxy {z"), ElementsAre("{aa}", "xxy", "{z"));
    EXPECT_THAT(matches(Regex::fromLiteral("(.*)[\n"), "a(.*)[\n"), ElementsAre("(.*)[\n"));
    EXPECT_THAT(matches("[一-龥\\-\\]]+", "量-]x"), ElementsAre("量-]"));
}

TEST(Regex, lineAnchorsAreThoseOfLines)
{
    EXPECT_THAT(matches("^.|.$", "ab\ncd"), ElementsAre("a", "b", "c", "d"));
    EXPECT_THAT(matches(R"(\A.|.\z)", "ab\ncd"), ElementsAre("a", "d"));
}

TEST(Regex, emptyMatchesDoNotRepeatNorStopTheWalk)
{
    EXPECT_THAT(matches("x*", "axé"), ElementsAre("", "x", ""));
}

TEST(Regex, whatMeansSomethingElseIsRefusedByName)
{
    for (const std::string_view pattern :
         {R"(\w)", R"(\b)", R"(\h)", R"(\p{Han})", R"(\p{Mn})", "[a[b]]", "[a-z&&b]", "(?<name>a)", R"((a)\1)",
          "a{1,2}+", "(?i)a", "(?i:ss)", "(?i:ä)", R"((?i:\s))", R"([^\P{L}])", R"(\xff)", "[]a]", R"(\u12)",
          R"(\p)"}) {
        const Error error = errorOf([&] { Regex::fromPattern(pattern); });
        EXPECT_EQ(error.code(), ErrorCode::Unsupported) << pattern;
        EXPECT_THAT(error.found(), HasSubstr(std::string(pattern)));
    }
}

TEST(Regex, brokenPatternsAreInvalid)
{
    for (const std::string_view pattern : {"(a", "a)", "[a", "*a", "[b-a]", "a{3,2}", "\\", "[\\"})
        EXPECT_EQ(errorOf([&] { Regex::fromPattern(pattern); }).code(), ErrorCode::Invalid) << pattern;
}

} // namespace

} // namespace eigenquant::testing
