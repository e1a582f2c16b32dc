// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/calib/layer_pass.h"
#include "core/calib/statistics_file.h"
#include "core/distributed/tensor_exchange.h"
#include "core/io/resumable_output.h"
#include "core/quant/global_rotation.h"
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

/// One run of `analyze`: a pass over the text that goes layer by layer, turns what a layer's sites read into
/// eigenvalues, energies and rounding errors, and writes them before it goes to the next; then, for models whose
/// residual stream can be turned as a whole, what its one rotation makes of every layer. No more than some layers'
/// second moments are in memory. A run that was stopped is gone on with behind its last finished layer: the text
/// goes through the finished layers again, but nothing is measured of them.
///
/// The processes of a job share the windows, add up what these come to layer by layer, and then each works out
/// layers of its own; the first one writes the file. Such a run begins anew in any case.
class AnalysisJob {
public:
    /// Refuses what can be refused before any work: the output's place, and memory that cannot be enough. `whole`
    /// is the model if it is in memory already, or null. All arguments outlive this.
    AnalysisJob(const ModelAssets& model, const CalibrationText& text, const AnalyzeOptions& options,
                const ComputeTarget& target, const MemoryLimits& limits, const Decoder* whole);

    /// Writes the STATS file, if this process is the first of its job.
    void run(const RunContext& context);
    /// What the file says of all of it.
    const ModelStatistics& header() const { return m_header; }

private:
    void planMemory(const MemoryLimits& limits);
    bool isDone(const std::string& step) const { return m_done.contains(step); }
    void finishStep(const std::string& step);
    void measure(const RunContext& context);
    bool isOurs(int layer) const { return layer % m_place.size == m_place.rank; }
    /// Moments of the residual stream's sites are kept in a file of their own where the output does not hold all
    /// of them.
    bool keepsStash() const { return m_parts.global && (!m_header.hasMoments || !m_place.isAlone()); }
    void openFiles(const RunContext& context);
    void openScratch();
    void trustDoneSteps();
    void tell(const RunContext& context) const;

    void measureFisher(LayerSupply& supply, const RunContext& context);
    void measureLayers(LayerSupply& supply, const RunContext& context);
    /// Of the layers from the pass's next one to `end`, those that are ours.
    template <class Gathered, class Advance>
    std::vector<Gathered> gatherOurs(LayerPass& pass, int end, const Advance& advance);
    void measureMoments(LayerPass& pass, LayerSupply& supply, int end, const RunContext& context);
    void measureNorms(LayerPass& pass, LayerSupply& supply, int end, const RunContext& context);
    void collect(int begin, int end, const RunContext& context);
    void keepMoment(SiteId id, const LayerWeights& weights, const at::Tensor& mean);
    void measureGlobal(const RunContext& context);
    void measureGlobal(int layer, const at::Tensor& rotation, const RunContext& context);
    at::Tensor residualRotation(const RunContext& context) const;
    at::Tensor residualMoment(SiteId id) const;
    at::Tensor pooledMoment(const RunContext& context) const;
    LayerPass::States statesIn(StatePlace place) const;

    const ModelAssets& m_model;
    std::shared_ptr<const WeightSource> m_source; ///< the model's, on the GPU if there is one
    const ModelConfig& m_config;
    const CalibrationText& m_text;
    const AnalyzeOptions& m_options;
    const Decoder* m_whole;
    ComputeTarget m_target;
    ProcessPlace m_place;
    Windows m_mine; ///< the windows of this process
    bool m_resume;
    std::optional<Windows> m_fisherWindows; ///< none: no Fisher information
    ModelStatistics m_header;
    StatisticsWriter::Parts m_parts;
    AnalysisWork m_work;
    PassPlan m_plan, m_fisherPlan;
    EndsPlace m_ends = EndsPlace::Held;      ///< read, if either plan has to
    std::optional<ResumableOutput> m_output; ///< of the first process; as m_done
    std::optional<StatisticsWriter> m_writer;
    std::optional<MomentStash> m_stash; ///< of the residual stream's sites, where the file does not keep them
    std::optional<PooledMoment> m_pooled; ///< of all layers that are ours; none if some were finished before
    std::set<std::string> m_done;
    ProcessGroup* m_processes = nullptr; ///< while it runs
    TensorExchange* m_exchange = nullptr;
};

} // namespace eigenquant
