// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/session.h"

#include <CLI/CLI.hpp>

#include <string>

namespace eigenquant::cli {

/// --text, --context and --windows, which several verbs share.
struct TextFlags {
    std::string text;
    std::string context = "2048";
    std::string windows = "0";

    /// `windows` at first: so many by default, "0" for all.
    void addTo(CLI::App& verb, const std::string& defaultWindows, bool textRequired);
    /// Throws Error::usage naming the flag.
    TextOptions toOptions() const;
};

} // namespace eigenquant::cli
