// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/channel_powers.h"

#include "core/distributed/tensor_exchange.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

namespace eigenquant {
namespace {

// What rounding leaves of the variance of a constant channel, against its mean square.
constexpr double kNothing = 1e-12;

void addPowers(const at::Tensor& x, at::Tensor& sums)
{
    const at::Tensor rows = x.contiguous();
    const std::int64_t tokens = rows.size(0), channels = rows.size(1);
    const float* values = rows.const_data_ptr<float>();
    double* first = sums.data_ptr<double>();
    double *second = first + channels, *third = second + channels, *fourth = third + channels;
    at::parallel_for(0, channels, 64, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t token = 0; token < tokens; ++token)
            for (std::int64_t j = begin; j < end; ++j) {
                const double value = values[token * channels + j], square = value * value;
                first[j] += value;
                second[j] += square;
                third[j] += square * value;
                fourth[j] += square * square;
            }
    });
}

} // namespace

ChannelPowers::ChannelPowers(std::int64_t channels, c10::Device device)
    : m_sums(at::zeros({4, channels}, at::TensorOptions(at::kDouble).device(device)))
{
}

void ChannelPowers::add(const at::Tensor& x)
{
    if (x.is_cpu()) {
        addPowers(x, m_sums);
    } else {
        const at::Tensor wide = x.to(at::kDouble), square = wide.square();
        m_sums.add_(at::stack({wide.sum(0), square.sum(0), (square * wide).sum(0), square.square().sum(0)}));
    }
    m_tokens += x.size(0);
}

void ChannelPowers::addOthers(TensorExchange& exchange)
{
    exchange.sum(m_sums);
    exchange.sum(m_tokens);
}

std::vector<double> ChannelPowers::kurtosis() const
{
    const at::Tensor sums = m_sums.cpu();
    const double* values = sums.const_data_ptr<double>();
    const auto channels = static_cast<std::size_t>(sums.size(1));
    std::vector<double> result(channels);
    for (std::size_t j = 0; j < channels; ++j)
        result[j] = kurtosisOf(values[j], values[channels + j], values[2 * channels + j], values[3 * channels + j],
                               static_cast<double>(m_tokens));
    return result;
}

double kurtosisOf(double first, double second, double third, double fourth, double count)
{
    if (count <= 0)
        return 0;
    const double mean = first / count, square = second / count;
    const double variance = square - mean * mean;
    if (!(variance > kNothing * square))
        return 0;
    const double central =
        fourth / count - 4 * mean * third / count + 6 * mean * mean * square - 3 * mean * mean * mean * mean;
    return std::max(0.0, central / (variance * variance));
}

} // namespace eigenquant
