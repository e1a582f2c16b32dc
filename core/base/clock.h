// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace eigenquant {

/// What durations are measured with: it never jumps.
using Clock = std::chrono::steady_clock;

inline double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

} // namespace eigenquant
