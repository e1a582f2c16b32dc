// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/latency.h"
#include "core/results/outcome.h"
#include "core/results/sensitivity.h"

#include <optional>

namespace eigenquant {

/// What was measured of the open model and its plan so far.
struct WorkspaceResults {
    std::optional<PerplexityResult> floatPerplexity;
    std::optional<PerplexityResult> quantizedPerplexity;
    std::optional<LatencyResult> latency; ///< of the quantized model if there is one, else of the float model
    std::optional<QuantizeResult> quantized;
    std::optional<ExportResult> exported;
    std::optional<ModelSensitivity> sensitivity; ///< of the layers of some checkpoint of this model
};

} // namespace eigenquant
