// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/second_moments.h"

#include "core/distributed/tensor_exchange.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <utility>

namespace eigenquant {
namespace {

// XᵀX is symmetric: with the rows in this many strips, each multiplied only with the columns from its own on,
// 5/8 of the work is left, in products still large enough to run at full speed.
constexpr std::int64_t kStrips = 4;

/// While one lives, a GPU multiplies float32 in TF32: eleven significant bits each, and sums in float32. Values
/// that come from bfloat16 or float16 have no more bits, so that their products are exact, at eight times the
/// speed.
class NarrowProducts {
public:
    explicit NarrowProducts(const at::Tensor& x) : m_before(at::globalContext().allowTF32CuBLAS())
    {
        if (x.is_cuda() && x.scalar_type() != at::kFloat)
            at::globalContext().setAllowTF32CuBLAS(true);
    }
    ~NarrowProducts() { at::globalContext().setAllowTF32CuBLAS(m_before); }
    NarrowProducts(const NarrowProducts&) = delete;
    NarrowProducts& operator=(const NarrowProducts&) = delete;

private:
    bool m_before;
};

/// Divides what is on and above the diagonal, and copies it below.
void divideAndMirror(at::Tensor& sum, double divisor)
{
    if (sum.is_cuda()) {
        sum.div_(divisor).triu_();
        sum += sum.triu(1).t();
        return;
    }
    const std::int64_t size = sum.size(0);
    double* values = sum.data_ptr<double>();
    // Each pair of mirrored values is one row's to write.
    at::parallel_for(0, size, 16, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row)
            for (std::int64_t column = row; column < size; ++column)
                values[row * size + column] = values[column * size + row] = values[row * size + column] / divisor;
    });
}

} // namespace

SecondMoment::SecondMoment(SiteId id, std::int64_t channels, c10::Device device)
    : m_id(id), m_channels(channels),
      m_sum(at::zeros({channels, channels}, at::TensorOptions(at::kDouble).device(device))),
      m_max(at::zeros({channels}, at::TensorOptions(at::kFloat).device(device))), m_powers(channels, device)
{
}

void SecondMoment::add(const at::Tensor& x)
{
    const NarrowProducts exact(x);
    const at::Tensor wide = x.to(at::kFloat);
    const std::int64_t strip = (m_channels + kStrips - 1) / kStrips;
    for (std::int64_t begin = 0; begin < m_channels; begin += strip) {
        const std::int64_t rows = std::min(strip, m_channels - begin);
        const at::Tensor left = wide.narrow(1, begin, rows).t();
        const at::Tensor right = wide.narrow(1, begin, m_channels - begin);
        m_sum.narrow(0, begin, rows).narrow(1, begin, m_channels - begin).add_(at::matmul(left, right));
    }
    m_max = at::maximum(m_max, wide.abs().amax(0));
    m_powers.add(wide);
    m_tokens += x.size(0);
}

void SecondMoment::addOthers(TensorExchange& exchange)
{
    exchange.sum(m_sum);
    exchange.maximum(m_max);
    m_powers.addOthers(exchange);
    exchange.sum(m_tokens);
}

at::Tensor SecondMoment::mean() const
{
    return finished(m_sum.to(at::kCPU, at::kDouble, /*non_blocking=*/false, /*copy=*/true));
}

at::Tensor SecondMoment::takeMean()
{
    return finished(std::exchange(m_sum, at::Tensor()));
}

at::Tensor SecondMoment::finished(at::Tensor sum) const
{
    divideAndMirror(sum, static_cast<double>(std::max<std::int64_t>(m_tokens, 1)));
    if (!sum.isfinite().all().item<bool>())
        throw Error::invalid("the activations are not finite")
            .field(m_id.name())
            .hint("the model overflows on this text; try --dtype f32");
    return sum;
}

at::Tensor SecondMoment::channelMax() const
{
    return m_max.cpu().to(at::kDouble);
}

} // namespace eigenquant
