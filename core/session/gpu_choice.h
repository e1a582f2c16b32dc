// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/device.h"
#include "core/model/config.h"
#include "core/session/session.h"
#include "kernels/common/gpu.h"
#include "kernels/common/half.h"

#include <optional>

namespace eigenquant {

/// A GPU and the type of activations that the kernels run with.
struct KernelTarget {
    kernels::GpuInfo gpu;
    kernels::Element element = kernels::Element::F16;
};

/// Whether the kernels compute: a model whose heads they know, on a GPU that they run on, unless --dtype asks for
/// float32. Nothing where libtorch has to; Error::resources where a GPU was lost.
std::optional<KernelTarget> kernelTarget(const ModelConfig& config, const ComputeTarget& target,
                                         const ComputeOptions& words);

} // namespace eigenquant
