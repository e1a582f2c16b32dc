// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace eigenquant::cli {

/// Seconds that are left of a stage, from its pace so far; nothing while there is no pace to speak of.
std::optional<double> secondsLeft(const Progress& progress, double elapsedSeconds);

/// "stage [#####    ] 42 % 12/28 windows ETA 0:31", at most `width` characters; without a total
/// "stage 12 windows".
std::string progressBar(const Progress& progress, double elapsedSeconds, int width);

/// "stage: 12/28 windows (42 %), ETA 0:31"
std::string progressLine(const Progress& progress, double elapsedSeconds);

/// Shows the progress of a verb on standard error. Called on the working thread; throttles itself.
class ProgressDisplay {
public:
    enum class Mode {
        Silent,
        Lines, ///< a plain line at each new stage, and every 5 seconds
        Bar,   ///< one line of a terminal, redrawn at most 10 times a second
    };
    using Clock = std::function<std::chrono::steady_clock::time_point()>;
    using Writer = std::function<void(const std::string&)>;

    /// The writer gets what goes to the terminal; `colour` is for the bar alone.
    ProgressDisplay(Mode mode, bool colour, Writer writer, Clock clock = std::chrono::steady_clock::now);
    ~ProgressDisplay();
    ProgressDisplay(const ProgressDisplay&) = delete;
    ProgressDisplay& operator=(const ProgressDisplay&) = delete;

    void show(const Progress& progress);
    /// Wipes the bar, so that what is printed next starts on a clean line.
    void finish();

    /// What standard error wants: Silent if quiet, Bar on a terminal that can redraw, else Lines.
    static Mode modeFor(int fileDescriptor, bool quiet);

private:
    bool isDue(const Progress& progress, std::chrono::steady_clock::time_point now);
    void drawBar(const Progress& progress, double elapsedSeconds);

    const Mode m_mode;
    const bool m_colour;
    const Writer m_writer;
    const Clock m_clock;
    std::mutex m_mutex;
    std::string m_stage;
    std::set<std::string> m_stagesShown;
    std::chrono::steady_clock::time_point m_stageStart, m_lastShown;
    bool m_shownBefore = false;
    bool m_barVisible = false;
};

} // namespace eigenquant::cli
