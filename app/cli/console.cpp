// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/console.h"

#include "core/base/error.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace eigenquant::cli {

namespace {

bool wantsColour()
{
    const char* noColour = std::getenv("NO_COLOR");
    return noColour == nullptr || *noColour == '\0';
}

/// Progress is a courtesy: where standard error cannot be written to, the work goes on.
void writeToStderr(const std::string& text)
{
    try {
        writeAll(STDERR_FILENO, text, "standard error");
    } catch (const Error&) {
        return;
    }
}

} // namespace

void writeAll(int fileDescriptor, std::string_view text, const char* stream)
{
    while (!text.empty()) {
        const ssize_t written = ::write(fileDescriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            throw Error::io(std::string("cannot be written to: ") + std::strerror(errno)).file(stream);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

Console::Console(CommonOptions options, std::stop_token stop, bool prints)
    : m_options(std::move(options)), m_stop(std::move(stop)),
      m_progress(ProgressDisplay::modeFor(STDERR_FILENO, m_options.quiet || !prints), wantsColour(), writeToStderr),
      m_prints(prints)
{
}

RunContext Console::context()
{
    return {m_stop, [this](const Progress& progress) { m_progress.show(progress); },
            [this](const std::string& sentence) { note(sentence); }};
}

void Console::print(const Json& object, const std::string& text)
{
    m_progress.finish();
    if (m_prints)
        writeAll(STDOUT_FILENO, m_options.json ? toLine(object) : text, "standard output");
}

void Console::printPart(const std::string& text)
{
    m_progress.finish();
    if (m_prints)
        writeAll(STDOUT_FILENO, text, "standard output");
}

void Console::note(const std::string& text)
{
    m_progress.finish();
    if (m_prints && !m_options.quiet)
        writeToStderr(text + "\n");
}

} // namespace eigenquant::cli
