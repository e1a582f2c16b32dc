// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/json_output.h"
#include "app/cli/progress.h"
#include "core/base/run_context.h"
#include "core/session/session.h"

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

namespace eigenquant::cli {

/// The flags that every verb takes.
struct CommonOptions {
    bool json = false;
    bool quiet = false;
    bool force = false;
    std::uint64_t seed = 0;
    ComputeOptions compute;
};

/// Writes all of it to a file descriptor. Throws Error::io naming the stream.
void writeAll(int fileDescriptor, std::string_view text, const char* stream);

/// What a verb talks to: the common flags, a way to be stopped and to tell its progress, and standard
/// output.
class Console {
public:
    /// `prints`: whether this process is the one of its job that speaks; the others are silent.
    Console(CommonOptions options, std::stop_token stop, bool prints = true);

    const CommonOptions& options() const { return m_options; }
    /// For the verbs of the session. Lives no longer than the console.
    RunContext context();
    /// Prints the result: the object with --json, else the text. Call it once. Throws Error::io.
    void print(const Json& object, const std::string& text);
    /// Prints a piece of a result that comes bit by bit. Throws Error::io.
    void printPart(const std::string& text);
    /// A remark on standard error; not with --quiet.
    void note(const std::string& text);
    void endProgress() { m_progress.finish(); }

private:
    CommonOptions m_options;
    std::stop_token m_stop;
    ProgressDisplay m_progress;
    bool m_prints;
};

} // namespace eigenquant::cli
