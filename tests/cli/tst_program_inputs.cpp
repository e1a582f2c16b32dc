// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/tiny_workspace.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace eigenquant::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class BadInputs : public TinyWorkspace {
protected:
    std::string message(const nlohmann::json& error) const { return error.value("message", ""); }
};

TEST_F(BadInputs, AModelThatIsNotThereIsNamed)
{
    const auto error = fail(6, {"info", at("nowhere")});
    EXPECT_THAT(message(error), HasSubstr("nowhere"));
}

TEST_F(BadInputs, GarbageIsInvalid)
{
    folder.write("garbage.gguf", "this is no model at all, only some words");
    EXPECT_EQ(fail(3, {"info", at("garbage.gguf")})["file"], at("garbage.gguf"));
    folder.write("empty.gguf", "");
    fail(3, {"info", at("empty.gguf")});
}

TEST_F(BadInputs, ATruncatedGgufIsInvalid)
{
    // Magic, version 3, one tensor, one key, and then the file ends.
    const std::string head("GGUF\x03\0\0\0\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0", 24);
    folder.write("short.gguf", head);
    fail(3, {"info", at("short.gguf")});
    folder.write("shorter.gguf", head.substr(0, 13));
    fail(3, {"info", at("shorter.gguf")});
}

TEST_F(BadInputs, AFolderWithoutConfigIsInvalid)
{
    fs::remove(folder / "model/config.json");
    EXPECT_THAT(message(fail(3, {"info", at("model")})), HasSubstr("config.json"));
}

TEST_F(BadInputs, AConfigThatLiesIsInvalid)
{
    folder.write("model/config.json", "{\"architectures\": [\"LlamaForCausalLM\"], \"hidden_size\": 64,");
    fail(3, {"info", at("model")});
}

TEST_F(BadInputs, AnUnknownArchitectureIsUnsupported)
{
    folder.write("model/config.json", R"({"architectures": ["MambaForCausalLM"], "model_type": "mamba"})");
    EXPECT_THAT(message(fail(4, {"info", at("model")})), HasSubstr("MambaForCausalLM"));
}

TEST_F(BadInputs, ATruncatedSafetensorsIsInvalid)
{
    fs::resize_file(folder / "model/model.safetensors", fs::file_size(folder / "model/model.safetensors") - 5);
    fail(3, {"info", at("model")});
}

TEST_F(BadInputs, PicklesAreNeverOpened)
{
    fs::remove(folder / "model/model.safetensors");
    folder.write("model/pytorch_model.bin", "\x80\x02}q\x01.");
    fail(4, {"info", at("model")});
    folder.write("model/model.safetensors", std::string("PK\x03\x04\0\0\0\0\0\0\0\0\0\0\0\0", 16));
    fail(4, {"info", at("model")});
}

TEST_F(BadInputs, ANumberThatIsNotFiniteIsFoundAtReading)
{
    std::fstream file(folder / "model/model.safetensors", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-4, std::ios::end);
    file.write("\0\0\xc0\x7f", 4);
    file.close();
    EXPECT_THAT(message(fail(3, {"perplexity", at("model"), "--text", at("text.txt"), "--context", "64"})),
                HasSubstr("lm_head.weight"));
}

TEST_F(BadInputs, TextsAreUtf8AndLongEnough)
{
    folder.write("latin1.txt", "caf\xe9 au lait");
    fail(3, {"tokenize", at("model"), "--text", at("latin1.txt")});
    fail(6, {"tokenize", at("model"), "--text", at("missing.txt")});
    folder.write("short.txt", "too short");
    fail(3, {"perplexity", at("model"), "--text", at("short.txt"), "--context", "128"});
    fail(3, {"analyze", at("model"), "--text", at("short.txt"), "--context", "128", "--out", at("stats")});
    EXPECT_FALSE(fs::exists(folder / "stats"));
}

TEST_F(BadInputs, IdsOutsideTheVocabularyAreUsageErrors)
{
    const std::string beyond = std::to_string(tinyVocabularySize());
    fail(2, {"detokenize", at("model"), "--ids", beyond});
    fail(2, {"logits", at("model"), "--ids", beyond, "--out", at("logits")});
    EXPECT_FALSE(fs::exists(folder / "logits"));
}

TEST_F(BadInputs, StatisticsThatLieAreInvalid)
{
    folder.write("stats", "not statistics");
    fail(3, {"spectrum", at("stats"), "--layer", "0", "--site", "mlp_in"});
    fail(6, {"spectrum", at("nowhere"), "--layer", "0", "--site", "mlp_in"});
    fail(3, {"spectrum", at("model/model.safetensors"), "--layer", "0", "--site", "mlp_in"});
    fail(3, {"plan", at("model"), "--stats", at("stats")});
}

TEST_F(BadInputs, PlansThatLieAreInvalid)
{
    analyze();
    folder.write("plan", "{\"linears\": 3}");
    fail(3, {"quantize", at("model"), "--stats", at("stats"), "--plan", at("plan"), "--out", at("packed")});
    EXPECT_FALSE(fs::exists(folder / "packed"));
}

TEST_F(BadInputs, StatisticsOfAnotherModelAreRefused)
{
    analyze();
    writeTinyModel(folder / "other", {.seed = 2});
    const auto error = fail(3, {"plan", at("other"), "--stats", at("stats")});
    EXPECT_EQ(error["field"], "model fingerprint");
    EXPECT_EQ(error["expected"], succeed({"info", at("other")})["fingerprint"]);
    EXPECT_EQ(error["found"], succeed({"info", at("model")})["fingerprint"]);
    fail(3, {"quantize", at("other"), "--stats", at("stats"), "--method", "rtn", "--out", at("packed")});
    EXPECT_FALSE(fs::exists(folder / "packed"));
}

TEST_F(BadInputs, ExportTakesPackedCheckpointsOnly)
{
    EXPECT_THAT(message(fail(2, {"export", at("model"), "--out", at("out")})), HasSubstr("eigenquant quantize"));
    EXPECT_FALSE(fs::exists(folder / "out"));
}

} // namespace
} // namespace eigenquant::test
