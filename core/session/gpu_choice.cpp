// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/gpu_choice.h"

#include "core/decode/gpu_errors.h"

namespace eigenquant {

namespace {

/// The widths of heads that attention has kernels for.
bool knowsHeads(const ModelConfig& config)
{
    return config.headDim >= 32 && config.headDim <= 256 && config.headDim % 8 == 0;
}

} // namespace

std::optional<KernelTarget> kernelTarget(const ModelConfig& config, const ComputeTarget& target,
                                         const ComputeOptions& words)
{
    if (!target.device.is_cuda() || words.dtype == "f32" || !knowsHeads(config))
        return {};
    requireGpuContext();
    try {
        return KernelTarget{kernels::findGpu(target.device.index()),
                            words.dtype == "bf16" ? kernels::Element::BF16 : kernels::Element::F16};
    } catch (const kernels::GpuError& failure) {
        // A GPU that libtorch knows and the kernels don't, such as one below compute capability 8.0.
        if (failure.kind() == kernels::GpuError::Kind::Unavailable)
            return {};
        throw gpuFailure(failure);
    }
}

} // namespace eigenquant
