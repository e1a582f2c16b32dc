// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/tokenizer/tokenizer_fixture.h"

#include <chrono>

namespace eigenquant::testing {

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kSize = 500'000;
#else
constexpr std::size_t kSize = 5'000'000;
#endif
/// Far above what linear time takes in a build with sanitizers, far below what quadratic time takes anywhere.
constexpr std::chrono::seconds kPatience{60};

class LongText : public ::testing::TestWithParam<const char*> {
protected:
    /// Encodes and decodes the text in time, and gets it back.
    void roundTrip(const std::string& text) const
    {
        const auto start = std::chrono::steady_clock::now();
        const auto ids = m_tokenizer->encode(text);
        EXPECT_TRUE(m_tokenizer->decode(ids) == text);
        EXPECT_LT(std::chrono::steady_clock::now() - start, kPatience);
    }

    std::shared_ptr<const Tokenizer> m_tokenizer = load(assemble(variant(GetParam())));
};

TEST_P(LongText, oneLetter) { roundTrip(std::string(kSize, 'a')); }
TEST_P(LongText, oneSpace) { roundTrip(std::string(kSize, ' ')); }
TEST_P(LongText, spacesBeforeALetter) { roundTrip(std::string(kSize, ' ') + "a"); }
TEST_P(LongText, lineBreaksBeforeSpaces) { roundTrip(std::string(kSize / 2, '\n') + std::string(kSize / 2, ' ')); }
TEST_P(LongText, oneDigit) { roundTrip(std::string(kSize, '7')); }
TEST_P(LongText, oneMark) { roundTrip(std::string(kSize, '!')); }

TEST_P(LongText, theSameLettersAgain)
{
    std::string text;
    while (text.size() < kSize)
        text += "quantizerthechannels";
    roundTrip(text);
}

TEST_P(LongText, controlTokensThatAlmostAre)
{
    std::string text;
    while (text.size() < kSize)
        text += "<|im_star";
    roundTrip(text);
}

INSTANTIATE_TEST_SUITE_P(Variants, LongText, ::testing::Values("smollm", "llama3", "qwen2"),
                         [](const auto& info) { return std::string(info.param); });

/// One of each kind of model. What a text decodes to is not always the text; ids are counted instead.
class LongTextOfAKind : public ::testing::TestWithParam<const char*> {};

TEST_P(LongTextOfAKind, isEncodedInTime)
{
    const auto tokenizer = load(kind(GetParam()));
    std::string word;
    while (word.size() < kSize)
        word += "quantizerthechannels";
    for (const std::string& text :
         {std::string(kSize, 'a'), std::string(kSize, ' '), word, std::string(kSize, 'a') + " b"}) {
        const auto start = std::chrono::steady_clock::now();
        // Some pipelines leave spaces out altogether.
        EXPECT_TRUE(!tokenizer->encode(text).empty() || text == std::string(kSize, ' '));
        EXPECT_LT(std::chrono::steady_clock::now() - start, kPatience) << text.substr(0, 20);
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, LongTextOfAKind,
                         ::testing::Values("llama2", "gemma", "phi3", "t5", "unigram_whole", "unigram_bytes",
                                           "continued", "bert"),
                         [](const auto& info) { return std::string(info.param); });

#ifndef __SANITIZE_ADDRESS__
TEST(LongTextOfFiftyMegabytes, isEncodedInTime)
{
    for (const char* const name : {"llama2", "t5"}) {
        const auto start = std::chrono::steady_clock::now();
        EXPECT_FALSE(load(kind(name))->encode(std::string(50'000'000, 'a')).empty());
        EXPECT_LT(std::chrono::steady_clock::now() - start, kPatience) << name;
    }
}
#endif

TEST(LongWord, isMergedAsAShortOneIs)
{
    const auto tokenizer = load(tinyTokenizer());
    std::string text;
    for (int i = 0; i < 1000; ++i)
        text += "abcabb";
    std::vector<std::int32_t> expected;
    for (int i = 0; i < 1000; ++i)
        expected.insert(expected.end(), {4, 3, 1});
    EXPECT_EQ(tokenizer->encode(text), expected);
}

} // namespace

} // namespace eigenquant::testing
