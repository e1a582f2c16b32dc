// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/session.h"
#include "tests/cli/tiny_workspace.h"
#include "tests/support/free_port.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <numeric>
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

std::string bytesOf(const std::string& file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// Each within `share` of the largest of them.
void expectNear(const std::vector<double>& found, const std::vector<double>& expected, double share)
{
    ASSERT_EQ(found.size(), expected.size());
    double largest = 0;
    for (const double value : expected)
        largest = std::max(largest, std::abs(value));
    for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_NEAR(found[i], expected[i], share * largest) << i;
}

double sum(const std::vector<float>& values)
{
    return std::accumulate(values.begin(), values.end(), 0.0);
}

/// Sums of float64 in another order; and what eigenvectors, which may turn among equal eigenvalues, make of rounding.
void expectSame(const ModelStatistics& found, const ModelStatistics& expected)
{
    EXPECT_EQ(found.fingerprint, expected.fingerprint);
    EXPECT_EQ(found.hasMoments, expected.hasMoments);
    ASSERT_EQ(found.sites.size(), expected.sites.size());
    for (std::size_t i = 0; i < expected.sites.size(); ++i) {
        const SiteStatistics &site = found.sites[i], &other = expected.sites[i];
        EXPECT_EQ(site.tokens, other.tokens);
        EXPECT_EQ(site.channelMax, other.channelMax);
        expectNear(site.channelEnergy, other.channelEnergy, 1e-12);
        expectNear(site.eigenvalues, other.eigenvalues, 1e-11);
        expectNear(site.headWiseEnergy, other.headWiseEnergy, 1e-8);
        expectNear(site.globalEnergy, other.globalEnergy, 1e-8);
    }
    ASSERT_EQ(found.linears.size(), expected.linears.size());
    for (std::size_t i = 0; i < expected.linears.size(); ++i) {
        const LinearStatistics &linear = found.linears[i], &other = expected.linears[i];
        expectNear(linear.outputFisher, other.outputFisher, 1e-11);
        ASSERT_EQ(linear.columns.size(), other.columns.size());
        EXPECT_EQ(linear.columns.at(Basis::Original).roundingError, other.columns.at(Basis::Original).roundingError);
        for (const auto& [basis, columns] : other.columns) {
            const ColumnErrors& own = linear.columns.at(basis);
            EXPECT_NEAR(sum(own.squaredNorm), sum(columns.squaredNorm), 1e-4 * sum(columns.squaredNorm));
            for (std::size_t table = 0; table < columns.roundingError.size(); ++table)
                EXPECT_NEAR(sum(own.roundingError[table]), sum(columns.roundingError[table]),
                            0.05 * sum(columns.roundingError[table]));
        }
    }
}

TEST_F(SeveralProcesses, ShareAnAnalysis)
{
    const auto analyzing = [&](const std::string& out, const std::string& more) {
        return Arguments{"analyze", at("model"),   "--text", at("text.txt"), "--context", "64",    "--windows", "7",
                         "--out",   at(out), "--threads", "1", "--json", more};
    };
    for (const char* kind : {"--no-resume", "--no-moments", "--norms-only"}) {
        EXPECT_EQ(runProgram(analyzing("alone", kind)).exitCode, 0);
        const auto expected = loadStatistics(at("alone"));
        for (const int size : {2, 3}) { // of two layers, so that one of three processes has none
            const auto results = launch(size, analyzing("together", kind));
            for (const ProgramResult& result : results)
                ASSERT_EQ(result.exitCode, 0) << result.out << result.err;
            EXPECT_EQ(results.front().json()["sites"].size(), expected->sites.size());
            EXPECT_EQ(results.back().out, "");
            expectSame(*loadStatistics(at("together")), *expected);
            std::filesystem::remove(at("together"));
        }
        std::filesystem::remove(at("alone"));
    }
}

TEST_F(SeveralProcesses, QuantizeToTheSameBytes)
{
    analyze();
    const auto quantizing = [&](const std::string& out, const Arguments& more) {
        Arguments all{"quantize", at("model"), "--stats",   at("stats"), "--bits",    "4", "--group-size", "32",
                      "--out",    at(out),     "--salient", "8",         "--threads", "1", "--json",       "--force"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    };
    for (const Arguments& method : {Arguments{"--method", "rosaq"}, {"--method", "rosaq", "--rotation", "global"}}) {
        EXPECT_EQ(runProgram(quantizing("alone", method)).exitCode, 0);
        for (const int size : {2, 3}) {
            const auto results = launch(size, quantizing("together", method));
            for (const ProgramResult& result : results)
                ASSERT_EQ(result.exitCode, 0) << result.out << result.err;
            for (const char* file : {"/model.safetensors", "/manifest.json", "/config.json"})
                EXPECT_EQ(bytesOf(at("together") + file), bytesOf(at("alone") + file)) << file;
            EXPECT_EQ(results.back().out, "");
        }
    }
}

TEST_F(SeveralProcesses, QuantizeWithMomentsOfTheText)
{
    const Arguments text{"--text", at("text.txt"), "--context", "64", "--windows", "5", "--threads", "1", "--json"};
    Arguments analyzing{"analyze", at("model"), "--no-moments", "--out", at("stats")};
    analyzing.insert(analyzing.end(), text.begin(), text.end());
    ASSERT_EQ(runProgram(analyzing).exitCode, 0);
    for (const char* rotation : {"per-site", "global"}) {
        Arguments quantizing{"quantize",   at("model"), "--stats",   at("stats"), "--method", "rosaq",      "--bits",
                             "4",          "--group-size", "32",     "--salient", "8",        "--rotation", rotation,
                             "--out", at("packed"), "--force"};
        quantizing.insert(quantizing.end(), text.begin(), text.end());
        const nlohmann::json alone = runProgram(quantizing).json();
        const auto results = launch(2, quantizing);
        ASSERT_EQ(results[0].exitCode, 0) << results[0].out << results[0].err;
        const nlohmann::json together = results[0].json();
        ASSERT_EQ(together["linears"].size(), alone["linears"].size());
        for (std::size_t i = 0; i < alone["linears"].size(); ++i)
            EXPECT_NEAR(together["linears"][i]["output_error"], alone["linears"][i]["output_error"],
                        0.05 * alone["linears"][i]["output_error"].get<double>());
    }
}

TEST_F(SeveralProcesses, AnAnalysisThatMayNotBeWrittenFailsInAll)
{
    folder.write("there", "something");
    const auto results = launch(2, {"analyze", at("model"), "--text", at("text.txt"), "--context", "64", "--windows",
                                    "2", "--out", at("there"), "--json"});
    EXPECT_EQ(results[0].exitCode, 2);
    EXPECT_NE(results[1].exitCode, 0);
    EXPECT_EQ(bytesOf(at("there")), "something");
}

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
    EXPECT_EQ(error({"WORLD_SIZE=2", "RANK=0", "LOCAL_WORLD_SIZE=3"}), "LOCAL_WORLD_SIZE");
    EXPECT_EQ(error({"WORLD_SIZE=2", "RANK=0", "MASTER_ADDR=127.0.0.1"}), "MASTER_PORT");
    EXPECT_EQ(error({"WORLD_SIZE=2", "RANK=0", "MASTER_PORT=29500"}), "MASTER_ADDR");
}

} // namespace
} // namespace eigenquant::test
