// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/json_output.h"

#include <exception>
#include <string>

namespace eigenquant::cli {

/// Why a verb did not do its work, as the exit code and the words that tell it.
struct Failure {
    int code = 1;
    std::string message;
    std::string file, field, expected, found; ///< empty where there is nothing to say

    /// {"error": {code, message, file, field, expected, found}}, null for what is empty.
    Json toJson() const;
};

/// Any exception as a Failure. `signalNumber` is the signal that asked to stop, 0 if none did: it
/// decides between 130 and 143.
Failure describeFailure(const std::exception_ptr& problem, int signalNumber);

} // namespace eigenquant::cli
