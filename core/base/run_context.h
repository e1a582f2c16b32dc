// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace eigenquant {

/// How far a long verb has come. `done` and `total` count `unit`s of the current `stage`.
struct Progress {
    std::string stage;      ///< e.g. "reading activations"
    std::string unit;       ///< e.g. "windows"
    std::int64_t done = 0;
    std::int64_t total = 0; ///< 0: not known
};

/// What every long verb takes: a way to stop it, and a place to tell how far it is.
/// onProgress is called on the working thread, as often as the verb likes: the receiver throttles.
struct RunContext {
    std::stop_token stop;
    std::function<void(const Progress&)> onProgress;
    /// Told once of what a person should know before the work goes on: a sentence without its full stop.
    std::function<void(const std::string&)> onNote = {};

    /// Throws Error::cancelled() once a stop was asked for. Long loops call it at least every 100 ms
    /// or so of work.
    void checkpoint() const
    {
        if (stop.stop_requested())
            throw Error::cancelled();
    }

    void note(const std::string& sentence) const
    {
        if (onNote)
            onNote(sentence);
    }

    /// checkpoint(), and a report.
    void report(const char* stage, const char* unit, std::int64_t done, std::int64_t total) const
    {
        checkpoint();
        if (onProgress)
            onProgress({stage, unit, done, total});
    }
};

} // namespace eigenquant
