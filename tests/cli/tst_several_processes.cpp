// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/tiny_workspace.h"
#include "tests/support/free_port.h"

#include <gmock/gmock.h>

#include <thread>

namespace eigenquant::test {
namespace {

using testing::HasSubstr;
using Arguments = std::vector<std::string>;

/// Processes that a launcher started for one job, without the launcher.
class SeveralProcesses : public TinyWorkspace {
protected:
    /// Runs the same verb in `size` processes; `more` are further variables.
    std::vector<ProgramResult> launch(int size, const Arguments& arguments, const Arguments& more = {}) const
    {
        std::vector<ProgramResult> results(static_cast<std::size_t>(size));
        std::vector<std::thread> threads;
        const std::string port = std::to_string(freePort());
        for (int rank = 0; rank < size; ++rank)
            threads.emplace_back([&, rank] {
                ProgramOptions options;
                options.environment = {"RANK=" + std::to_string(rank), "WORLD_SIZE=" + std::to_string(size),
                                       "LOCAL_RANK=" + std::to_string(rank), "MASTER_ADDR=127.0.0.1",
                                       "MASTER_PORT=" + port};
                options.environment.insert(options.environment.end(), more.begin(), more.end());
                results[static_cast<std::size_t>(rank)] = runProgram(arguments, options);
            });
        for (std::thread& thread : threads)
            thread.join();
        return results;
    }

    Arguments scoring() const
    {
        return {"perplexity", at("model"), "--text", at("text.txt"), "--context", "64", "--windows",
                "7",          "--threads", "1",      "--json"};
    }
};

TEST_F(SeveralProcesses, ShareTheWindowsOfAPerplexity)
{
    const nlohmann::json alone = runProgram(scoring()).json();
    for (const int size : {2, 3}) {
        const auto results = launch(size, scoring());
        for (const ProgramResult& result : results)
            EXPECT_EQ(result.exitCode, 0) << result.out << result.err;
        const nlohmann::json together = results.front().json();
        for (const char* key : {"perplexity", "stderr", "windows", "tokens_scored", "text_hash"})
            EXPECT_EQ(together[key], alone[key]) << key; // to the last bit
        for (std::size_t rank = 1; rank < results.size(); ++rank) {
            EXPECT_EQ(results[rank].out, "");
            EXPECT_EQ(results[rank].err, "");
        }
    }
}

TEST_F(SeveralProcesses, MayBeMoreThanThereAreWindows)
{
    Arguments arguments = scoring();
    arguments[7] = "1";
    const auto results = launch(2, arguments);
    EXPECT_EQ(results[0].json()["windows"], 1);
    EXPECT_EQ(results[1].exitCode, 0);
}

TEST_F(SeveralProcesses, OneThatNeverComesIsNamed)
{
    const std::string port = std::to_string(freePort());
    ProgramOptions options;
    options.environment = {"RANK=0",           "WORLD_SIZE=2", "MASTER_ADDR=127.0.0.1", "MASTER_PORT=" + port,
                           "EIGENQUANT_PROCESS_TIMEOUT=2"};
    const ProgramResult result = runProgram(scoring(), options);
    EXPECT_EQ(result.exitCode, 6);
    EXPECT_EQ(result.json()["error"]["field"], "process 1");
}

TEST_F(SeveralProcesses, VerbsThatDoNotShareAreRefused)
{
    const auto results = launch(2, {"info", at("model"), "--json"});
    EXPECT_EQ(results[0].exitCode, 2);
    EXPECT_EQ(results[0].json()["error"]["field"], "WORLD_SIZE");
    EXPECT_EQ(results[1].exitCode, 2);
    EXPECT_EQ(results[1].out, "");
    EXPECT_THAT(results[1].err, HasSubstr("process 1: "));
}

TEST_F(SeveralProcesses, VariablesThatMakeNoSense)
{
    const auto error = [&](const Arguments& environment) {
        ProgramOptions options;
        options.environment = environment;
        const ProgramResult result = runProgram(scoring(), options);
        EXPECT_EQ(result.exitCode, 2) << result.out;
        return result.json()["error"].value("field", "");
    };
    EXPECT_EQ(error({"WORLD_SIZE=two"}), "WORLD_SIZE");
    EXPECT_EQ(error({"WORLD_SIZE=2"}), "RANK");
    EXPECT_EQ(error({"WORLD_SIZE=2", "RANK=0", "MASTER_ADDR=127.0.0.1"}), "MASTER_PORT");
    EXPECT_EQ(error({"WORLD_SIZE=2", "RANK=0", "MASTER_PORT=29500"}), "MASTER_ADDR");
}

} // namespace
} // namespace eigenquant::test
