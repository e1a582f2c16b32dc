// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/pre_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace eigenquant {

namespace {

using ::testing::ElementsAre;

std::vector<std::string> pieces(const PreTokenizer& preTokenizer, std::string_view text)
{
    std::vector<std::string> out;
    auto collect = [&](Piece piece) { out.emplace_back(piece.text); };
    preTokenizer.split(text, PieceSink(collect));
    return out;
}

std::vector<std::string> splitAtDash(SplitBehavior behavior, bool invert = false)
{
    return pieces(PatternSplit(Regex::fromLiteral("-"), behavior, invert), "the-final--countdown");
}

TEST(PatternSplit, behaviors)
{
    EXPECT_THAT(splitAtDash(SplitBehavior::Removed), ElementsAre("the", "final", "countdown"));
    EXPECT_THAT(splitAtDash(SplitBehavior::Isolated), ElementsAre("the", "-", "final", "-", "-", "countdown"));
    EXPECT_THAT(splitAtDash(SplitBehavior::MergedWithPrevious), ElementsAre("the-", "final-", "-", "countdown"));
    EXPECT_THAT(splitAtDash(SplitBehavior::MergedWithNext), ElementsAre("the", "-final", "-", "-countdown"));
    EXPECT_THAT(splitAtDash(SplitBehavior::Contiguous), ElementsAre("the", "-", "final", "--", "countdown"));
    EXPECT_THAT(splitAtDash(SplitBehavior::Removed, true), ElementsAre("-", "-", "-"));
}

TEST(PreTokenizerSequence, stepsSeeThePiecesOfTheOneBefore)
{
    const PreTokenizerSequence smollm({digits(true), isolate(kGpt2Pattern)});
    EXPECT_THAT(pieces(smollm, "in 12  it's"), ElementsAre("in", " ", "1", "2", " ", " it", "'s"));
    const PreTokenizerSequence prefixed({digits(false), std::make_shared<PrefixSpace>()});
    EXPECT_THAT(pieces(prefixed, "a12 b"), ElementsAre(" a", " 12", " b"));
}

TEST(Digits, areNumbersOfAnyScript)
{
    EXPECT_THAT(pieces(*digits(true), "x½٣Ⅳ"), ElementsAre("x", "½", "٣", "Ⅳ"));
    EXPECT_THAT(pieces(*digits(false), "x12½y"), ElementsAre("x", "12½", "y"));
}

} // namespace

} // namespace eigenquant
