// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/calib/windows.h"
#include "core/model/decoder.h"
#include "core/results/layer_effect.h"
#include "core/session/layer_inputs.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace eigenquant {

/// Measures single layers of plans on a short text. Keeps the original model's hidden states in front of each layer,
/// so that a measurement quantizes one layer and runs only this one and those behind it.
class LiveEffect {
public:
    /// One pass of the original model over the windows.
    LiveEffect(const ModelAssets& model, const std::filesystem::path& stats, std::shared_ptr<const Decoder> reference,
               Windows windows, std::string textHash, const RunContext& context);

    /// Error::usage for a layer that the model does not have; Error::unsupported for a plan that turns the residual
    /// stream, in which no single layer can stand among the original ones.
    LayerEffect measure(Plan plan, int layer, const RunContext& context) const;

    /// The memory of the kept hidden states, bytes.
    std::uint64_t bytes() const;

private:
    struct Window {
        std::vector<at::Tensor> inputs; ///< of each layer, [tokens, hidden]; last, what leaves the last layer
    };
    struct Sums;

    Window run(std::span<const std::int32_t> ids, const RunContext& context) const;
    RopeTable rope() const;
    /// The layer as it will be stored, in the original basis of its inputs; fills in what it came to.
    LayerWeights quantized(const Plan& plan, int layer, LayerEffect& effect, const RunContext& context) const;
    void compare(int window, int layer, const Decoder& changed, Sums& sums, const RunContext& context) const;

    LayerInputs m_inputs;
    std::shared_ptr<const Decoder> m_reference;
    Windows m_windows;
    std::string m_textHash;
    std::vector<Window> m_states;
};

} // namespace eigenquant
