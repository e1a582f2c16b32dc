// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/tokenizer/tokenizer_fixture.h"

#include <thread>
#include <vector>

namespace eigenquant::testing {

namespace {

std::vector<std::string> variantNames()
{
    std::vector<std::string> names;
    for (const auto& entry : golden().at("variants"))
        names.push_back(entry.at("name"));
    return names;
}

class GoldenTokenizer : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenTokenizer, agreesWithTheOracle)
{
    const auto& entry = variant(GetParam());
    const auto tokenizer = load(assemble(entry));
    ASSERT_GE(entry.at("cases").size(), 40u);
    for (const auto& example : entry.at("cases")) {
        const auto text = example.at("text").get<std::string>();
        const auto ids = tokenizer->encode(text);
        EXPECT_EQ(ids, example.at("ids").get<std::vector<std::int32_t>>())
            << "text " << example.at("text").dump(-1, ' ', true);
        EXPECT_EQ(tokenizer->decode(ids), example.value("decoded", text));
    }
}

INSTANTIATE_TEST_SUITE_P(Variants, GoldenTokenizer, ::testing::ValuesIn(variantNames()),
                         [](const auto& info) { return info.param; });

std::vector<std::string> kindNames()
{
    std::vector<std::string> names;
    for (const auto& entry : goldenKinds().at("tokenizers"))
        names.push_back(entry.at("name"));
    return names;
}

class GoldenKind : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenKind, agreesWithTheOracle)
{
    for (const auto& entry : goldenKinds().at("tokenizers")) {
        if (entry.at("name") != GetParam())
            continue;
        const auto tokenizer = load(assembleKind(entry));
        ASSERT_GE(entry.at("ids").size(), 60u);
        for (std::size_t i = 0; i < entry.at("ids").size(); ++i) {
            const auto text = goldenKinds().at("texts").at(i).get<std::string>();
            const auto ids = tokenizer->encode(text);
            EXPECT_EQ(ids, entry.at("ids")[i].get<std::vector<std::int32_t>>()) << "text " << i << ": " << text;
            EXPECT_EQ(tokenizer->decode(ids), entry.at("decoded")[i].get<std::string>());
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, GoldenKind, ::testing::ValuesIn(kindNames()),
                         [](const auto& info) { return info.param; });

/// All texts of a variant at once: the cache of words sees every word more than once.
TEST(GoldenTokenizerTogether, concatenationSplitByControlTokensIsTheSame)
{
    const auto& entry = variant("smollm");
    const auto tokenizer = load(assemble(entry));
    std::string text;
    std::vector<std::int32_t> expected;
    for (int round = 0; round < 3; ++round) {
        for (const auto& example : entry.at("cases")) {
            text += example.at("text").get<std::string>() + "<|endoftext|>";
            for (const auto& id : example.at("ids"))
                expected.push_back(id);
            expected.push_back(0);
        }
    }
    EXPECT_EQ(tokenizer->encode(text), expected);
}

TEST(GoldenTokenizerTogether, manyThreadsShareOneTokenizer)
{
    const auto& entry = variant("qwen2");
    const auto tokenizer = load(assemble(entry));
    std::vector<int> wrong(4, 0);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < wrong.size(); ++t)
        threads.emplace_back([&, t] {
            for (const auto& example : entry.at("cases"))
                wrong[t] += tokenizer->encode(example.at("text").get<std::string>()) !=
                            example.at("ids").get<std::vector<std::int32_t>>();
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

} // namespace

} // namespace eigenquant::testing
