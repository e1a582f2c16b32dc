// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/second_moments.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

namespace eigenquant {
namespace {

// XᵀX is symmetric: with the rows in this many strips, each multiplied only with the columns from its own on,
// 5/8 of the work is left, in products still large enough to run at full speed.
constexpr std::int64_t kStrips = 4;

} // namespace

SecondMoment::SecondMoment(SiteId id, std::int64_t channels, c10::Device device)
    : m_id(id), m_channels(channels),
      m_sum(at::zeros({channels, channels}, at::TensorOptions(at::kDouble).device(device))),
      m_max(at::zeros({channels}, at::TensorOptions(at::kFloat).device(device))), m_powers(channels, device)
{
}

void SecondMoment::add(const at::Tensor& x)
{
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

at::Tensor SecondMoment::mean() const
{
    const at::Tensor upper = m_sum.cpu().triu();
    at::Tensor mean = (upper + upper.triu(1).t()) / static_cast<double>(std::max<std::int64_t>(m_tokens, 1));
    if (!mean.isfinite().all().item<bool>())
        throw Error::invalid("the activations are not finite")
            .field(m_id.name())
            .hint("the model overflows on this text; try --dtype f32");
    return mean;
}

at::Tensor SecondMoment::channelMax() const
{
    return m_max.cpu().to(at::kDouble);
}

std::vector<SecondMoment> collectSecondMoments(const Decoder& decoder, const Windows& windows,
                                               const RunContext& context)
{
    std::vector<SecondMoment> moments;
    for (int layer = 0; layer < decoder.config().layers; ++layer)
        for (const Site site : kAllSites)
            moments.emplace_back(SiteId{layer, site}, siteChannels(decoder.config(), site), decoder.target().device);
    const SiteObserver observe = [&](SiteId id, const at::Tensor& x) {
        context.checkpoint();
        moments[static_cast<std::size_t>(id.layer) * kAllSites.size() + static_cast<std::size_t>(id.site)].add(x);
    };
    for (int window = 0; window < windows.count(); ++window) {
        context.report("reading activations", "windows", window, windows.count());
        decoder.hidden(windows[window], context, observe);
    }
    context.report("reading activations", "windows", windows.count(), windows.count());
    return moments;
}

} // namespace eigenquant
