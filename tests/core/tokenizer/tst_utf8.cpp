// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/byte_alphabet.h"
#include "core/tokenizer/utf8.h"

#include <gtest/gtest.h>

#include <set>

namespace eigenquant {

namespace {

TEST(Utf8, codePointsGoThereAndBack)
{
    for (const char32_t c : {U'\0', U'a', U'\x7f', U'\x80', U'\x7ff', U'\x800', U'\xffff', U'\x10000', U'\x10ffff'}) {
        std::string text;
        appendUtf8(text, c);
        EXPECT_EQ(text.size(), utf8Length(static_cast<unsigned char>(text[0])));
        std::size_t offset = 0;
        EXPECT_EQ(nextCodePoint(text, offset), c);
        EXPECT_EQ(offset, text.size());
    }
}

/// One U+FFFD for each maximal part, as in table 3-8 of the Unicode standard and in Python.
TEST(Utf8, invalidPartsAreReplaced)
{
    const std::string bad = "\xef\xbf\xbd";
    EXPECT_EQ(replaceInvalidUtf8("a\xf0\x9f\x98z"), "a" + bad + "z");
    EXPECT_EQ(replaceInvalidUtf8("\xf0\x9f\x98"), bad);
    EXPECT_EQ(replaceInvalidUtf8("\xc0\xaf"), bad + bad);
    EXPECT_EQ(replaceInvalidUtf8("\xe0\x80\x80"), bad + bad + bad);
    EXPECT_EQ(replaceInvalidUtf8("\xed\xa0\x80"), bad + bad + bad);
    EXPECT_EQ(replaceInvalidUtf8("\xf4\x90\x80\x80"), bad + bad + bad + bad);
    EXPECT_EQ(replaceInvalidUtf8("\xff\x80\x41"), bad + bad + "A");
    EXPECT_EQ(replaceInvalidUtf8("\xe2\x82\xe2\x82\xac"), bad + "€");
    EXPECT_EQ(replaceInvalidUtf8("Größe 🙂"), "Größe 🙂");
}

TEST(ByteAlphabet, everyByteHasItsOwnLetter)
{
    std::set<std::string> letters;
    for (int byte = 0; byte < 256; ++byte) {
        const std::string letter(letterOfByte(static_cast<unsigned char>(byte)));
        EXPECT_EQ(bytesOfLetters(letter), std::string(1, static_cast<char>(byte)));
        letters.insert(letter);
    }
    EXPECT_EQ(letters.size(), 256u);
    EXPECT_EQ(letterOfByte(' '), "Ġ");
    EXPECT_EQ(letterOfByte('\n'), "Ċ");
    EXPECT_EQ(bytesOfLetters("a b"), std::nullopt);
    EXPECT_EQ(bytesOfLetters("量"), std::nullopt);
}

} // namespace

} // namespace eigenquant
