// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/device.h"
#include "core/device/serial_math.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>

namespace eigenquant {

/// Runs task(0) … task(count - 1), spread over the threads, each with single-threaded tensor operations and
/// factorizations inside, so that what a task computes does not depend on the number of threads. A lone task would be
/// run outside of any parallel region, where its operations spread over the threads after all; an empty one beside it
/// keeps it in. Exceptions come out.
template <class Task>
void forEachTask(std::int64_t count, const Task& task)
{
    at::parallel_for(0, std::max<std::int64_t>(count, 2), 1, [&](std::int64_t begin, std::int64_t end) {
        const SerialMath serial;
        for (std::int64_t index = begin; index < std::min(end, count); ++index)
            task(index);
    });
}

/// How many tasks that hold so many bytes each are worked on at the same time: one for each thread, in so much memory,
/// and one at least.
inline int tasksAtOnce(double bytesEach, double availableBytes)
{
    return static_cast<int>(std::clamp<double>(availableBytes / bytesEach, 1, at::get_num_threads()));
}

} // namespace eigenquant
