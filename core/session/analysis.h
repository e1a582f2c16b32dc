// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/calib/channel_norms.h"
#include "core/calib/output_fisher.h"
#include "core/calib/second_moments.h"
#include "core/session/model_assets.h"
#include "core/session/session.h"

#include <chrono>
#include <filesystem>
#include <memory>

namespace eigenquant {

/// The fingerprint of statistics: of the model, the text and the settings that shape them.
std::string statisticsFingerprint(const ModelInfo& model, const std::string& textHash, int context, int windows,
                                  bool normsOnly = false);

/// Turns second moments into statistics and writes the STATS file to a temporary path: eigenvalues and energies
/// of each site, rounding errors of each linear, what the output feels of them if `fisher` knows it, and the moments
/// themselves if `statistics.hasMoments`. The analysis began at `start`.
void writeStatistics(const std::filesystem::path& file, ModelStatistics& statistics,
                     const std::vector<SecondMoment>& moments, const OutputFisher& fisher, const WeightSource& source,
                     std::chrono::steady_clock::time_point start, const RunContext& context);

/// The same of channel norms alone: energies of each site, rounding errors of each linear in the original basis.
void writeStatistics(const std::filesystem::path& file, ModelStatistics& statistics,
                     const std::vector<ChannelNorms>& norms, const WeightSource& source,
                     std::chrono::steady_clock::time_point start, const RunContext& context);

} // namespace eigenquant
