// SPDX-License-Identifier: GPL-3.0-or-later
// bench and generate, on the CPU.
#include "tests/cli/tiny_workspace.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>

namespace eigenquant::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// As on a machine without a GPU, even on one that has some.
class HiddenGpus {
public:
    HiddenGpus() { setenv("CUDA_VISIBLE_DEVICES", "", 1); }
    ~HiddenGpus() { unsetenv("CUDA_VISIBLE_DEVICES"); }
};

class Decoding : public TinyWorkspace {
protected:
    static std::vector<std::string> tinyBench(std::vector<std::string> more)
    {
        more.insert(more.begin(), {"bench", "--shape", "tiny", "--device", "cpu", "--generate", "4"});
        return more;
    }
    std::vector<std::string> generateVerb(std::vector<std::string> more) const
    {
        more.insert(more.begin(), {"generate", at("model"), "--device", "cpu", "--tokens", "24"});
        return more;
    }
};

TEST_F(Decoding, BenchHasEveryKey)
{
    const auto result = succeed(tinyBench({"--batch", "1,3", "--group-size", "64", "--salient", "8"}));
    EXPECT_EQ(result["device"], "cpu");
    EXPECT_EQ(result["model"], "tiny");
    EXPECT_EQ(result["method"], "rosaq");
    EXPECT_EQ(result["prompt"], 8);
    EXPECT_EQ(result["generate"], 4);
    EXPECT_TRUE(result["dtype"].is_string());
    EXPECT_TRUE(result["warnings"].is_array());
    EXPECT_TRUE(result["memory_bytes_per_second"].is_null()) << "a CPU's peak is not known";
    ASSERT_EQ(result["rows"].size(), 2u);
    EXPECT_EQ(result["rows"][0]["batch"], 1);
    EXPECT_EQ(result["rows"][1]["batch"], 3);
    for (const auto& row : result["rows"]) {
        for (const char* key : {"ms_per_step", "tokens_per_second", "baseline_ms_per_step",
                                "baseline_tokens_per_second", "speedup", "gpu_bytes", "prompt_ms", "rotation_share"})
            EXPECT_TRUE(row[key].is_number()) << key << " in " << row;
        for (const char* key : {"roofline_ms", "roofline_share"})
            EXPECT_TRUE(row.contains(key) && row[key].is_null()) << key << " in " << row;
        EXPECT_TRUE(row.contains("baseline_gpu_bytes")) << row;
        EXPECT_EQ(row["kv"], "f16");
        EXPECT_FALSE(row["kernel"].get<std::string>().empty());
        const double batch = row["batch"].get<double>();
        EXPECT_NEAR(row["tokens_per_second"].get<double>() * row["ms_per_step"].get<double>(), 1000 * batch,
                    1e-6 * 1000 * batch);
        EXPECT_NEAR(row["speedup"].get<double>() * row["ms_per_step"].get<double>(),
                    row["baseline_ms_per_step"].get<double>(), 1e-6 * row["baseline_ms_per_step"].get<double>());
    }
}

TEST_F(Decoding, BenchWithoutABaselineSaysNull)
{
    const auto result = succeed(tinyBench({"--batch", "2", "--baseline", "none", "--group-size", "64"}));
    const auto& row = result["rows"][0];
    for (const char* key : {"baseline_ms_per_step", "baseline_tokens_per_second", "speedup", "baseline_gpu_bytes"})
        EXPECT_TRUE(row.contains(key) && row[key].is_null()) << key << " in " << row;
    EXPECT_GT(row["ms_per_step"].get<double>(), 0);
}

TEST_F(Decoding, BenchTakesModelsAsTheyAreStored)
{
    quantize();
    const auto packed = succeed({"bench", at("packed"), "--device", "cpu", "--batch", "1", "--generate", "3"});
    EXPECT_EQ(packed["method"], "rosaq");
    EXPECT_GT(packed["effective_bits"].get<double>(), 4);
    EXPECT_LT(packed["effective_bits"].get<double>(), 16);
    const ProgramResult text =
        runProgram({"bench", at("model"), "--device", "cpu", "--batch", "1,2", "--generate", "3"});
    EXPECT_EQ(text.exitCode, 0) << text.err;
    EXPECT_THAT(text.out, HasSubstr("ms a step"));
    EXPECT_THAT(text.err, HasSubstr("batch 2: "));
}

TEST_F(Decoding, BenchWithoutAGpuSaysWhatToDo)
{
    const HiddenGpus hidden;
    for (const char* device : {"auto", "cuda"}) {
        const ProgramResult result = runProgram({"bench", "--shape", "tiny", "--device", device});
        EXPECT_EQ(result.exitCode, 5) << result.out << result.err;
        EXPECT_THAT(result.out, IsEmpty());
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
        EXPECT_THAT(result.err, HasSubstr("--device cpu"));
        EXPECT_THAT(fail(5, {"bench", at("model"), "--device", device}).value("message", ""),
                    HasSubstr("--device cpu"));
    }
}

TEST_F(Decoding, BenchKeepsToTheContext)
{
    const std::string message =
        fail(2, {"bench", at("model"), "--device", "cpu", "--prompt", "300", "--generate", "213"}).value("message", "");
    EXPECT_THAT(message, HasSubstr("300 + 213 = 513"));
    EXPECT_THAT(message, HasSubstr("512"));
}

TEST_F(Decoding, AnUnknownShapeListsWhatThereIs)
{
    const std::string expected = fail(2, {"bench", "--shape", "llama-9"}).value("expected", "");
    for (const char* shape : {"tiny", "llama-2-7b", "llama-3-8b"})
        EXPECT_THAT(expected, HasSubstr(shape));
}

TEST_F(Decoding, GenerateIsTheSameForAnyNumberOfThreads)
{
    const auto one = succeed(generateVerb({"--prompt", "the window", "--threads", "1"}));
    EXPECT_EQ(one["tokens"], one["ids"].size());
    EXPECT_GT(one["tokens"].get<int>(), 0);
    EXPECT_LE(one["tokens"].get<int>(), 24);
    EXPECT_EQ(one["device"], "cpu");
    EXPECT_TRUE(one["tokens_per_second"].is_number());
    const auto two = succeed(generateVerb({"--prompt", "the window", "--threads", "2"}));
    EXPECT_EQ(one["ids"], two["ids"]);
    EXPECT_EQ(one["text"], two["text"]);
}

TEST_F(Decoding, GenerateGoesOnWithTextsFilesAndIdsAlike)
{
    folder.write("prompt.txt", "the window");
    const auto fromText = succeed(generateVerb({"--prompt", "the window"}));
    const auto tokens = succeed({"tokenize", at("model"), "--text", at("prompt.txt")});
    EXPECT_EQ(fromText["prompt_tokens"], tokens["count"]);
    std::string ids;
    for (const auto& id : tokens["ids"])
        ids += (ids.empty() ? "" : ",") + std::to_string(id.get<int>());
    EXPECT_EQ(succeed(generateVerb({"--text", at("prompt.txt")}))["ids"], fromText["ids"]);
    EXPECT_EQ(succeed(generateVerb({"--ids", ids}))["ids"], fromText["ids"]);
}

TEST_F(Decoding, WhatIsPrintedBitByBitIsTheWholeText)
{
    const auto machine = succeed(generateVerb({"--prompt", "the window"}));
    const ProgramResult text = runProgram(generateVerb({"--prompt", "the window"}));
    EXPECT_EQ(text.exitCode, 0) << text.err;
    EXPECT_EQ(text.out, machine["text"].get<std::string>() + "\n");
    EXPECT_THAT(text.err, HasSubstr("tokens/s on cpu"));
    EXPECT_THAT(runProgram(generateVerb({"--prompt", "the window", "--quiet"})).err, IsEmpty());
}

TEST_F(Decoding, SamplingDependsOnTheSeedAlone)
{
    const auto sample = [&](const char* seed) {
        return succeed(generateVerb({"--prompt", "the", "--temperature", "2", "--seed", seed}))["ids"];
    };
    const auto first = sample("7");
    EXPECT_EQ(first, sample("7"));
    EXPECT_NE(first, sample("8"));
    // Of one token alone there is no choice, however hot it is.
    EXPECT_EQ(succeed(generateVerb({"--prompt", "the", "--temperature", "2", "--top-k", "1"}))["ids"],
              succeed(generateVerb({"--prompt", "the"}))["ids"]);
}

TEST_F(Decoding, GenerateNeedsAPromptAndRoom)
{
    folder.write("empty.txt", "");
    EXPECT_THAT(fail(2, generateVerb({"--text", at("empty.txt")})).value("message", ""), HasSubstr("empty"));
    const auto error =
        fail(2, {"generate", at("model"), "--device", "cpu", "--ids", "1,2,3", "--tokens", "510"});
    EXPECT_THAT(error.value("message", ""), HasSubstr("3 + 510 = 513"));
    EXPECT_THAT(error.value("message", ""), HasSubstr("512"));
}

} // namespace
} // namespace eigenquant::test
