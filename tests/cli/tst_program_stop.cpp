// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/tiny_workspace.h"

#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>

namespace eigenquant::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A model and a text that keep every verb busy for seconds.
class Stop : public testing::Test {
protected:
    void SetUp() override
    {
        writeTinyModel(folder / "model",
                       {.layers = 6, .hidden = 256, .intermediate = 768, .heads = 4, .kvHeads = 2});
        folder.write("text.txt", tinyText(400'000));
    }

    std::string at(const std::string& name) const { return (folder / name).string(); }

    std::vector<std::string> analyzeVerb(const std::string& windows) const
    {
        return {"analyze", at("model"), "--text", at("text.txt"), "--context",
                "256",     "--windows", windows,  "--out",        at("stats")};
    }
    std::vector<std::string> quantizeVerb() const
    {
        return {"quantize", at("model"), "--stats", at("stats"), "--group-size",
                "64",       "--salient", "1/16",    "--out",     at("packed")};
    }
    void prepare(const std::vector<std::string>& verb) const
    {
        const ProgramResult result = runProgram(verb);
        ASSERT_EQ(result.exitCode, 0) << result.err;
    }

    /// Stops the verb as soon as it reports progress.
    void expectStops(const std::vector<std::string>& verb, int signalNumber, int code) const
    {
        const auto before = folder.entries();
        auto arguments = verb;
        arguments.push_back("--json");
        const ProgramResult result = runProgram(arguments, {.stopWhen = ": ", .stopSignal = signalNumber});
        EXPECT_TRUE(result.signalSent) << result.err;
        EXPECT_EQ(result.exitCode, code) << result.out << result.err;
        const auto error = result.json()["error"];
        EXPECT_EQ(error.value("code", 0), code);
        EXPECT_EQ(error.value("message", ""), "stopped; nothing was written");
        EXPECT_EQ(folder.entries(), before);
    }

    /// Stops the verb at different moments: it either did its work or left nothing behind but finished layers, which it
    /// says.
    void expectAllOrNothing(const std::vector<std::string>& verb, const std::string& place) const
    {
        const auto before = folder.entries();
        int stopped = 0;
        for (const int delay : {0, 15, 40, 90, 200, 400}) {
            const ProgramResult result =
                runProgram(verb, {.stopWhen = ": ", .stopSignal = SIGINT, .stopAfterMs = delay});
            if (result.exitCode == 0) {
                EXPECT_TRUE(fs::exists(folder / place));
                fs::remove_all(folder / place);
            } else {
                EXPECT_EQ(result.exitCode, 130) << result.err;
                const std::string kept = place + ".partial";
                EXPECT_THAT(result.err, HasSubstr(fs::exists(folder / kept) ? kept : "stopped; nothing was written"));
                EXPECT_FALSE(fs::exists(folder / place));
                fs::remove_all(folder / kept);
                ++stopped;
            }
            EXPECT_EQ(folder.entries(), before) << "after " << delay << " ms";
        }
        EXPECT_GT(stopped, 0);
    }

    TemporaryFolder folder;
};

TEST_F(Stop, PerplexityStops)
{
    expectStops({"perplexity", at("model"), "--text", at("text.txt"), "--context", "256"}, SIGINT, 130);
    expectStops({"perplexity", at("model"), "--text", at("text.txt"), "--context", "256"}, SIGTERM, 143);
}

TEST_F(Stop, BenchAndGenerateStop)
{
    const std::vector<std::string> bench{"bench", at("model"), "--batch", "4", "--generate", "400", "--device", "cpu"};
    expectStops(bench, SIGINT, 130);
    expectStops({"generate", at("model"), "--ids", "1,2,3", "--tokens", "400", "--device", "cpu"}, SIGINT, 130);
    expectStops({"generate", at("model"), "--ids", "1,2,3", "--tokens", "400", "--device", "cpu"}, SIGTERM, 143);
}

TEST_F(Stop, AnalyzeLeavesNothingBehind)
{
    expectStops(analyzeVerb("0"), SIGINT, 130);
    expectStops(analyzeVerb("0"), SIGTERM, 143);
}

TEST_F(Stop, AnalyzeIsAllOrNothingToTheEnd)
{
    expectAllOrNothing(analyzeVerb("4"), "stats");
}

TEST_F(Stop, QuantizeLeavesNothingBehind)
{
    prepare(analyzeVerb("8"));
    expectStops(quantizeVerb(), SIGINT, 130);
    expectAllOrNothing(quantizeVerb(), "packed");
}

TEST_F(Stop, ExportIsAllOrNothing)
{
    prepare(analyzeVerb("8"));
    prepare(quantizeVerb());
    expectAllOrNothing({"export", at("packed"), "--out", at("hf")}, "hf");
}

TEST_F(Stop, WhatWasThereStaysWhenAStopComes)
{
    folder.write("stats", "precious");
    auto verb = analyzeVerb("0");
    verb.push_back("--force");
    expectStops(verb, SIGINT, 130);
    EXPECT_EQ(fs::file_size(folder / "stats"), 8u);
}

TEST_F(Stop, ASecondSignalEndsTheProgramAtOnce)
{
    const ProgramResult result =
        runProgram({"perplexity", at("model"), "--text", at("text.txt"), "--context", "256", "--json"},
                   {.stopWhen = ": ", .stopSignal = SIGINT, .stopCount = 2});
    EXPECT_EQ(result.exitCode, 130);
}

} // namespace
} // namespace eigenquant::test
