// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/tiny_workspace.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace eigenquant::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// The forms that a model's files and ready token ids may come in.
class ModelFiles : public TinyWorkspace {
protected:
    /// The ids of the text, in a file that the program reads back.
    nlohmann::json writeIds() const
    {
        nlohmann::json object = succeed({"tokenize", at("model"), "--text", at("text.txt")});
        folder.write("ids.json", object.dump());
        return object["ids"];
    }
    std::string message(int code, std::vector<std::string> arguments) const
    {
        return fail(code, std::move(arguments)).value("message", "");
    }
};

TEST_F(ModelFiles, ReadyIdsScoreAsTheirText)
{
    writeIds();
    auto byText = succeed({"perplexity", at("model"), "--text", at("text.txt"), "--context", "64"});
    fs::remove(folder / "model/tokenizer.json");
    auto byIds = succeed({"perplexity", at("model"), "--tokens", at("ids.json"), "--context", "64"});
    EXPECT_NE(byText["text_hash"], byIds["text_hash"]);
    for (auto* object : {&byText, &byIds})
        for (const char* key : {"seconds", "tokens_per_second", "text_hash"})
            object->erase(key);
    EXPECT_EQ(byText, byIds);
    EXPECT_THAT(message(3, {"perplexity", at("model"), "--text", at("text.txt"), "--context", "64"}),
                HasSubstr("--tokens"));
}

TEST_F(ModelFiles, AModelWithoutTokenizerIsAnalyzedAndQuantizedByIds)
{
    const nlohmann::json ids = writeIds();
    std::string words;
    for (const auto& id : ids)
        words += id.dump() + "\n";
    folder.write("ids.txt", words);
    fs::remove(folder / "model/tokenizer.json");
    const auto statistics = succeed({"analyze", at("model"), "--tokens", at("ids.json"), "--context", "64",
                                     "--windows", "4", "--no-moments", "--out", at("stats")});
    EXPECT_EQ(statistics["tokens"], 256);
    const std::vector<std::string> quantize{"quantize", at("model"), "--stats", at("stats"),    "--method", "gptq",
                                            "--bits",   "4",         "--out",   at("packed")};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), quantize.begin(), quantize.end());
        return more;
    };
    folder.write("other.txt", "1 " + words);
    EXPECT_THAT(message(3, with({"--tokens", at("other.txt"), "--context", "64", "--windows", "4"})),
                HasSubstr("not those of the statistics"));
    // The same ids in another format have the same fingerprint.
    succeed(with({"--tokens", at("ids.txt"), "--context", "64", "--windows", "4"}));
    succeed({"perplexity", at("packed"), "--tokens", at("ids.txt"), "--context", "64", "--windows", "2"});
    const auto maps = succeed({"activations", at("model"), "--tokens", at("ids.txt"), "--context", "16", "--layer", "1",
                               "--site", "mlp_in"});
    EXPECT_THAT(maps.dump(), HasSubstr("<" + ids[0].dump() + ">"));
}

TEST_F(ModelFiles, IdsThatTheModelDoesNotKnow)
{
    folder.write("ids.txt", "1 2 99999");
    const auto error = fail(3, {"perplexity", at("model"), "--tokens", at("ids.txt"), "--context", "2"});
    EXPECT_EQ(error["field"], "id 2");
    EXPECT_EQ(error["found"], "99999");
    EXPECT_EQ(error["expected"], "0 to " + std::to_string(tinyVocabularySize() - 1));
    EXPECT_THAT(message(2, {"perplexity", at("model")}), HasSubstr("--text or --tokens"));
    EXPECT_THAT(message(2, {"perplexity", at("model"), "--text", at("text.txt"), "--tokens", at("ids.txt")}),
                HasSubstr("--tokens"));
    EXPECT_THAT(message(6, {"perplexity", at("model"), "--tokens", at("none.txt")}), HasSubstr("none.txt"));
}

TEST_F(ModelFiles, AHuggingFaceCache)
{
    const fs::path cache = folder / "models--tiny--model";
    const fs::path snapshot = cache / "snapshots/0123abc";
    fs::create_directories(snapshot);
    fs::create_directories(cache / "blobs");
    for (const auto& entry : fs::directory_iterator(folder / "model")) {
        const fs::path blob = cache / "blobs" / ("blob-" + entry.path().filename().string());
        fs::rename(entry.path(), blob);
        fs::create_symlink("../../blobs/" + blob.filename().string(), snapshot / entry.path().filename());
    }
    folder.write("models--tiny--model/refs/main", "0123abc");
    const auto info = succeed({"info", cache.string()});
    EXPECT_EQ(info, succeed({"info", snapshot.string()}));
    EXPECT_EQ(info["name"], "tiny/model");
    EXPECT_GT(succeed({"tokenize", cache.string(), "--text", at("text.txt")})["count"], 100);
    folder.write("models--tiny--model/refs/main", "../../model");
    EXPECT_THAT(message(3, {"info", cache.string()}), HasSubstr("refs/main"));
}

TEST_F(ModelFiles, QuantizedCheckpointsAreRefusedWithTheReason)
{
    nlohmann::json config;
    std::ifstream(folder / "model/config.json") >> config;
    config["quantization_config"] = {{"quant_method", "awq"}, {"bits", 4}};
    folder.write("model/config.json", config.dump());
    const auto error = fail(4, {"info", at("model")});
    EXPECT_EQ(error["field"], "quantization_config");
    EXPECT_THAT(error.value("message", ""), HasSubstr("already quantized by AWQ"));
    EXPECT_THAT(error.value("message", ""), HasSubstr("open the checkpoint that it was made from"));
}

TEST_F(ModelFiles, PicklesAreRefusedWithTheReason)
{
    fs::rename(folder / "model/model.safetensors", folder / "model/pytorch_model.bin");
    const auto error = fail(4, {"info", at("model")});
    EXPECT_EQ(error["found"], "pytorch_model.bin");
    EXPECT_THAT(error.value("message", ""), HasSubstr("safe_serialization"));
}

} // namespace
} // namespace eigenquant::test
