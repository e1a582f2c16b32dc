// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/calib/layer_pass.h"
#include "core/calib/statistics_file.h"
#include "core/io/resumable_output.h"
#include "core/session/layer_inputs.h"
#include "core/session/memory_plan.h"
#include "core/session/model_assets.h"
#include "core/session/session.h"

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace eigenquant {

/// The fingerprint of statistics: of the model, the text and the settings that shape them.
std::string statisticsFingerprint(const ModelInfo& model, const std::string& textHash, int context, int windows,
                                  bool normsOnly = false);

/// One run of `analyze`: a pass over the text that goes layer by layer, turns what a layer's sites read into
/// eigenvalues, energies and rounding errors, and writes them before it goes to the next; then, for models whose
/// residual stream can be turned as a whole, what its one rotation makes of every layer. No more than some layers' second
/// moments are in memory. A run that was stopped is gone on with behind its last finished layer: the text goes through
/// the finished layers again, but nothing is measured of them.
class AnalysisJob {
public:
    /// Refuses what can be refused before any work: the output's place, and memory that cannot be enough. `whole` is the
    /// model if it is in memory already, or null. All arguments outlive this.
    AnalysisJob(const ModelAssets& model, const CalibrationText& text, const AnalyzeOptions& options,
                const ComputeTarget& target, const MemoryLimits& limits, const Decoder* whole);

    /// Writes the STATS file.
    void run(const RunContext& context);

private:
    void planMemory(const MemoryLimits& limits);
    bool isDone(const std::string& step) const { return m_done.contains(step); }
    void finishStep(const std::string& step);
    void openFiles();
    void trustDoneSteps();
    void tell(const RunContext& context) const;

    void measureFisher(LayerSupply& supply, const RunContext& context);
    void measureLayers(LayerSupply& supply, const RunContext& context);
    void measureGroup(LayerPass& pass, LayerSupply& supply, int count, const RunContext& context);
    void measureNorms(LayerPass& pass, LayerSupply& supply, const RunContext& context);
    void measureGlobal(const RunContext& context);
    at::Tensor residualMoment(SiteId id) const;
    at::Tensor onDevice(const LayerWeights& weights, LinearRole role) const;
    LayerPass::States statesIn(StatePlace place) const;

    const ModelAssets& m_model;
    const ModelConfig& m_config;
    const CalibrationText& m_text;
    const AnalyzeOptions& m_options;
    const Decoder* m_whole;
    ComputeTarget m_target;
    std::optional<Windows> m_fisherWindows; ///< none: no Fisher information
    ModelStatistics m_header;
    StatisticsWriter::Parts m_parts;
    AnalysisWork m_work;
    PassPlan m_plan, m_fisherPlan;
    std::optional<ResumableOutput> m_output;
    std::optional<StatisticsWriter> m_writer;
    std::optional<MomentStash> m_stash; ///< of the residual stream's sites, where the file does not keep them
    std::set<std::string> m_done;
};

} // namespace eigenquant
