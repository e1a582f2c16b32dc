// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/process_place.h"
#include "core/device/device.h"
#include "core/io/resumable_output.h"
#include "core/model/config.h"
#include "core/results/statistics.h"
#include "core/session/layer_inputs.h"
#include "core/session/session.h"

#include <cstdint>
#include <optional>
#include <string>

namespace eigenquant {

/// The fingerprint of statistics: of the model, the text and the settings that shape them.
std::string statisticsFingerprint(const ModelInfo& model, const std::string& textHash, int context, int windows,
                                  bool normsOnly = false);

/// All of a STATS file but its sites and linears.
ModelStatistics statisticsHeader(const ModelInfo& model, const CalibrationText& text, const AnalyzeOptions& options,
                                 const ModelConfig& config);

/// The windows that output Fisher information is measured on; none where none is wanted.
std::optional<Windows> fisherWindowsOf(const Windows& windows, const AnalyzeOptions& options);

/// What another run must share to go on with this one: its bytes depend on nothing else.
Ingredients analysisIngredients(const ModelStatistics& header, const CalibrationText& text, const ComputeTarget& target,
                                int fisherWindows);

/// The windows that this process of a job has in hand.
Windows ownWindows(const Windows& windows, const ProcessPlace& place);

} // namespace eigenquant
