// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

namespace eigenquant::cli {

/// Turns SIGINT and SIGTERM into a stop request. A second one ends the process at once.
///
/// The signals are blocked and read by a thread of our own, so no code ever runs inside a signal
/// handler. Make one before any other thread exists: threads inherit the mask. SIGPIPE is ignored, so
/// that a closed standard output is an error to report like any other.
class SignalWatcher {
public:
    SignalWatcher();
    ~SignalWatcher();
    SignalWatcher(const SignalWatcher&) = delete;
    SignalWatcher& operator=(const SignalWatcher&) = delete;

    std::stop_token token() const { return m_stop.get_token(); }
    /// SIGINT, SIGTERM, or 0 if none came.
    int received() const { return m_received.load(); }

private:
    void watch();

    std::stop_source m_stop;
    std::atomic<int> m_received{0};
    int m_signals = -1; ///< signalfd
    int m_wakeUp = -1;  ///< eventfd, written when this object goes
    std::thread m_thread;
};

} // namespace eigenquant::cli
