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

/// The mean square, the largest magnitude and the kurtosis of each channel of a site, gathered window by window:
/// all that CMPQ (arXiv 2410.13056) needs. Holds 44 bytes a channel, where a second moment holds 8 bytes a pair of
/// channels.
class ChannelNorms {
public:
    ChannelNorms(SiteId id, std::int64_t channels, c10::Device device);

    /// x [tokens, channels] of any float type.
    void add(const at::Tensor& x);
    /// Adds what the other processes of a job gathered of the same site, in all of them.
    void addOthers(TensorExchange& exchange);

    SiteId id() const { return m_id; }
    std::int64_t channels() const { return m_channels; }
    std::int64_t tokens() const { return m_tokens; }
    /// E[x_j²], float64 [channels], on the CPU. Error::invalid names the site when it is not finite.
    at::Tensor energy() const;
    /// max |x_j|, float64 [channels], on the CPU.
    at::Tensor channelMax() const;
    /// See ChannelPowers; [channels].
    std::vector<double> kurtosis() const { return m_powers.kurtosis(); }

private:
    SiteId m_id;
    std::int64_t m_channels;
    std::int64_t m_tokens = 0;
    at::Tensor m_sum; ///< float64 [channels]
    at::Tensor m_max; ///< float32 [channels]
    ChannelPowers m_powers;
};

} // namespace eigenquant
