// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/gpu_errors.h"

#include "core/base/gibibytes.h"

#include <atomic>
#include <string>

namespace eigenquant {
namespace {

std::atomic<bool> contextIsLost = false;

Error lostContext(const std::string& reason)
{
    return Error::resources("the GPU stopped working for this process" + (reason.empty() ? "" : ": " + reason))
        .field("device")
        .hint("start the program again, or run with --device cpu");
}

} // namespace

Error gpuFailure(const kernels::GpuError& failure)
{
    switch (failure.kind()) {
    case kernels::GpuError::Kind::Unavailable:
        return Error::resources(std::string("no GPU can be used: ") + failure.what())
            .field("device")
            .hint("run with --device cpu");
    case kernels::GpuError::Kind::OutOfMemory: {
        Error error = Error::resources("not enough GPU memory");
        if (failure.neededBytes() > 0)
            error.expected(gibibytes(failure.neededBytes()) + " more").found(gibibytes(failure.freeBytes()) + " free");
        return error.hint("a smaller batch, shorter sequences or --kv int8 need less");
    }
    case kernels::GpuError::Kind::Lost:
        contextIsLost = true;
        return lostContext(failure.what());
    case kernels::GpuError::Kind::Failed:
        break;
    }
    return Error::internal(std::string("the GPU refused some work: ") + failure.what());
}

void requireGpuContext()
{
    if (contextIsLost)
        throw lostContext("");
}

kernels::GpuInfo openGpu(int index)
{
    requireGpuContext();
    return withGpuErrors([index] { return kernels::findGpu(index); });
}

} // namespace eigenquant
