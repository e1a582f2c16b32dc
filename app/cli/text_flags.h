// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/session.h"

#include <CLI/CLI.hpp>

#include <string>

namespace eigenquant::cli {

/// --text or --tokens, --context and --windows, which several verbs share.
struct TextFlags {
    std::string text;
    std::string tokens;
    std::string context = "2048";
    std::string windows = "0";

    /// `windows` at first: so many by default, "0" for all.
    void addTo(CLI::App& verb, const std::string& defaultWindows, bool textRequired);
    /// The two ways to name a text, under other flags than --text and --tokens.
    void addSource(CLI::App& verb, const std::string& textFlag, const std::string& tokensFlag,
                   const std::string& what, bool isRequired);
    /// Whether a text or ids were named.
    bool given() const { return !text.empty() || !tokens.empty(); }
    /// Throws Error::usage naming the flag.
    TextOptions toOptions() const;

private:
    std::string m_required; ///< the flags of which one must be given, if so
};

} // namespace eigenquant::cli
