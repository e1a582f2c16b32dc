// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/distributed/process_group.h"
#include "core/io/resumable_output.h"
#include "core/quant/packed_checkpoint.h"
#include "core/session/layer_inputs.h"
#include "core/session/memory_plan.h"
#include "core/session/session.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace eigenquant {

/// One run of `quantize`: everything that can be refused is refused when it is made, before any work. Each layer is
/// written as it is done; a run that was stopped is gone on with behind its last finished layer. The processes of a job
/// quantize one layer each at a time, and the first one writes them all.
class QuantizationJob {
public:
    /// All arguments but `options` outlive this.
    QuantizationJob(const ModelAssets& model, const std::filesystem::path& stats, const Plan& plan,
                    const QuantizeOptions& options, const ComputeTarget& target, const MemoryLimits& limits);

    /// See LayerInputs.
    bool needsText() const { return m_inputs.needsText(); }
    /// `whole` is the model if it is in memory already, or null; it outlives this.
    void useText(const CalibrationText& text, const Decoder* whole);

    /// The result is whole in the first process of a job; the others have no files.
    QuantizeResult run(const RunContext& context);

private:
    std::vector<std::filesystem::path> inputFiles() const;
    void openOutput();
    void shareFinishedLayers(const RunContext& context);
    QuantizeResult quantize(const RunContext& context);
    void finishFiles(const WeightSource& source, QuantizeResult& result, const RunContext& context);
    bool isOurs(int layer) const { return layer % m_place.size == m_place.rank; }
    void quantizeShared(const WeightSource& source, int first, int count, const RunContext& context);
    void planMemory();
    bool onGpu() const { return m_target.device.is_cuda(); }
    AnalysisWork layerWork(bool normsOnly) const;
    int finishedLayers() const;
    void quantizeAll(const WeightSource& source, const RunContext& context);
    void quantizeGroup(const WeightSource& source, int first, int count, const RunContext& context);
    void finishLayer(int layer, const std::vector<LinearOutcome>& outcomes);
    void writeManifest(const QuantizeResult& result) const;

    const ModelAssets& m_model;
    LayerInputs m_inputs;
    Plan m_plan;
    QuantizeOptions m_options;
    ComputeTarget m_target;
    MemoryLimits m_limits;
    std::string m_textHash; ///< of the text that moments are computed from; empty if they are there
    int m_layersAtOnce = 1;
    bool m_layerInParallel = false; ///< a layer alone is spread over the threads
    ProcessPlace m_place;
    ProcessGroup* m_processes = nullptr; ///< while it runs
    std::optional<ResumableOutput> m_output; ///< of the first process of a job, which writes the files
    std::optional<PackedWriter> m_writer;
    std::vector<LinearOutcome> m_outcomes; ///< of the finished layers, in their order
};

} // namespace eigenquant
