// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/decode/gpu_model.h"
#include "core/device/device.h"
#include "core/results/latency.h"
#include "core/session/session.h"

#include <functional>
#include <memory>
#include <string>

namespace eigenquant {

struct ModelAssets;

/// A model as it is timed: what it is called, and where its weights come from.
struct LatencySubject {
    std::string model;
    std::string method;
    double effectiveBits = 0;
    EngineSource stored;                           ///< as the GPU holds it
    EngineSource dense;                            ///< the same linears in 16 bits, without rotations
    std::shared_ptr<const WeightSource> weights;   ///< for the CPU
    bool isFloat = false;                          ///< nothing is quantized: the baseline is the model itself
};

LatencySubject latencySubject(const ModelAssets& assets);
LatencySubject latencySubject(const ModelConfig& shape, const LatencyOptions& options);

/// `words` are the compute options that `target` was resolved from. Throws Error.
LatencyResult measureLatency(const LatencySubject& subject, const LatencyOptions& options,
                             const ComputeTarget& target, const ComputeOptions& words, const LatencyListener& onRow,
                             const RunContext& context);

} // namespace eigenquant
