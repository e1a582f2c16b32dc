// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>

#include <algorithm>
#include <ctime>

namespace eigenquant::test {

/// The longest time between two turns of the event loop: as this thread worked, and as a clock on the
/// wall saw it. On a machine that is busy with other programs only the first is ours to answer for.
class Heartbeat : public QObject {
public:
    Heartbeat()
    {
        m_wall.start();
        m_worked = threadSeconds();
        startTimer(5);
    }
    double longestWorkMs() const { return m_longestWorkMs; }
    qint64 longestWallMs() const { return m_longestWallMs; }
    int beats() const { return m_beats; }

    /// Processor time that this thread has used so far.
    static double threadSeconds()
    {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
    }

    /// What the window may keep the person waiting for.
    static constexpr double kLongestWorkMs = 100;
    /// A UI thread that waits for another one would pass this.
    static constexpr qint64 kLongestWallMs = 2000;

protected:
    void timerEvent(QTimerEvent*) override
    {
        const double now = threadSeconds();
        m_longestWorkMs = std::max(m_longestWorkMs, (now - m_worked) * 1000);
        m_longestWallMs = std::max(m_longestWallMs, m_wall.restart());
        m_worked = now;
        ++m_beats;
    }

private:
    QElapsedTimer m_wall;
    double m_worked = 0;
    double m_longestWorkMs = 0;
    qint64 m_longestWallMs = 0;
    int m_beats = 0;
};

} // namespace eigenquant::test
