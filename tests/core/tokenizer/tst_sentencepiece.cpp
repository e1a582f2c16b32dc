// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gguf.h"
#include "core/tokenizer/character_map.h"
#include "core/tokenizer/gguf_tokenizer_json.h"
#include "tests/core/tokenizer/gguf_bytes.h"
#include "tests/core/tokenizer/tokenizer_fixture.h"

#include <gmock/gmock.h>

#include <bit>
#include <limits>

namespace eigenquant::testing {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A string or message as a field of a protocol buffer; all are shorter than 128 bytes here.
std::string field(int number, const std::string& bytes)
{
    return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}

std::string number(int field, int value)
{
    return field < 16 ? std::string{static_cast<char>(field << 3), static_cast<char>(value)}
                      : std::string{static_cast<char>((field << 3 & 0x7f) | 0x80), static_cast<char>(field >> 4),
                                    static_cast<char>(value)};
}

std::string piece(const std::string& text, float score, int type = 1)
{
    const auto bits = std::bit_cast<std::uint32_t>(score);
    std::string message = field(1, text) + static_cast<char>(2 << 3 | 5);
    for (int shift = 0; shift < 32; shift += 8)
        message += static_cast<char>(bits >> shift & 0xff);
    return field(1, message + number(3, type));
}

const std::string kPieces = piece("<unk>", 0, 2) + piece("<s>", 0, 3) + piece("</s>", 0, 3) + piece("\u2581", -4) +
                            piece("a", -5) + piece("b", -6) + piece("\u2581a", -3) + piece("ab", -2) +
                            piece("[x]", 0, 4);

std::string model(int kind, const std::string& normalizer = number(4, 0))
{
    return kPieces + field(2, number(3, kind)) + field(3, normalizer);
}

std::shared_ptr<const Tokenizer> loadModel(const std::string& content, const std::string& config = "")
{
    const TemporaryFolder folder;
    if (!config.empty())
        folder.write("tokenizer_config.json", config);
    return loadTokenizerModel(folder.write("tokenizer.model", content));
}

TEST(SentencePieceFile, bothKindsOfModelsAreRead)
{
    for (const int kind : {1, 2}) {
        const auto tokenizer = loadModel(model(kind));
        EXPECT_THAT(tokenizer->encode("ab"), ElementsAre(3, 7)) << kind;
        EXPECT_THAT(tokenizer->encode("b a[x]xyz"), ElementsAre(3, 5, 6, 8, 0)) << kind;
        EXPECT_EQ(tokenizer->decode({1, 3, 7, 8, 0}), "ab[x] \u2047 ");
        EXPECT_TRUE(tokenizer->encode("").empty());
    }
}

TEST(SentencePieceFile, spacesAreTreatedAsTheModelSays)
{
    EXPECT_THAT(loadModel(model(2))->encode("  a "), ElementsAre(3, 3, 6, 3));
    EXPECT_THAT(loadModel(model(2, number(4, 1)))->encode("  a "), ElementsAre(6));
    EXPECT_THAT(loadModel(model(2, number(3, 0) + number(4, 0)))->encode("ab a"), ElementsAre(7, 6));
}

TEST(SentencePieceFile, edgesAreAddedAsTheConfigSays)
{
    EXPECT_THAT(loadModel(model(2), R"({"add_bos_token": true, "bos_token": {"content": "<s>"}})")->encode("ab"),
                ElementsAre(1, 3, 7));
    EXPECT_THAT(loadModel(model(2), R"({"add_eos_token": true})")->encode("ab"), ElementsAre(3, 7, 2));
    EXPECT_THAT(loadModel(model(2), R"({"tokenizer_class": "LlamaTokenizer"})")->encode(""), ElementsAre(1));
    const Error error = errorOf([] { loadModel(model(2), R"({"add_bos_token": true, "bos_token": "[BOS]"})"); });
    EXPECT_EQ(error.code(), ErrorCode::Invalid);
    EXPECT_EQ(error.field(), "bos_token");
}

std::shared_ptr<const Tokenizer> loadWith(const std::vector<std::pair<std::string, std::string>>& files)
{
    const TemporaryFolder folder;
    for (const auto& [name, content] : files)
        folder.write(name, content);
    return loadTokenizerModel(folder.write("tokenizer.model", model(2)));
}

TEST(SentencePieceFile, addedTokensAreReadFromTheFilesBesideIt)
{
    const std::pair<std::string, std::string> added{"added_tokens.json", R"({"<|user|>": 9, "[x]": 8})"};
    const auto tokenizer = loadWith({added});
    EXPECT_THAT(tokenizer->encode("ab<|user|>ab<s>"), ElementsAre(3, 7, 9, 3, 7, 0));
    EXPECT_EQ(tokenizer->decode({3, 7, 9, 7}), "ab<|user|>ab");
    EXPECT_EQ(tokenizer->vocabularySize(), 10);
    EXPECT_THAT(loadWith({added,
                          {"tokenizer_config.json",
                           R"({"legacy": false, "bos_token": "<|user|>", "add_bos_token": true})"}})
                    ->encode("ab<|user|>ab"),
                ElementsAre(9, 3, 7, 9, 7));
    EXPECT_THAT(loadWith({{"special_tokens_map.json", R"({"bos_token": {"content": "<s>"}, "pad_token": "[PAD]",
                           "additional_special_tokens": ["</s>", {"content": "<unk>"}]})"}})->encode("<s>a</s><unk>"),
                ElementsAre(1, 6, 2, 0));
    EXPECT_THAT(
        loadWith({{"tokenizer_config.json", R"({"added_tokens_decoder": {"9": {"content": "<e>", "rstrip": true},
                           "1": {"content": "<s>", "special": true}}})"}})
            ->encode("a<e>  b<s>"),
        ElementsAre(6, 9, 3, 5, 1));
}

TEST(SentencePieceFile, addedTokensThatContradictAreInvalid)
{
    const std::pair<const char*, const char*> lies[] = {
        {"added_tokens.json", R"({"<e>": 3})"},
        {"added_tokens.json", R"({"ab": 9})"},
        {"added_tokens.json", R"({"<e>": 9, "<f>": 9})"},
        {"added_tokens.json", R"({"<e>": "9"})"},
        {"added_tokens.json", R"({"": 9})"},
        {"added_tokens.json", R"({"<e>": 99999999999})"},
        {"added_tokens.json", "[]"},
        {"tokenizer_config.json", R"({"added_tokens_decoder": {"x": {"content": "<e>"}}})"},
        {"tokenizer_config.json", R"({"added_tokens_decoder": {"999999999": {"content": "<e>"}}})"},
        {"tokenizer_config.json", R"({"added_tokens_decoder": {"9": "<e>"}})"}};
    for (const auto& [name, content] : lies) {
        const Error error = errorOf([&] { loadWith({{name, content}}); });
        EXPECT_EQ(error.code(), ErrorCode::Invalid) << content;
        EXPECT_THAT(error.file(), HasSubstr(name)) << content;
    }
}

TEST(SentencePieceFile, otherFilesAreRefusedByWhatTheyAre)
{
    const std::pair<std::string, const char*> files[] = {
        {"IQ== 0\nIg== 1\n", "tiktoken"},
        {"", "empty"},
        {"{}", "JSON"},
        {"version https://git-lfs.github.com/spec/v1\n", "Git LFS"}};
    for (const auto& [content, what] : files) {
        const Error error = errorOf([&] { loadModel(content); });
        EXPECT_EQ(error.code(), ErrorCode::Unsupported);
        EXPECT_THAT(error.found(), HasSubstr(what));
    }
    EXPECT_EQ(errorOf([] { loadModel(model(4)); }).field(), "trainer_spec.model_type");
}

TEST(SentencePieceFile, everyCutOfTheFileIsAnErrorOrAModel)
{
    const std::string whole = model(1, field(2, std::string("\x04\0\0\0\xff\xff\xff\xff", 8) + "x"));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        try {
            loadModel(whole.substr(0, size))->encode("abx[x]");
        } catch (const Error& error) {
            EXPECT_TRUE(error.code() == ErrorCode::Invalid || error.code() == ErrorCode::Unsupported) << error.what();
        }
    }
}

TEST(SentencePieceFile, lyingPiecesAreInvalid)
{
    const std::string lies[] = {piece("a", 0),
                                piece("c", std::numeric_limits<float>::quiet_NaN()),
                                piece("c", std::numeric_limits<float>::infinity()),
                                piece("", 0),
                                piece("\xff", 0),
                                piece("<0xG1>", 0, 6),
                                piece("c", 0, 7),
                                field(1, "\x0a\x7f"),
                                "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"};
    for (const std::string& lie : lies) {
        const Error error = errorOf([&] { loadModel(kPieces + lie); });
        EXPECT_EQ(error.code(), ErrorCode::Invalid) << error.what();
        EXPECT_THAT(error.file(), HasSubstr("tokenizer.model"));
        EXPECT_FALSE(error.field().empty());
    }
    EXPECT_EQ(errorOf([] { loadModel(piece("a", 0)); }).code(), ErrorCode::Invalid); // nothing is unknown
}

/// The golden file of make_sentencepiece_golden.py.
const nlohmann::json& goldenModels()
{
    static const nlohmann::json kGolden = [] {
        std::ifstream file(EIGENQUANT_SOURCE_DIR "/tests/golden/sentencepiece.json");
        return nlohmann::json::parse(file);
    }();
    return kGolden;
}

void expectIds(const Tokenizer& tokenizer, const nlohmann::json& entry, bool isDecoded)
{
    ASSERT_GE(entry.at("ids").size(), 60u);
    for (std::size_t i = 0; i < entry.at("ids").size(); ++i) {
        const auto text = goldenModels().at("texts").at(i).get<std::string>();
        const auto ids = tokenizer.encode(text);
        EXPECT_EQ(ids, entry.at("ids")[i].get<std::vector<std::int32_t>>()) << text;
        if (isDecoded) {
            EXPECT_EQ(tokenizer.decode(ids), entry.at("decoded")[i].get<std::string>());
        }
    }
}

TEST(SentencePieceGolden, modelsAgreeWithTheOracle)
{
    for (const auto& entry : goldenModels().at("models")) {
        SCOPED_TRACE(entry.at("name").get<std::string>());
        expectIds(*loadModel(*bytesOfBase64(entry.at("model").get<std::string>())), entry, true);
    }
}

TEST(SentencePieceGolden, ggufVocabulariesAgreeWithLlamaCpp)
{
    const auto& entry = goldenModels().at("gguf");
    GgufBytes file;
    file.text("tokenizer.ggml.model", "llama").texts("tokenizer.ggml.tokens", entry.at("tokens"))
        .numbers("tokenizer.ggml.token_type", entry.at("types")).reals("tokenizer.ggml.scores", entry.at("scores"))
        .number("tokenizer.ggml.bos_token_id", 1).number("tokenizer.ggml.eos_token_id", 2);
    const TemporaryFolder folder;
    const auto gguf = GgufStore::open(folder.write("model.gguf", file.bytes()));
    expectIds(*loadTokenizerGguf(*gguf), entry, false);
    // What is exported for transformers says the same.
    expectIds(*loadText(ggufTokenizerJson(*gguf)), entry, false);
}

} // namespace

} // namespace eigenquant::testing
