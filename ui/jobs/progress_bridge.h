// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"

#include <chrono>
#include <mutex>
#include <optional>

namespace eigenquant {

/// Carries the newest progress from the working thread to the UI thread. A verb may report as often as
/// it likes: only what the UI thread fetches costs anything.
class ProgressBridge {
public:
    using Clock = std::chrono::steady_clock;

    struct Snapshot {
        Progress progress;
        Clock::time_point stageStarted;
        std::int64_t stageFirst = 0; ///< `done` when the stage began
    };

    void report(const Progress& progress)
    {
        const std::lock_guard lock(m_mutex);
        if (m_snapshot.progress.stage != progress.stage || progress.done < m_snapshot.progress.done) {
            m_snapshot.stageStarted = Clock::now();
            m_snapshot.stageFirst = progress.done;
        }
        m_snapshot.progress = progress;
        m_fresh = true;
    }

    /// The newest report, if there is one since the last call.
    std::optional<Snapshot> take()
    {
        const std::lock_guard lock(m_mutex);
        if (!m_fresh)
            return std::nullopt;
        m_fresh = false;
        return m_snapshot;
    }

private:
    std::mutex m_mutex;
    Snapshot m_snapshot;
    bool m_fresh = false;
};

} // namespace eigenquant
