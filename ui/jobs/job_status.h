// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMetaType>
#include <QString>

#include <cstdint>

namespace eigenquant {

/// Jobs of one lane run one after the other; two lanes run side by side.
enum class JobLane {
    Model, ///< everything that touches the model session
    Files, ///< reading statistics and plans: does not wait for a running quantization
};

enum class JobState { Queued, Running, Succeeded, Failed, Cancelled };

/// What the window shows of one job.
struct JobStatus {
    std::uint64_t id = 0;
    QString tag;
    QString title;
    JobLane lane = JobLane::Model;
    JobState state = JobState::Queued;
    QString stage;
    QString unit;
    std::int64_t done = 0;
    std::int64_t total = 0;        ///< 0: not known
    std::int64_t elapsedMs = 0;
    std::int64_t remainingMs = -1; ///< of the current stage; -1: not known
    QString error;                 ///< the sentence of a failed job

    bool isFinished() const { return state != JobState::Queued && state != JobState::Running; }
};

} // namespace eigenquant

Q_DECLARE_METATYPE(eigenquant::JobStatus)
