// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/text_flags.h"

#include "app/cli/parse.h"
#include "core/base/error.h"

namespace eigenquant::cli {

namespace {

constexpr int kMinContext = 2; // a window is scored on its tokens 2..context
constexpr int kMaxContext = 1 << 20;

} // namespace

void TextFlags::addTo(CLI::App& verb, const std::string& defaultWindows, bool textRequired)
{
    windows = defaultWindows;
    addSource(verb, "--text", "--tokens", "a UTF-8 text file", textRequired);
    verb.add_option("--context", context, "tokens a window (" + context + ")")->type_name("N");
    verb.add_option("--windows", windows, "at most so many windows; 0: all there are (" + windows + ")")
        ->type_name("N");
}

void TextFlags::addSource(CLI::App& verb, const std::string& textFlag, const std::string& tokensFlag,
                          const std::string& what, bool isRequired)
{
    CLI::Option* file = verb.add_option(textFlag, text, what)->type_name("FILE");
    verb.add_option(tokensFlag, tokens,
                    "ready token ids in place of a text: decimal numbers with spaces or commas, a JSON array, .npy "
                    "or .safetensors; no tokenizer is needed")
        ->type_name("FILE")
        ->excludes(file);
    m_required = isRequired ? textFlag + " or " + tokensFlag : "";
}

TextOptions TextFlags::toOptions() const
{
    if (!m_required.empty() && !given())
        throw Error::usage("what to read is not said").field(m_required).expected("one of them");
    return {.file = text,
            .context = static_cast<int>(parseInteger("--context", context, kMinContext, kMaxContext)),
            .windows = static_cast<int>(parseInteger("--windows", windows, 0, kMaxWindows)),
            .tokens = tokens};
}

} // namespace eigenquant::cli
