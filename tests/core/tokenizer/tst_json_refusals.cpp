// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/tokenizer/tokenizer_fixture.h"

#include <gmock/gmock.h>

namespace eigenquant::testing {

namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The error of the tiny tokenizer with one member replaced.
Error errorWith(const std::string& pointer, const json& value)
{
    json tokenizer = tinyTokenizer();
    tokenizer[json::json_pointer(pointer)] = value;
    return errorOf([&] { load(tokenizer); });
}

std::shared_ptr<const Tokenizer> loadWith(const std::string& pointer, const json& value)
{
    json tokenizer = tinyTokenizer();
    tokenizer[json::json_pointer(pointer)] = value;
    return load(tokenizer);
}

TEST(TokenizerJson, theTinyTokenizerWorks)
{
    const auto tokenizer = load(tinyTokenizer());
    EXPECT_THAT(tokenizer->encode("abcab<s>b"), ElementsAre(4, 3, 5, 1));
    EXPECT_EQ(tokenizer->decode({4, 3, 5, 1}), "abcab<s>b");
    EXPECT_EQ(tokenizer->vocabularySize(), 6);
    EXPECT_TRUE(tokenizer->encode("").empty());
    EXPECT_EQ(tokenizer->decode({}), "");
}

TEST(TokenizerJson, mergesMayBePairsOrStrings)
{
    EXPECT_THAT(loadWith("/model/merges", json::parse(R"([["a","b"],["ab","c"]])"))->encode("abc"), ElementsAre(4));
}

struct UnknownPart {
    std::string member, type, known;
};

TEST(TokenizerJson, unknownPartsAreNamedWithThoseKnown)
{
    const UnknownPart parts[] = {{"model", "Tiktoken", "BPE"},
                                 {"normalizer", "Uppercase", "NFC"},
                                 {"pre_tokenizer", "WordPieces", "ByteLevel"},
                                 {"post_processor", "Padding", "TemplateProcessing"},
                                 {"decoder", "CTC", "ByteLevel"}};
    for (const auto& part : parts) {
        const Error error = errorWith("/" + part.member, {{"type", part.type}});
        EXPECT_EQ(error.code(), ErrorCode::Unsupported) << error.what();
        EXPECT_EQ(error.field(), part.member + ".type");
        EXPECT_EQ(error.found(), part.type);
        EXPECT_THAT(error.expected(), HasSubstr(part.known));
        EXPECT_THAT(error.file(), HasSubstr("tokenizer.json"));
    }
}

TEST(TokenizerJson, aPartInsideASequenceIsNamedWithItsPlace)
{
    const Error error = errorWith("/pre_tokenizer", json::parse(R"({"type": "Sequence", "pretokenizers": [
        {"type": "Digits"}, {"type": "WordPieces"}, {"type": "ByteLevel"}]})"));
    EXPECT_EQ(error.field(), "pre_tokenizer.pretokenizers[1].type");
    EXPECT_EQ(error.code(), ErrorCode::Unsupported);
}

TEST(TokenizerJson, optionsThatCannotBeMetAreRefusedByName)
{
    const Error error = errorWith("/model/dropout", 0.1);
    EXPECT_EQ(error.code(), ErrorCode::Unsupported);
    EXPECT_EQ(error.field(), "model.dropout");
    EXPECT_EQ(errorWith("/model/unk_token", "<unk>").code(), ErrorCode::Invalid);
    EXPECT_EQ(errorWith("/model/continuing_subword_prefix", "##").field(), "model.merges[0]");
}

TEST(TokenizerJson, aPatternThatIsNotKnownIsNamedWithItsPlace)
{
    const Error error = errorWith("/pre_tokenizer", json::parse(R"({"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": "\\w+"}, "behavior": "Isolated", "invert": false}, {"type": "ByteLevel"}]})"));
    EXPECT_EQ(error.code(), ErrorCode::Unsupported);
    EXPECT_EQ(error.field(), "pre_tokenizer.pretokenizers[0].pattern");
    EXPECT_THAT(error.found(), HasSubstr("\\w"));
}

TEST(TokenizerJson, filesThatLieAreInvalid)
{
    const std::tuple<const char*, json, const char*> lies[] = {
        {"/model/vocab/b", 0, "model.vocab.b"},
        {"/model/vocab/b", -1, "model.vocab.b"},
        {"/model/vocab/b", 1 << 24, "model.vocab.b"},
        {"/model/vocab/b", 1e300, "model.vocab.b"},
        {"/model/vocab/b", "1", "model.vocab.b"},
        {"/model/vocab", json::object(), "model.vocab"},
        {"/model/vocab", json::array(), "model.vocab"},
        {"/model/merges", json::parse(R"(["a b", "ab x"])"), "model.merges[1]"},
        {"/model/merges", json::parse(R"(["b a"])"), "model.merges[0]"},
        {"/model/merges", json::parse(R"(["a  b"])"), "model.merges[0]"},
        {"/model/merges", json::parse(R"([["a"]])"), "model.merges[0]"},
        {"/model/merges", json::parse(R"([7])"), "model.merges[0]"},
        {"/added_tokens/0/id", 0, "added_tokens[0].id"},
        {"/added_tokens/0/content", "a", "added_tokens[0].id"},
        {"/added_tokens/0/content", 7, "added_tokens[0].content"},
        {"/added_tokens/0", "<s>", "added_tokens[0]"},
    };
    for (const auto& [pointer, value, field] : lies) {
        const Error error = errorWith(pointer, value);
        EXPECT_EQ(error.code(), ErrorCode::Invalid) << pointer << ": " << error.what();
        EXPECT_EQ(error.field(), field);
    }
}

TEST(TokenizerJson, twoAddedTokensWithOneIdAreInvalid)
{
    const json token = {{"id", 5}, {"content", "<t>"}, {"special", true}};
    EXPECT_EQ(errorWith("/added_tokens/1", token).field(), "added_tokens[1].id");
}

TEST(TokenizerJson, aTemplateMayNotNameIdsOutsideTheVocabulary)
{
    json post = json::parse(R"({"type": "TemplateProcessing", "special_tokens": {"<s>": {"id": "<s>", "ids": [5]}},
        "single": [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}]})");
    EXPECT_THAT(loadWith("/post_processor", post)->encode("ab"), ElementsAre(5, 3));
    post["special_tokens"]["<s>"]["ids"] = {6};
    EXPECT_EQ(errorWith("/post_processor", post).code(), ErrorCode::Invalid);
    post["special_tokens"] = json::object();
    EXPECT_EQ(errorWith("/post_processor", post).code(), ErrorCode::Invalid);
    post["single"] = json::array();
    EXPECT_EQ(errorWith("/post_processor", post).code(), ErrorCode::Unsupported);
}

TEST(TokenizerJson, whatIsNoJsonIsInvalid)
{
    const std::string whole = tinyTokenizer().dump();
    for (const std::string& text :
         {std::string(), std::string("{"), whole.substr(0, whole.size() - 1), whole + "x", std::string("[]"),
          std::string(100000, '['), std::string("\xff\xfe{}"), std::string(R"({"model": 1, "model": 2})")})
        EXPECT_EQ(errorOf([&] { loadText(text); }).code(), ErrorCode::Invalid) << text.substr(0, 40);
    EXPECT_EQ(errorOf([] { loadTokenizerJson("/nonexistent/tokenizer.json"); }).code(), ErrorCode::Io);
}

TEST(TokenizerJson, everyCutOfTheFileIsRefused)
{
    const std::string whole = tinyTokenizer().dump();
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_EQ(errorOf([&] { loadText(whole.substr(0, size)); }).code(), ErrorCode::Invalid) << size;
}

TEST(TokenizerJson, invalidUtf8IsRefusedWithItsOffset)
{
    const auto tokenizer = load(tinyTokenizer());
    const Error error = errorOf([&] { tokenizer->encode("abc\xe2\x82x"); });
    EXPECT_EQ(error.code(), ErrorCode::Invalid);
    EXPECT_THAT(error.found(), HasSubstr("byte 3"));
    EXPECT_EQ(errorOf([&] { tokenizer->encode("\xed\xa0\x80"); }).code(), ErrorCode::Invalid);
}

TEST(TokenizerJson, idsWithoutATokenAreUsageErrors)
{
    const auto gaps = loadWith("/model/vocab/zz", 9);
    EXPECT_EQ(gaps->vocabularySize(), 10);
    EXPECT_EQ(gaps->decode({9, 0}), "zza");
    for (const std::int32_t id : {-1, 6, 8, 10, 1 << 30}) {
        const Error error = errorOf([&] { gaps->decode({0, id}); });
        EXPECT_EQ(error.code(), ErrorCode::Usage);
        EXPECT_EQ(error.found(), std::to_string(id));
    }
}

TEST(TokenizerJson, bytesWithoutATokenAreLeftOut)
{
    EXPECT_THAT(load(tinyTokenizer())->encode("axb ab"), ElementsAre(3, 3));
}

} // namespace

} // namespace eigenquant::testing
