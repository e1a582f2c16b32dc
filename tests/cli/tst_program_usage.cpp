// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace eigenquant::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<std::string> kVerbs{"info",     "tokenize", "detokenize", "logits", "perplexity", "analyze",
                                      "spectrum", "plan",     "quantize",   "bench",  "generate",   "export",  "demo"};

TEST(Usage, NothingAtAllPrintsTheHelpAndExits2)
{
    const ProgramResult result = runProgram({});
    EXPECT_EQ(result.exitCode, 2);
    for (const std::string& verb : kVerbs)
        EXPECT_THAT(result.out, HasSubstr("  " + verb + " "));
}

TEST(Usage, EveryVerbHasHelpWithAnExample)
{
    EXPECT_EQ(runProgram({"--help"}).exitCode, 0);
    for (const std::string& verb : kVerbs) {
        const ProgramResult result = runProgram({verb, "--help"});
        EXPECT_EQ(result.exitCode, 0) << verb;
        EXPECT_THAT(result.out, HasSubstr("Example: eigenquant " + verb));
        EXPECT_THAT(result.err, IsEmpty());
    }
}

TEST(Usage, TheVersionIsToldInFrontOfAndBehindAVerb)
{
    const ProgramResult plain = runProgram({"--version"});
    EXPECT_EQ(plain.exitCode, 0);
    EXPECT_THAT(plain.out, testing::MatchesRegex("eigenquant [0-9]+\\.[0-9]+\\.[0-9]+\n"));
    EXPECT_EQ(runProgram({"info", "--version"}).out, plain.out);
    EXPECT_TRUE(runProgram({"--json", "--version"}).json().contains("version"));
}

class UsageError : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(UsageError, Exits2WithASentenceAndAsJson)
{
    const ProgramResult plain = runProgram(GetParam());
    EXPECT_EQ(plain.exitCode, 2) << plain.err;
    EXPECT_THAT(plain.out, IsEmpty());
    EXPECT_THAT(plain.err, HasSubstr("eigenquant: "));

    std::vector<std::string> arguments = GetParam();
    arguments.insert(arguments.begin(), "--json");
    const ProgramResult machine = runProgram(arguments);
    EXPECT_EQ(machine.exitCode, 2);
    EXPECT_THAT(machine.err, IsEmpty());
    const auto error = machine.json()["error"];
    EXPECT_EQ(error.value("code", 0), 2) << error;
    EXPECT_FALSE(error.value("message", "").empty());
}

using Arguments = std::vector<std::string>;
INSTANTIATE_TEST_SUITE_P(
    CommandLines, UsageError,
    testing::Values(Arguments{"dance"}, Arguments{"--quiet"}, Arguments{"info"}, Arguments{"info", "m", "n"},
                    Arguments{"info", "m", "--frobnicate"}, Arguments{"info", "m", "--threads", "-2"},
                    Arguments{"info", "m", "--threads", "two"}, Arguments{"info", "m", "--seed", "1.5"},
                    Arguments{"info", "m", "--device", "tpu"}, Arguments{"info", "m", "--device", "cuda:x"},
                    Arguments{"info", "m", "--dtype", "int8"}, Arguments{"tokenize", "m"},
                    Arguments{"detokenize", "m", "--ids", "1,-2"}, Arguments{"detokenize", "m", "--ids", "1,,2"},
                    Arguments{"detokenize", "m", "--ids", "a"}, Arguments{"logits", "m", "--ids", "1"},
                    Arguments{"perplexity", "m", "--text", "t", "--context", "1"},
                    Arguments{"perplexity", "m", "--text", "t", "--windows", "-1"},
                    Arguments{"perplexity", "m", "--text", "t", "--fail-above", "low"},
                    Arguments{"analyze", "m", "--text", "t"},
                    Arguments{"analyze", "m", "--text", "t", "--out", "o", "--max-moments", "4x"},
                    Arguments{"spectrum", "s", "--layer", "0", "--site", "mlp"},
                    Arguments{"spectrum", "s", "--layer", "-1", "--site", "mlp_in"},
                    Arguments{"plan", "m", "--stats", "s", "--bits", "9"},
                    Arguments{"plan", "m", "--stats", "s", "--bits", "1"},
                    Arguments{"plan", "m", "--stats", "s", "--method", "magic"},
                    Arguments{"plan", "m", "--stats", "s", "--method", "rtn", "--salient", "8"},
                    Arguments{"bench"}, Arguments{"bench", "m", "--shape", "tiny"},
                    Arguments{"bench", "--shape", "nowhere"}, Arguments{"bench", "m", "--batch", "0"},
                    Arguments{"bench", "m", "--batch", "1,,2"}, Arguments{"bench", "m", "--batch", "4097"},
                    Arguments{"bench", "m", "--batch", "one"}, Arguments{"bench", "m", "--prompt", "0"},
                    Arguments{"bench", "m", "--generate", "0"}, Arguments{"bench", "m", "--baseline", "fp32"},
                    Arguments{"bench", "m", "--kv", "int4"}, Arguments{"bench", "m", "--bits", "4"},
                    Arguments{"bench", "m", "--symmetric"},
                    Arguments{"bench", "--shape", "tiny", "--method", "magic"},
                    Arguments{"bench", "--shape", "tiny", "--bits", "many"},
                    Arguments{"bench", "--shape", "tiny", "--method", "rtn", "--salient", "8"},
                    Arguments{"bench", "--shape", "tiny", "--rotation", "sideways"}, Arguments{"generate", "m"},
                    Arguments{"generate", "m", "--prompt", "a", "--ids", "1"},
                    Arguments{"generate", "m", "--ids", "1,-2"},
                    Arguments{"generate", "m", "--prompt", "a", "--tokens", "0"},
                    Arguments{"generate", "m", "--prompt", "a", "--temperature", "-1"},
                    Arguments{"generate", "m", "--prompt", "a", "--top-k", "-1"},
                    Arguments{"generate", "m", "--prompt", "a", "--top-p", "0"},
                    Arguments{"generate", "m", "--prompt", "a", "--top-p", "1.5"},
                    Arguments{"generate", "m", "--prompt", "a", "--kv", "int4"},
                    Arguments{"quantize", "m", "--stats", "s", "--out", "o"},
                    Arguments{"quantize", "m", "--stats", "s", "--out", "o", "--plan", "p", "--method", "rtn"},
                    Arguments{"quantize", "m", "--stats", "s", "--out", "o", "--plan", "p", "--bits", "4"}));

TEST(Usage, AnUnknownMethodListsWhatThereIs)
{
    const ProgramResult result = runProgram({"plan", "m", "--stats", "s", "--method", "magic", "--json"});
    EXPECT_EQ(result.exitCode, 2);
    EXPECT_EQ(result.json()["error"]["expected"], "rtn, salient, gptq, awq, randrot, rosaq, cmpq or etq");
}

TEST(Usage, OutputThatCannotBeWrittenIsAnIoError)
{
    EXPECT_EQ(runProgram({"--version"}, {.standardOutput = "/dev/full"}).exitCode, 6);
    EXPECT_EQ(runProgram({"--version", "--json"}, {.standardOutput = "/dev/full"}).exitCode, 6);
}

} // namespace
} // namespace eigenquant::test
