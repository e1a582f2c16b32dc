// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/calib/second_moments.h"
#include "core/calib/statistics_file.h"
#include "core/io/atomic_output.h"
#include "core/quant/quantize_layer.h"
#include "core/session/model_assets.h"
#include "core/session/session.h"

#include <filesystem>
#include <optional>
#include <vector>

namespace eigenquant {

/// One run of `quantize`: everything that can be refused is refused when it is made, before any work.
class QuantizationJob {
public:
    QuantizationJob(const ModelAssets& model, const std::filesystem::path& stats, const Plan& plan,
                    const QuantizeOptions& options);

    /// The statistics have no second moments, and the plan needs them.
    bool needsText() const { return m_needsMoments && !m_statistics.hasMoments; }
    /// Computes the moments again. Error::invalid when the text or its windows are not those of the statistics.
    void useText(const Windows& windows, const std::string& textHash, const Decoder& decoder,
                 const RunContext& context);

    QuantizeResult run(const RunContext& context);

private:
    /// The second moment of a site; its channels' energies if the statistics are of norms alone.
    at::Tensor moment(SiteId id) const;
    /// The model with its residual stream turned, where the plan does that.
    std::shared_ptr<const WeightSource> turnedSource() const;
    LayerInput layerInput(int layer, const WeightSource& source) const;
    void writeManifest(const QuantizeResult& result) const;

    const ModelAssets& m_model;
    ModelStatistics m_statistics;
    bool m_needsMoments = true;
    Plan m_plan;
    std::filesystem::path m_place;
    std::optional<AtomicOutput> m_output;
    std::optional<MomentReader> m_reader;
    std::vector<SecondMoment> m_moments;
};

} // namespace eigenquant
