// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace eigenquant::test {

/// How the program is to be run.
struct ProgramOptions {
    std::string input;                    ///< on standard input
    std::filesystem::path folder;         ///< working directory; empty: ours
    std::filesystem::path standardOutput; ///< opened for writing instead of a pipe
    std::string stopWhen;                 ///< text on standard error at which the signal is sent
    std::filesystem::path stopWhenThere;  ///< or: a file that is not empty at which it is sent
    int stopSignal = 0;
    int stopCount = 1;   ///< so many signals, a moment apart
    int stopAfterMs = 0; ///< how long after the text
    std::vector<std::string> environment; ///< NAME=value beside what we have ourselves
};

/// What became of it.
struct ProgramResult {
    int exitCode = -1; ///< -1: it did not exit by itself
    std::string out, err;
    bool signalSent = false;

    /// Standard output as one JSON object on one line; a test failure otherwise.
    nlohmann::json json() const;
};

/// Runs the eigenquant that was built beside this test. Kills it after two minutes.
ProgramResult runProgram(const std::vector<std::string>& arguments, const ProgramOptions& options = {});

} // namespace eigenquant::test
