// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace eigenquant::cli {

/// The whole program: reads the command line, does what it says, and reports what went wrong.
/// Returns the exit code. Call it before any other thread exists (see SignalWatcher).
int runCommandLine(int argc, const char* const* argv);

} // namespace eigenquant::cli
