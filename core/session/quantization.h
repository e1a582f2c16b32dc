// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/atomic_output.h"
#include "core/session/layer_inputs.h"
#include "core/session/session.h"

#include <filesystem>
#include <optional>
#include <string>

namespace eigenquant {

/// One run of `quantize`: everything that can be refused is refused when it is made, before any work.
class QuantizationJob {
public:
    QuantizationJob(const ModelAssets& model, const std::filesystem::path& stats, const Plan& plan,
                    const QuantizeOptions& options);

    /// See LayerInputs.
    bool needsText() const { return m_inputs.needsText(); }
    void useText(const Windows& windows, const std::string& textHash, const Decoder& decoder, const RunContext& context)
    {
        m_inputs.useText(windows, textHash, decoder, context);
    }

    QuantizeResult run(const RunContext& context);

private:
    void writeManifest(const QuantizeResult& result) const;

    const ModelAssets& m_model;
    LayerInputs m_inputs;
    Plan m_plan;
    std::filesystem::path m_place;
    std::optional<AtomicOutput> m_output;
};

} // namespace eigenquant
