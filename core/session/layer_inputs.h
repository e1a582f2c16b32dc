// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/calib/second_moments.h"
#include "core/calib/statistics_file.h"
#include "core/quant/quantize_layer.h"
#include "core/session/model_assets.h"
#include "core/session/session.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace eigenquant {

/// What layers are quantized from: a model's weights, and the statistics that were made of it.
class LayerInputs {
public:
    /// Refuses a model that is quantized already, and statistics of another one.
    LayerInputs(const ModelAssets& model, const std::filesystem::path& stats);

    const ModelStatistics& statistics() const { return m_statistics; }
    /// Refuses a plan that does not fit; brings its predictions up to date, as it may have been edited by hand.
    void accept(Plan& plan) const;

    /// The statistics have no second moments, though they are not of channel norms alone.
    bool needsText() const { return !m_statistics.normsOnly && !m_statistics.hasMoments && m_moments.empty(); }
    /// Computes the moments again. Error::invalid when the text or its windows are not those of the statistics.
    void useText(const Windows& windows, const std::string& textHash, const Decoder& decoder,
                 const RunContext& context);

    /// The model with its residual stream turned, where the plan does that.
    std::shared_ptr<const WeightSource> source(const Plan& plan) const;
    /// `from` is what source() gave for the plan. Safe to call from several threads at once.
    LayerInput layer(int index, const Plan& plan, const WeightSource& from) const;

private:
    /// The second moment of a site; its channels' energies if the statistics are of norms alone.
    at::Tensor moment(SiteId id) const;

    const ModelAssets& m_model;
    ModelStatistics m_statistics;
    std::optional<MomentReader> m_reader;
    std::vector<SecondMoment> m_moments;
};

} // namespace eigenquant
