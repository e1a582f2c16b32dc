// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/text_flags.h"

#include "app/cli/parse.h"

namespace eigenquant::cli {

namespace {

constexpr int kMinContext = 2; // a window is scored on its tokens 2..context
constexpr int kMaxContext = 1 << 20;
constexpr int kMaxWindows = 1 << 30;

} // namespace

void TextFlags::addTo(CLI::App& verb, const std::string& defaultWindows, bool textRequired)
{
    windows = defaultWindows;
    verb.add_option("--text", text, "a UTF-8 text file")->required(textRequired)->type_name("FILE");
    verb.add_option("--context", context, "tokens a window (" + context + ")")->type_name("N");
    verb.add_option("--windows", windows, "at most so many windows; 0: all there are (" + windows + ")")
        ->type_name("N");
}

TextOptions TextFlags::toOptions() const
{
    return {.file = text,
            .context = static_cast<int>(parseInteger("--context", context, kMinContext, kMaxContext)),
            .windows = static_cast<int>(parseInteger("--windows", windows, 0, kMaxWindows))};
}

} // namespace eigenquant::cli
