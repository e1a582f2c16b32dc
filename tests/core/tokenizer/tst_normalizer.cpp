// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/normalizer.h"

#include <gtest/gtest.h>

namespace eigenquant {

namespace {

std::string normalized(UnicodeForm form, std::string_view text)
{
    return UnicodeNormalizer(form).normalize(text);
}

TEST(UnicodeNormalizer, composesAndDecomposes)
{
    EXPECT_EQ(normalized(UnicodeForm::Nfc, "e\u0301 \u1112\u1161\u11ab \u212b"), "\u00e9 \ud55c \u00c5");
    EXPECT_EQ(normalized(UnicodeForm::Nfd, "\u00e9\ud55c"), "e\u0301\u1112\u1161\u11ab");
    EXPECT_EQ(normalized(UnicodeForm::Nfkc, "\ufb01\u2460\ufdfa"),
              "fi1\u0635\u0644\u0649 \u0627\u0644\u0644\u0647 \u0639\u0644\u064a\u0647 \u0648\u0633\u0644\u0645");
    EXPECT_EQ(normalized(UnicodeForm::Nfkd, "\u00bd"), "1\u20442");
    EXPECT_EQ(normalized(UnicodeForm::Nfc, std::string_view("a\0b", 3)), std::string("a\0b", 3));
}

TEST(UnicodeNormalizer, marksAreOrderedByTheirClass)
{
    EXPECT_EQ(normalized(UnicodeForm::Nfd, "a\u0345\u0301\u0323\u0300"), "a\u0323\u0301\u0300\u0345");
    EXPECT_EQ(normalized(UnicodeForm::Nfc, "\u0323\u0301x"), "\u0323\u0301x");
}

TEST(UnicodeNormalizer, youngCharactersAreCopied)
{
    // U+11938 decomposes since Unicode 13, U+0898 is a mark since Unicode 14.
    EXPECT_EQ(normalized(UnicodeForm::Nfd, "\U00011938"), "\U00011938");
    EXPECT_EQ(normalized(UnicodeForm::Nfc, "\U00011935\U00011930"), "\U00011935\U00011930");
    EXPECT_EQ(normalized(UnicodeForm::Nfc, "a\u0345\u0898\u0301"), "a\u0345\u0898\u0301");
}

TEST(UnicodeNormalizer, aLongTextIsTheSameInPieces)
{
    std::string text, expected;
    for (int i = 0; i < 20000; ++i) {
        text += i % 7 == 0 ? "e\u0301\n\u0301" : "e\u0301";
        expected += i % 7 == 0 ? "\u00e9\n\u0301" : "\u00e9";
    }
    EXPECT_EQ(normalized(UnicodeForm::Nfc, text), expected);
}

TEST(UnicodeNormalizer, aMillionMarksInTheWrongOrderTakeNoQuadraticTime)
{
    std::string text = "a", low, high;
    for (int i = 0; i < 500000; ++i) {
        text += "\u0301\u0323";
        low += "\u0323";
        high += "\u0301";
    }
    EXPECT_EQ(normalized(UnicodeForm::Nfd, text), "a" + low + high);
}

TEST(ReplaceNormalizer, replacesEveryMatch)
{
    const ReplaceNormalizer replace(Regex::fromPattern(R"(\s{2,})"), "_");
    EXPECT_EQ(replace.normalize("a  b c   "), "a_b c_");
    EXPECT_EQ(PrependNormalizer("▁").normalize("x"), "▁x");
    EXPECT_EQ(PrependNormalizer("▁").normalize(""), "");
}

} // namespace

} // namespace eigenquant
