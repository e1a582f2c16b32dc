// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/calib/layer_pass.h"
#include "core/calib/statistics_file.h"
#include "core/distributed/tensor_exchange.h"
#include "core/quant/quantize_layer.h"
#include "core/session/memory_plan.h"
#include "core/session/model_assets.h"
#include "core/session/session.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace eigenquant {

/// What a text was cut into, and its hash.
struct CalibrationText {
    Windows windows;
    std::string hash;
};

/// What layers are quantized from: a model's weights, and the statistics that were made of it.
class LayerInputs {
public:
    /// Refuses a model that is quantized already, and statistics of another one.
    LayerInputs(const ModelAssets& model, const std::filesystem::path& stats);

    const ModelStatistics& statistics() const { return m_statistics; }
    /// Second moments and the weights of linears are handed out on this device (the CPU), where factorizations and
    /// products then run.
    void useDevice(c10::Device device);
    /// The processes of a job share the windows of the text, and have the moments of some layers each. Both
    /// outlive this.
    void shareWith(const ProcessPlace& place, TensorExchange& exchange);
    /// Refuses a plan that does not fit; brings its predictions up to date, as it may have been edited by hand.
    void accept(Plan& plan) const;

    /// The statistics have no second moments, though they are not of channel norms alone.
    bool needsText() const { return !m_statistics.normsOnly && !m_statistics.hasMoments && !m_text; }
    /// Moments are computed again from this text, layer by layer as gather() asks for them, by `whole`, or, where
    /// that is null, by one layer at a time. Both outlive this. Error::invalid when the text or its windows are
    /// not those of the statistics.
    void useText(const CalibrationText& text, const Decoder* whole, const ComputeTarget& target,
                 const PassPlan& plan, const std::filesystem::path& folder);

    /// The model with its residual stream turned, where the plan does that; from moments that are in the statistics.
    std::shared_ptr<const WeightSource> source(const Plan& plan) const;
    /// The same where they are computed: the text goes through the model once for it, if the plan needs that.
    std::shared_ptr<const WeightSource> gatherSource(const Plan& plan, const RunContext& context);
    /// Makes the moments of so many layers ready, where they have to be computed, and forgets those of others. Layers
    /// are asked for in rising order. Of several processes each makes those of its own layers ready: layer % processes.
    void gather(int first, int count, const RunContext& context);
    /// A layer that is ready. `from` is what source() gave for the plan. Safe to call from several threads at once.
    LayerInput layer(int index, const Plan& plan, const WeightSource& from) const;

private:
    std::shared_ptr<const WeightSource> turned(const Plan& plan,
                                               const std::function<at::Tensor(SiteId)>& momentOf) const;
    /// The second moment of a site; its channels' energies if the statistics are of norms alone.
    at::Tensor moment(SiteId id) const;
    void gather(int first, int count, bool allLayers, const RunContext& context);
    at::Tensor ofFirstProcess(const at::Tensor& rotation) const;

    const ModelAssets& m_model;
    ModelStatistics m_statistics;
    std::optional<MomentReader> m_reader;
    c10::Device m_device = c10::kCPU;
    std::shared_ptr<const WeightSource> m_source; ///< the model's, on the device
    ProcessPlace m_place;
    TensorExchange* m_exchange = nullptr; ///< none: alone
    std::optional<Windows> m_windows; ///< of the text, those that are ours
    const CalibrationText* m_text = nullptr;
    std::unique_ptr<LayerSupply> m_supply;
    LayerPass::States m_states;
    std::unique_ptr<LayerPass> m_pass;
    std::map<int, std::vector<at::Tensor>> m_moments; ///< of the layers that are ready, by site
};

} // namespace eigenquant
