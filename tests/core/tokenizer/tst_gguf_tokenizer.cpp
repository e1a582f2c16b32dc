// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gguf.h"
#include "core/tokenizer/byte_alphabet.h"
#include "tests/core/tokenizer/gguf_bytes.h"
#include "tests/core/tokenizer/tokenizer_fixture.h"

#include <gmock/gmock.h>

#include <limits>

namespace eigenquant::testing {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// What a file about the tiny tokenizer says; tests change one thing.
struct Metadata {
    std::string model = "gpt2";
    std::optional<std::string> pre = "gpt-2";
    std::vector<std::string> tokens = {"a", "b", "c", "ab", "abc", "<s>", "</s>", "  "};
    std::vector<std::int32_t> types = {1, 1, 1, 1, 1, 3, 3, 4};
    std::vector<std::string> merges = {"a b", "ab c"};
    std::optional<std::uint32_t> bos = 5;
    std::optional<std::uint32_t> eos = 6;
    std::optional<bool> addsBos, addsEos;
};

std::shared_ptr<const Tokenizer> load(const Metadata& metadata)
{
    GgufBytes file;
    file.text("general.architecture", "llama").text("tokenizer.ggml.model", metadata.model)
        .texts("tokenizer.ggml.tokens", metadata.tokens).texts("tokenizer.ggml.merges", metadata.merges)
        .numbers("tokenizer.ggml.token_type", metadata.types);
    if (metadata.pre)
        file.text("tokenizer.ggml.pre", *metadata.pre);
    if (metadata.bos)
        file.number("tokenizer.ggml.bos_token_id", *metadata.bos);
    if (metadata.eos)
        file.number("tokenizer.ggml.eos_token_id", *metadata.eos);
    if (metadata.addsBos)
        file.flag("tokenizer.ggml.add_bos_token", *metadata.addsBos);
    if (metadata.addsEos)
        file.flag("tokenizer.ggml.add_eos_token", *metadata.addsEos);
    const TemporaryFolder folder;
    return loadTokenizerGguf(*GgufStore::open(folder.write("model.gguf", file.bytes())));
}

/// The model of a golden variant as GGUF metadata.
Metadata goldenMetadata(const std::string& pre)
{
    Metadata metadata{.pre = pre};
    const auto& model = golden().at("model");
    metadata.tokens.assign(model.at("vocab").size(), "");
    for (const auto& [token, id] : model.at("vocab").items())
        metadata.tokens.at(id.get<std::size_t>()) = token;
    metadata.types.assign(metadata.tokens.size(), 1);
    metadata.types[0] = metadata.types[1] = metadata.types[2] = 3;
    metadata.merges.clear();
    for (const auto& merge : model.at("merges"))
        metadata.merges.push_back(merge[0].get<std::string>() + " " + merge[1].get<std::string>());
    metadata.addsBos = false;
    return metadata;
}

class GgufPreTokenizer : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(GgufPreTokenizer, agreesWithTheTokenizerJsonItStandsFor)
{
    const auto [pre, name] = GetParam();
    const auto tokenizer = load(goldenMetadata(pre));
    for (const auto& example : variant(name).at("cases"))
        EXPECT_EQ(tokenizer->encode(example.at("text").get<std::string>()),
                  example.at("ids").get<std::vector<std::int32_t>>())
            << example.at("text").dump(-1, ' ', true);
}

INSTANTIATE_TEST_SUITE_P(Names, GgufPreTokenizer,
                         ::testing::Values(std::pair{"smollm", "smollm"}, std::pair{"starcoder", "smollm"},
                                           std::pair{"gpt-2", "gpt2"}, std::pair{"llama-bpe", "llama3"},
                                           std::pair{"qwen2", "qwen2"}, std::pair{"gpt-4o", "cased"}));

/// Every byte, and every pair that begins with an ASCII character: shows where a text is split.
Metadata pairsOfBytes(const std::string& pre)
{
    Metadata metadata{.pre = pre, .tokens = {}, .merges = {}, .addsBos = false};
    for (int byte = 0; byte < 256; ++byte)
        metadata.tokens.emplace_back(letterOfByte(static_cast<unsigned char>(byte)));
    for (int left = '\n'; left < 0x7f; left = left == '\n' ? ' ' : left + 1) {
        for (int right = 0; right < 256; ++right) {
            const std::string pair[] = {metadata.tokens[left], metadata.tokens[right]};
            metadata.merges.push_back(pair[0] + " " + pair[1]);
            metadata.tokens.push_back(pair[0] + pair[1]);
        }
    }
    metadata.types.assign(metadata.tokens.size(), 1);
    return metadata;
}

TEST(GgufTokenizer, everyNameSplitsAsLlamaCppDoes)
{
    const nlohmann::json found = readGolden("gguf_names.json");
    const auto texts = found.at("texts").get<std::vector<std::string>>();
    std::size_t names = 0;
    for (const auto& group : found.at("groups")) {
        const auto expected = group.at("ids").get<std::vector<std::vector<std::int32_t>>>();
        for (const auto& name : group.at("names")) {
            const auto tokenizer = load(pairsOfBytes(name));
            for (std::size_t i = 0; i < texts.size(); ++i)
                EXPECT_EQ(tokenizer->encode(texts[i]), expected[i]) << name << ": " << texts[i];
            ++names;
        }
    }
    EXPECT_EQ(names, 41u);
}

TEST(GgufTokenizer, controlAndUserDefinedTokensAreFoundInText)
{
    const auto tokenizer = load({});
    const auto ids = tokenizer->encode("abc<s>ab  a</s>");
    EXPECT_THAT(ids, ElementsAre(4, 5, 3, 7, 0, 6));
    EXPECT_EQ(tokenizer->decode(ids), "abc<s>ab  a</s>");
    EXPECT_EQ(tokenizer->vocabularySize(), 8);
}

TEST(GgufTokenizer, edgesAreAddedAsTheFileSays)
{
    EXPECT_THAT(load({.addsBos = true, .addsEos = true})->encode("a"), ElementsAre(5, 0, 6));
    EXPECT_THAT(load({.addsEos = true})->encode(""), ElementsAre(6));
    EXPECT_THAT(load({})->encode("a"), ElementsAre(0));
    EXPECT_THAT(load({.pre = "llama-bpe"})->encode("a"), ElementsAre(5, 0));
    EXPECT_THAT(load({.pre = "llama-bpe", .addsBos = false})->encode("a"), ElementsAre(0));
}

TEST(GgufTokenizer, aFileWithoutPreIsSplitAsTheDefaultSays)
{
    Metadata metadata{.pre = std::nullopt};
    metadata.tokens = {"1", "2", "12", "!", "?", "!?"};
    metadata.types = {1, 1, 1, 1, 1, 1};
    metadata.merges = {"1 2", "! ?"};
    // Threes of digits are split off, punctuation stays together.
    EXPECT_THAT(load(metadata)->encode("1212!?"), ElementsAre(2, 0, 1, 5));
}

TEST(GgufTokenizer, anUnknownPreTokenizerIsNamedWithThoseKnown)
{
    const Error error = errorOf([] { load({.pre = "bloom"}); });
    EXPECT_EQ(error.code(), ErrorCode::Unsupported);
    EXPECT_EQ(error.field(), "tokenizer.ggml.pre");
    EXPECT_EQ(error.found(), "bloom");
    for (const char* const name : {"smollm", "gpt-2", "default", "llama-bpe", "qwen2", "command-r"})
        EXPECT_THAT(error.expected(), HasSubstr(name));
}

TEST(GgufTokenizer, otherModelsAreUnsupported)
{
    const Error error = errorOf([] { load({.model = "rwkv"}); });
    EXPECT_EQ(error.code(), ErrorCode::Unsupported);
    EXPECT_EQ(error.field(), "tokenizer.ggml.model");
}

struct Scored {
    std::vector<std::string> tokens = {"<unk>", "<s>",      "</s>", "\u2581", "a",      "b",
                                       "ab",    "\u2581ab", "abc",  "<0xC3>", "<0xA4>", "[x]"};
    std::vector<std::int32_t> types = {2, 3, 3, 1, 1, 1, 1, 1, 1, 6, 6, 4};
    std::vector<float> scores = {0, 0, 0, -9, -9, -9, -1, -2, -3, 0, 0, 0};
    std::optional<bool> addsPrefix;
    const char* model = "llama";
};

std::shared_ptr<const Tokenizer> load(const Scored& scored)
{
    GgufBytes file;
    file.text("tokenizer.ggml.model", scored.model).texts("tokenizer.ggml.tokens", scored.tokens)
        .numbers("tokenizer.ggml.token_type", scored.types).reals("tokenizer.ggml.scores", scored.scores)
        .number("tokenizer.ggml.bos_token_id", 1).number("tokenizer.ggml.eos_token_id", 2);
    if (scored.addsPrefix)
        file.flag("tokenizer.ggml.add_space_prefix", *scored.addsPrefix);
    const TemporaryFolder folder;
    return loadTokenizerGguf(*GgufStore::open(folder.write("model.gguf", file.bytes())));
}

/// "abc" is put together though "c" is no token; alone a "c" is unknown, as is a byte without a token.
TEST(GgufTokenizer, scoresDecideWhatIsJoined)
{
    const auto tokenizer = load(Scored{});
    EXPECT_THAT(tokenizer->encode("ab"), ElementsAre(1, 7));
    EXPECT_THAT(tokenizer->encode("aab abc"), ElementsAre(1, 3, 4, 6, 7, 0));
    EXPECT_THAT(tokenizer->encode("ä[x]ab</s>"), ElementsAre(1, 3, 9, 10, 11, 7, 2));
    EXPECT_THAT(tokenizer->encode(""), ElementsAre(1));
    EXPECT_EQ(tokenizer->decode({7, 3, 9, 10, 6}), "ab äab");
    EXPECT_THAT(load(Scored{.addsPrefix = false})->encode("abc"), ElementsAre(1, 8));
}

TEST(GgufTokenizer, unigramVocabulariesTakeTheBestSum)
{
    EXPECT_THAT(load(Scored{.addsPrefix = true, .model = "t5"})->encode("ab"), ElementsAre(7, 2));
}

TEST(GgufTokenizer, unigramVocabulariesOfT5FindUnusedPiecesAndSumInDoublePrecision)
{
    Scored scored{.addsPrefix = false, .model = "t5"};
    EXPECT_THAT(load(scored)->encode("abc"), ElementsAre(8, 2));
    scored.types[8] = 5; // unused, but there
    EXPECT_THAT(load(scored)->encode("abc"), ElementsAre(8, 2));
    // In single precision the two ways to write "abb" sum up to the same.
    scored = {.tokens = {"<unk>", "<s>", "</s>", "a", "b", "ab", "bb"},
              .types = {2, 3, 3, 1, 1, 1, 1},
              .scores = {0, 0, 0, -16777216, -1.25F, -16777216, -1.5F},
              .addsPrefix = false,
              .model = "t5"};
    EXPECT_THAT(load(scored)->encode("abb"), ElementsAre(5, 4, 2));
    // Byte pieces are not used, and user-defined ones are found whole: their beginning spoils no other character.
    scored = {.tokens = {"<unk>", "<s>", "</s>", "\u2581\u2581", "\u2460", "a", "<0xC3>", "<0xA4>"},
              .types = {2, 3, 3, 4, 1, 1, 6, 6},
              .scores = {0, 0, 0, 0, -1, -1, 0, 0},
              .addsPrefix = false,
              .model = "t5"};
    EXPECT_THAT(load(scored)->encode("a\u2460\u00e4"), ElementsAre(5, 4, 0, 2));
}

TEST(GgufTokenizer, scoredVocabulariesThatLieAreInvalid)
{
    const auto fieldOf = [](const Scored& scored) {
        const Error error = errorOf([&] { load(scored); });
        EXPECT_EQ(error.code(), ErrorCode::Invalid) << error.what();
        return error.field();
    };
    Scored scored;
    scored.scores[4] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ(fieldOf(scored), "tokenizer.ggml.tokens[4]");
    EXPECT_EQ(fieldOf({.scores = {0}}), "tokenizer.ggml.scores");
    EXPECT_EQ(fieldOf({.types = {1}}), "tokenizer.ggml.token_type");
    scored = {};
    scored.types[3] = 9;
    EXPECT_EQ(fieldOf(scored), "tokenizer.ggml.token_type[3]");
    scored = {};
    scored.tokens[5] = "a";
    EXPECT_EQ(fieldOf(scored), "tokenizer.ggml.tokens[5]");
    scored.tokens[5] = "";
    EXPECT_EQ(fieldOf(scored), "tokenizer.ggml.tokens[5]");
    scored.tokens[5] = "b";
    scored.tokens[9] = "<0xZZ>";
    EXPECT_EQ(fieldOf(scored), "tokenizer.ggml.tokens[9]");
}

TEST(GgufTokenizer, metadataThatLiesIsInvalid)
{
    const auto fieldOf = [](const Metadata& metadata) {
        const Error error = errorOf([&] { load(metadata); });
        EXPECT_EQ(error.code(), ErrorCode::Invalid) << error.what();
        return error.field();
    };
    EXPECT_EQ(fieldOf({.tokens = {"a", "b", "c", "ab", "abc", "<s>", "a", "  "}}), "tokenizer.ggml.tokens[6]");
    EXPECT_EQ(fieldOf({.types = {1, 1}}), "tokenizer.ggml.token_type");
    EXPECT_EQ(fieldOf({.merges = {"a b", "ab x"}}), "tokenizer.ggml.merges[1]");
    EXPECT_EQ(fieldOf({.merges = {"a c"}}), "tokenizer.ggml.merges[0]");
    EXPECT_EQ(fieldOf({.merges = {"ab"}}), "tokenizer.ggml.merges[0]");
    EXPECT_EQ(fieldOf({.bos = 8, .addsBos = true}), "tokenizer.ggml.bos_token_id");
    EXPECT_EQ(fieldOf({.eos = std::nullopt, .addsEos = true}), "tokenizer.ggml.eos_token_id");
    EXPECT_EQ(fieldOf({.tokens = {}, .types = {}, .merges = {}}), "tokenizer.ggml.tokens");
}

} // namespace

} // namespace eigenquant::testing
