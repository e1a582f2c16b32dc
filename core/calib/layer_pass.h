// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/calib/channel_norms.h"
#include "core/calib/hidden_states.h"
#include "core/calib/second_moments.h"
#include "core/calib/windows.h"
#include "core/model/layer_supply.h"

#include <filesystem>
#include <vector>

namespace eigenquant {

/// A forward pass of many windows that goes layer by layer: all windows through one layer, then through the next. What
/// a window comes to is the same, to the bit, as in a pass of its own.
class LayerPass {
public:
    /// Where hidden states wait between the layers.
    struct States {
        StatePlace place = StatePlace::Memory;
        std::filesystem::path folder; ///< for StatePlace::File
    };

    /// Embeds the windows. `supply` and `windows` outlive this.
    LayerPass(LayerSupply& supply, const Windows& windows, const States& states, const RunContext& context);

    /// The layer that the windows go through next.
    int next() const { return m_next; }
    /// All windows through the next layer.
    void advance(const char* stage, const RunContext& context, const SiteObserver& observe = {});
    /// The same, with what its sites read gathered: one a site.
    std::vector<SecondMoment> advanceForMoments(const char* stage, const RunContext& context);
    std::vector<ChannelNorms> advanceForNorms(const char* stage, const RunContext& context);
    /// What a window is now, [tokens, hidden]; not to be written into.
    at::Tensor state(int window) const { return m_states.get(window); }

private:
    template <class Gathered>
    std::vector<Gathered> gather(const char* stage, const RunContext& context);

    LayerSupply& m_supply;
    const Windows& m_windows;
    HiddenStates m_states;
    RopeTable m_rope;
    int m_next = 0;
};

} // namespace eigenquant
