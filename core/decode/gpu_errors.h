// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "kernels/common/gpu.h"

#include <utility>

namespace eigenquant {

/// What a failure on the GPU is to the rest of the program. Once a GPU's context is lost, the GPU path is closed
/// for the rest of the process.
Error gpuFailure(const kernels::GpuError& failure);

/// Throws Error::resources once a GPU was lost in this process.
void requireGpuContext();

/// The GPU of that number, made current for this thread; Error::resources says why there is none, or that it was lost.
kernels::GpuInfo openGpu(int index);

/// work(), its failures on the GPU turned into Error: the one place where that happens.
template <class Work>
decltype(auto) withGpuErrors(Work&& work)
{
    try {
        return std::forward<Work>(work)();
    } catch (const kernels::GpuError& failure) {
        throw gpuFailure(failure);
    }
}

} // namespace eigenquant
