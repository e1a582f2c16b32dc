// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/calib/channel_powers.h"
#include "core/calib/windows.h"
#include "core/model/decoder.h"
#include "core/results/site.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace eigenquant {

class TensorExchange;

/// The uncentred second moment XᵀX of a site, gathered window by window: float32 products of one window,
/// summed in float64. Holds channels², however long the text.
class SecondMoment {
public:
    SecondMoment(SiteId id, std::int64_t channels, c10::Device device);

    /// x [tokens, channels] of any float type.
    void add(const at::Tensor& x);
    /// Adds what the other processes of a job gathered of the same site, in all of them.
    void addOthers(TensorExchange& exchange);

    SiteId id() const { return m_id; }
    std::int64_t channels() const { return m_channels; }
    std::int64_t tokens() const { return m_tokens; }
    /// XᵀX / tokens, float64 [channels, channels], symmetric to the bit, on the CPU. Error::invalid names the
    /// site when it is not finite.
    at::Tensor mean() const;
    /// The same in the memory of the sum, on its device: afterwards there is no moment here any more.
    at::Tensor takeMean();
    /// max |x_j|, float64 [channels], on the CPU.
    at::Tensor channelMax() const;
    /// See ChannelPowers; [channels].
    std::vector<double> kurtosis() const { return m_powers.kurtosis(); }

private:
    at::Tensor finished(at::Tensor sum) const;

    SiteId m_id;
    std::int64_t m_channels;
    std::int64_t m_tokens = 0;
    at::Tensor m_sum; ///< float64 [channels, channels]; only blocks on and above the diagonal are kept
    at::Tensor m_max;
    ChannelPowers m_powers;
};

} // namespace eigenquant
