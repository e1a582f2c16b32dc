// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace eigenquant {

class TensorExchange;

/// The first four powers of each channel, gathered window by window, for the kurtosis: how far a channel's own
/// distribution is from a Gaussian's. On a CPU the sums are in the order of the tokens, the same for any number of
/// threads. Holds 32 bytes a channel.
class ChannelPowers {
public:
    ChannelPowers(std::int64_t channels, c10::Device device);

    /// x [tokens, channels], float32.
    void add(const at::Tensor& x);
    /// Adds those of the other processes of a job, in all of them.
    void addOthers(TensorExchange& exchange);
    /// E[(x_j - mean)⁴] / variance² of each channel; 0 for one that never changes, which has none.
    std::vector<double> kurtosis() const;

private:
    at::Tensor m_sums; ///< float64 [4, channels]
    std::int64_t m_tokens = 0;
};

/// The same from sums of powers: Σx, Σx², Σx³, Σx⁴ of `count` values.
double kurtosisOf(double first, double second, double third, double fourth, double count);

} // namespace eigenquant
