// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/tiny_workspace.h"

#include "core/io/text_file.h"

#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>

namespace eigenquant::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

/// Runs that are killed without a word, and the same command again.
class Resume : public testing::Test {
protected:
    void SetUp() override
    {
        writeTinyModel(folder / "model",
                       {.layers = 8, .hidden = 192, .intermediate = 512, .heads = 4, .kvHeads = 2});
        folder.write("text.txt", tinyText(60'000));
    }

    std::string at(const std::string& name) const { return (folder / name).string(); }
    std::vector<std::string> analyzeVerb(const std::string& out) const
    {
        return {"analyze", at("model"), "--text", at("text.txt"), "--context", "128",
                "--windows", "32", "--threads", "1", "--out", at(out)};
    }
    std::vector<std::string> quantizeVerb(const std::string& out) const
    {
        return {"quantize", at("model"), "--stats", at("stats"), "--group-size", "64",
                "--salient", "1/16", "--threads", "1", "--out", at(out)};
    }
    static std::string succeed(const std::vector<std::string>& verb)
    {
        const ProgramResult result = runProgram(verb);
        EXPECT_EQ(result.exitCode, 0) << result.err;
        return result.err;
    }
    /// Kills the verb as soon as a step of its journal is there.
    void killInTheMiddle(const std::vector<std::string>& verb, const std::string& out) const
    {
        const ProgramResult result =
            runProgram(verb, {.stopWhenThere = folder / (out + ".partial/journal"), .stopSignal = SIGKILL});
        ASSERT_TRUE(result.signalSent) << result.err;
        ASSERT_EQ(result.exitCode, -1) << "it came to its end";
        ASSERT_FALSE(fs::exists(folder / out));
        ASSERT_TRUE(fs::exists(folder / (out + ".partial")));
    }

    TemporaryFolder folder;
};

TEST_F(Resume, AKilledAnalysisGoesOnToTheSameBytes)
{
    EXPECT_THAT(succeed(analyzeVerb("whole")), Not(HasSubstr("unfinished")));
    killInTheMiddle(analyzeVerb("stats"), "stats");
    EXPECT_THAT(succeed(analyzeVerb("stats")), HasSubstr("going on with the unfinished work"));
    EXPECT_TRUE(readFile(folder / "stats") == readFile(folder / "whole"));
    EXPECT_FALSE(fs::exists(folder / "stats.partial"));
}

TEST_F(Resume, AKilledQuantizationGoesOnToTheSameBytes)
{
    succeed(analyzeVerb("stats"));
    succeed(quantizeVerb("whole"));
    killInTheMiddle(quantizeVerb("packed"), "packed");
    EXPECT_THAT(succeed(quantizeVerb("packed")), HasSubstr("of 8 layers are finished"));
    for (const auto& entry : fs::directory_iterator(folder / "whole"))
        EXPECT_TRUE(readFile(entry.path()) == readFile(folder / "packed" / entry.path().filename())) << entry.path();
}

TEST_F(Resume, OtherSettingsBeginAnewAndSayWhy)
{
    killInTheMiddle(analyzeVerb("stats"), "stats");
    auto verb = analyzeVerb("stats");
    verb[7] = "16";
    EXPECT_THAT(succeed(verb), HasSubstr("beginning anew"));
    EXPECT_FALSE(fs::exists(folder / "stats.partial"));
}

TEST_F(Resume, NoResumeBeginsAnew)
{
    killInTheMiddle(analyzeVerb("stats"), "stats");
    auto verb = analyzeVerb("stats");
    verb.push_back("--no-resume");
    EXPECT_THAT(succeed(verb), Not(HasSubstr("going on")));
    EXPECT_FALSE(fs::exists(folder / "stats.partial"));
}

} // namespace
} // namespace eigenquant::test
