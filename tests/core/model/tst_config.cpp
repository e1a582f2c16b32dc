// SPDX-License-Identifier: GPL-3.0-or-later
// config.json of strangers: what it lies about is refused by name, before any memory is taken for it.
#include "core/io/atomic_output.h"
#include "core/io/text_file.h"
#include "core/session/session.h"
#include "tests/core/model/model_folder.h"

#include <sys/resource.h>

#include <array>
#include <cstdint>

namespace eigenquant::test {
namespace {

using Json = nlohmann::json;

void expectRefused(const char* label, const std::function<void(Json&)>& edit, ErrorCode code,
                   std::initializer_list<std::string_view> words)
{
    SCOPED_TRACE(label);
    const ModelFolder folder;
    folder.editConfig(edit);
    expectError([&] { ModelSession::open(folder.path().string()); }, code, words);
}

void expectOpens(const char* label, const std::function<void(Json&)>& edit)
{
    SCOPED_TRACE(label);
    const ModelFolder folder;
    folder.editConfig(edit);
    EXPECT_NO_THROW(ModelSession::open(folder.path().string()));
}

long peakKilobytes()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

constexpr std::array kSizes{"num_hidden_layers", "hidden_size", "intermediate_size", "num_attention_heads",
                            "vocab_size"};

} // namespace

TEST(ConfigJson, TheTinyModelIsRight)
{
    const ModelFolder folder;
    const ModelInfo info = ModelSession::open(folder.path().string())->info();
    EXPECT_EQ(info.architecture, "LlamaForCausalLM");
    EXPECT_EQ(info.layers, 2);
    EXPECT_EQ(info.heads, 4);
    EXPECT_EQ(info.kvHeads, 2);
    EXPECT_EQ(info.headDim, 16);
    EXPECT_FALSE(info.tiedEmbeddings);
}

TEST(ConfigJson, UnknownArchitectureIsNamedWithThoseSupported)
{
    expectRefused("unknown", [](Json& c) { c["architectures"] = {"MambaForCausalLM"}; }, ErrorCode::Unsupported,
                  {"config.json", "architectures", "MambaForCausalLM", "LlamaForCausalLM"});
    expectRefused("absent", [](Json& c) { c.erase("architectures"); }, ErrorCode::Invalid, {"architectures"});
    expectRefused("empty", [](Json& c) { c["architectures"] = Json::array(); }, ErrorCode::Invalid, {"architectures"});
    expectRefused("a number", [](Json& c) { c["architectures"] = {7}; }, ErrorCode::Invalid, {"architectures"});
    expectRefused("no list", [](Json& c) { c["architectures"] = "LlamaForCausalLM"; }, ErrorCode::Invalid,
                  {"architectures"});
}

TEST(ConfigJson, ArchitectureIsRefusedBeforeWeightsAreLookedFor)
{
    const ModelFolder folder;
    folder.editConfig([](Json& c) { c["architectures"] = {"MambaForCausalLM"}; });
    std::filesystem::remove(folder.path() / "model.safetensors");
    expectError([&] { ModelSession::open(folder.path().string()); }, ErrorCode::Unsupported, {"MambaForCausalLM"});
}

TEST(ConfigJson, MissingSizesAreNamed)
{
    for (const char* key : kSizes)
        expectRefused(key, [key](Json& c) { c.erase(key); }, ErrorCode::Invalid, {"config.json", key});
}

TEST(ConfigJson, WrongSizesAreNamed)
{
    const std::vector<Json> wrong{-1, 0, (1 << 24) + 1, 9007199254740993, UINT64_MAX, 1e300, 64.5, "64", true,
                                  Json::array({64}), Json::object()};
    for (const char* key : kSizes)
        for (const Json& value : wrong)
            expectRefused((std::string(key) + " " + value.dump()).c_str(), [&](Json& c) { c[key] = value; },
                          ErrorCode::Invalid, {"config.json", key});
    for (const char* key : {"num_key_value_heads", "head_dim", "max_position_embeddings"})
        for (const Json& value : {Json(-1), Json(0), Json(UINT64_MAX), Json("16")})
            expectRefused((std::string(key) + " " + value.dump()).c_str(), [&](Json& c) { c[key] = value; },
                          ErrorCode::Invalid, {"config.json", key});
}

TEST(ConfigJson, HugeSizesThatTheWeightsDoNotHaveTakeNoMemory)
{
    constexpr int huge = 1 << 24;
    const long before = peakKilobytes();
    for (const char* key : {"hidden_size", "intermediate_size", "vocab_size", "head_dim"})
        expectRefused(key, [&](Json& c) { c[key] = huge; }, ErrorCode::Invalid,
                      {"model.safetensors", "does not follow from the config"});
    expectRefused("too many layers", [&](Json& c) { c["num_hidden_layers"] = huge; }, ErrorCode::Invalid,
                  {"num_hidden_layers", "16777216"});
    expectRefused("layers", [&](Json& c) { c["num_hidden_layers"] = 1 << 14; }, ErrorCode::Invalid,
                  {"model.safetensors", "model.layers.2."});
    EXPECT_LT(peakKilobytes() - before, 64 << 10);
}

TEST(ConfigJson, HeadsMustDivide)
{
    expectRefused("hidden by heads", [](Json& c) { c["num_attention_heads"] = 5; }, ErrorCode::Invalid,
                  {"hidden_size", "64", "num_attention_heads = 5"});
    expectRefused("heads by key heads", [](Json& c) { c["num_key_value_heads"] = 3; }, ErrorCode::Invalid,
                  {"num_key_value_heads", "found 3", "divisor of 4"});
    expectRefused("odd head", [](Json& c) { c["head_dim"] = 15; }, ErrorCode::Invalid, {"head_dim", "15", "even"});
}

TEST(ConfigJson, QuantizedCheckpointsAreRefused)
{
    expectRefused("gptq", [](Json& c) { c["quantization_config"] = {{"quant_method", "gptq"}, {"bits", 4}}; },
                  ErrorCode::Unsupported, {"quantization_config", "GPTQ", "in 16 bits"});
    expectOpens("null", [](Json& c) { c["quantization_config"] = nullptr; });
}

TEST(ConfigJson, OtherActivationsAreRefused)
{
    expectRefused("mish", [](Json& c) { c["hidden_act"] = "mish"; }, ErrorCode::Unsupported,
                  {"hidden_act", "\"mish\"", "silu"});
    expectRefused("a number", [](Json& c) { c["hidden_act"] = 1; }, ErrorCode::Invalid, {"hidden_act"});
}

TEST(ConfigJson, OptionsOfTheWrongKindAreNamed)
{
    for (const char* key : {"tie_word_embeddings", "attention_bias", "mlp_bias"})
        expectRefused(key, [key](Json& c) { c[key] = "yes"; }, ErrorCode::Invalid, {key});
    for (const char* key : {"rope_theta", "rms_norm_eps"}) {
        expectRefused(key, [key](Json& c) { c[key] = "1e-5"; }, ErrorCode::Invalid, {key});
        expectRefused(key, [key](Json& c) { c[key] = -1; }, ErrorCode::Invalid, {key});
    }
}

TEST(ConfigJson, RopeScalingThatIsIncompleteOrUnknown)
{
    const auto scaling = [](const Json& value) { return [value](Json& c) { c["rope_scaling"] = value; }; };
    expectRefused("unknown", scaling({{"rope_type", "spiral"}, {"factor", 2}}), ErrorCode::Unsupported,
                  {"spiral", "linear", "dynamic", "llama3", "yarn", "longrope"});
    expectRefused("a word", scaling("linear"), ErrorCode::Invalid, {"rope_scaling"});
    for (const char* type : {"linear", "dynamic", "yarn", "llama3"}) {
        expectRefused(type, scaling({{"rope_type", type}}), ErrorCode::Invalid, {"factor"});
        expectRefused(type, scaling({{"rope_type", type}, {"factor", 0.5}}), ErrorCode::Invalid, {"factor", "0.5"});
    }
    for (const char* type : {"linear", "dynamic", "llama3"}) // of yarn alone null means something
        expectRefused(type, scaling({{"rope_type", type}, {"factor", nullptr}}), ErrorCode::Invalid, {"factor"});
    expectRefused(
        "yarn",
        scaling({{"rope_type", "yarn"}, {"factor", nullptr}, {"original_max_position_embeddings", 1 << 20}}),
        ErrorCode::Invalid, {"factor"});
    expectRefused("llama3", scaling({{"rope_type", "llama3"}, {"factor", 8}}), ErrorCode::Invalid,
                  {"original_max_position_embeddings"});
    expectRefused("longrope", scaling({{"rope_type", "longrope"}, {"short_factor", {1, 2}}, {"long_factor", {1, 2}}}),
                  ErrorCode::Invalid, {"short_factor", "2 and 2", "8 each"});
    expectRefused("zero factors", scaling({{"rope_type", "longrope"},
                                           {"short_factor", {0, 0, 0, 0, 0, 0, 0, 0}},
                                           {"long_factor", {1, 1, 1, 1, 1, 1, 1, 1}}}),
                  ErrorCode::Invalid, {"short_factor"});
    expectRefused("partial", [](Json& c) { c["partial_rotary_factor"] = 0.5; }, ErrorCode::Unsupported,
                  {"partial_rotary_factor"});
    expectRefused("partial in new style", [](Json& c) {
        c["rope_parameters"] = {{"rope_type", "default"}, {"rope_theta", 1e4}, {"partial_rotary_factor", 0.5}};
    }, ErrorCode::Unsupported, {"partial_rotary_factor"});
    expectOpens("whole heads", [](Json& c) { c["partial_rotary_factor"] = 1.0; });
}

TEST(ConfigJson, YarnWithoutAFactorTakesTheRatioOfItsContexts)
{
    const auto logits = [](const Json& factor) {
        const ModelFolder folder;
        folder.editConfig([&](Json& c) {
            c["max_position_embeddings"] = 256;
            c["rope_scaling"] = {
                {"rope_type", "yarn"}, {"factor", factor}, {"original_max_position_embeddings", 64}};
        });
        const auto file = folder.path() / "logits";
        ModelSession::open(folder.path().string())->logits({1, 2, 3, 4, 5, 6, 7, 8}, file, false, {});
        return readFile(file);
    };
    EXPECT_EQ(logits(nullptr), logits(4.0));
    EXPECT_NE(logits(nullptr), logits(8.0));
}

TEST(ConfigJson, FilesThatAreNoConfig)
{
    for (const char* text :
         {"", "{", "[]", "null", "{\"architectures\": [\"Llama\xff\"]}", "{\"vocab_size\": 1e999}"}) {
        SCOPED_TRACE(text);
        const ModelFolder folder;
        writeFile(folder.path() / "config.json", text);
        expectError([&] { ModelSession::open(folder.path().string()); }, ErrorCode::Invalid, {"config.json"});
    }
    const ModelFolder folder;
    std::filesystem::remove(folder.path() / "config.json");
    expectError([&] { ModelSession::open(folder.path().string()); }, ErrorCode::Invalid, {"no config.json"});
}

} // namespace eigenquant::test
