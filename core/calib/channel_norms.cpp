// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/channel_norms.h"

#include "core/base/error.h"
#include "core/distributed/tensor_exchange.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

namespace eigenquant {
namespace {

/// Adds Σ x_j² in the order of the tokens, so that it is the same however the channels are spread over threads.
void addSquares(const at::Tensor& x, at::Tensor& sum)
{
    const at::Tensor rows = x.contiguous();
    const std::int64_t tokens = rows.size(0), channels = rows.size(1);
    const float* values = rows.const_data_ptr<float>();
    double* sums = sum.data_ptr<double>();
    at::parallel_for(0, channels, 64, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t token = 0; token < tokens; ++token)
            for (std::int64_t j = begin; j < end; ++j) {
                const double value = values[token * channels + j];
                sums[j] += value * value;
            }
    });
}

} // namespace

ChannelNorms::ChannelNorms(SiteId id, std::int64_t channels, c10::Device device)
    : m_id(id), m_channels(channels), m_sum(at::zeros({channels}, at::TensorOptions(at::kDouble).device(device))),
      m_max(at::zeros({channels}, at::TensorOptions(at::kFloat).device(device))), m_powers(channels, device)
{
}

void ChannelNorms::add(const at::Tensor& x)
{
    const at::Tensor wide = x.to(at::kFloat);
    if (wide.is_cpu())
        addSquares(wide, m_sum);
    else
        m_sum.add_(wide.to(at::kDouble).square().sum(0));
    m_max = at::maximum(m_max, wide.abs().amax(0));
    m_powers.add(wide);
    m_tokens += x.size(0);
}

void ChannelNorms::addOthers(TensorExchange& exchange)
{
    exchange.sum(m_sum);
    exchange.maximum(m_max);
    m_powers.addOthers(exchange);
    exchange.sum(m_tokens);
}

at::Tensor ChannelNorms::energy() const
{
    at::Tensor energy = m_sum.cpu() / static_cast<double>(std::max<std::int64_t>(m_tokens, 1));
    if (!energy.isfinite().all().item<bool>())
        throw Error::invalid("the activations are not finite")
            .field(m_id.name())
            .hint("the model overflows on this text; try --dtype f32");
    return energy;
}

at::Tensor ChannelNorms::channelMax() const
{
    return m_max.cpu().to(at::kDouble);
}

} // namespace eigenquant
