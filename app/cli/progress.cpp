// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/progress.h"

#include "app/cli/text_format.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace eigenquant::cli {

namespace {

constexpr auto kBarInterval = std::chrono::milliseconds(100);
constexpr auto kLineInterval = std::chrono::seconds(5);
constexpr int kBarCells = 24;
constexpr int kFallbackWidth = 80;

int percentOf(const Progress& progress)
{
    const double share = static_cast<double>(progress.done) / static_cast<double>(progress.total);
    return static_cast<int>(100 * std::clamp(share, 0.0, 1.0));
}

std::string counts(const Progress& progress)
{
    std::string text = grouped(progress.done);
    if (progress.total > 0)
        text += "/" + grouped(progress.total);
    return progress.unit.empty() ? text : text + " " + progress.unit;
}

int terminalWidth()
{
    winsize size{};
    const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : kFallbackWidth;
}

} // namespace

std::optional<double> secondsLeft(const Progress& progress, double elapsedSeconds)
{
    if (progress.total <= 0 || progress.done <= 0 || elapsedSeconds < 0.5)
        return std::nullopt;
    const auto left = std::max<std::int64_t>(progress.total - progress.done, 0);
    return elapsedSeconds * static_cast<double>(left) / static_cast<double>(progress.done);
}

std::string progressBar(const Progress& progress, double elapsedSeconds, int width)
{
    std::string text = progress.stage;
    if (progress.total > 0) {
        const int percent = percentOf(progress);
        const int filled = kBarCells * percent / 100;
        text += " [" + std::string(filled, '#') + std::string(kBarCells - filled, ' ') + "] ";
        text += std::to_string(percent) + " %";
    }
    text += " " + counts(progress);
    if (const auto left = secondsLeft(progress, elapsedSeconds))
        text += " ETA " + clockTime(*left);
    if (width > 0 && text.size() > static_cast<std::size_t>(width))
        text.resize(static_cast<std::size_t>(width));
    return text;
}

std::string progressLine(const Progress& progress, double elapsedSeconds)
{
    std::string text = progress.stage + ": " + counts(progress);
    if (progress.total > 0)
        text += " (" + std::to_string(percentOf(progress)) + " %)";
    if (const auto left = secondsLeft(progress, elapsedSeconds))
        text += ", ETA " + clockTime(*left);
    return text;
}

ProgressDisplay::ProgressDisplay(Mode mode, bool colour, Writer writer, Clock clock)
    : m_mode(mode), m_colour(colour), m_writer(std::move(writer)), m_clock(std::move(clock))
{
}

ProgressDisplay::~ProgressDisplay()
{
    finish();
}

void ProgressDisplay::show(const Progress& progress)
{
    if (m_mode == Mode::Silent)
        return;
    const std::lock_guard lock(m_mutex);
    const auto now = m_clock();
    if (progress.stage != m_stage) {
        m_stage = progress.stage;
        m_stageStart = now;
    }
    if (!isDue(progress, now))
        return;
    m_lastShown = now;
    m_shownBefore = true;
    const double elapsed = std::chrono::duration<double>(now - m_stageStart).count();
    if (m_mode == Mode::Bar)
        drawBar(progress, elapsed);
    else
        m_writer(progressLine(progress, elapsed) + "\n");
}

bool ProgressDisplay::isDue(const Progress& progress, std::chrono::steady_clock::time_point now)
{
    // Stages may alternate layer by layer: only the first sight of each is worth a line of its own.
    const bool newStage = m_stagesShown.insert(progress.stage).second;
    if (m_mode == Mode::Bar)
        return !m_shownBefore || now - m_lastShown >= kBarInterval;
    return newStage || now - m_lastShown >= kLineInterval;
}

void ProgressDisplay::drawBar(const Progress& progress, double elapsedSeconds)
{
    std::string bar = progressBar(progress, elapsedSeconds, terminalWidth() - 1);
    if (m_colour)
        bar = "\x1b[36m" + bar + "\x1b[0m";
    m_writer("\r\x1b[K" + bar);
    m_barVisible = true;
}

void ProgressDisplay::finish()
{
    const std::lock_guard lock(m_mutex);
    if (m_barVisible)
        m_writer("\r\x1b[K");
    m_barVisible = false;
}

ProgressDisplay::Mode ProgressDisplay::modeFor(int fileDescriptor, bool quiet)
{
    if (quiet)
        return Mode::Silent;
    const char* terminal = std::getenv("TERM");
    const bool canRedraw = terminal != nullptr && std::string_view(terminal) != "dumb";
    return canRedraw && isatty(fileDescriptor) == 1 ? Mode::Bar : Mode::Lines;
}

} // namespace eigenquant::cli
