// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/site_sample.h"

namespace eigenquant {

ActivationSample sampleActivations(const Decoder& decoder, SiteId site, std::span<const std::int32_t> ids,
                                   const RunContext& context)
{
    ActivationSample sample{.site = site, .ids = {ids.begin(), ids.end()}};
    const SiteObserver keep = [&](SiteId seen, const at::Tensor& x) {
        if (seen != site)
            return;
        const at::Tensor values = x.to(at::kCPU, at::kFloat).contiguous();
        sample.channels = static_cast<int>(values.size(1));
        sample.values.assign(values.const_data_ptr<float>(), values.const_data_ptr<float>() + values.numel());
    };
    const RopeTable rope =
        ropeTable(decoder.config(), static_cast<int>(ids.size()), decoder.target().device, decoder.target().dtype);
    at::Tensor hidden = decoder.embed(ids);
    for (int layer = 0; layer <= site.layer; ++layer) {
        context.report("running layers", "layers", layer, site.layer + 1);
        hidden = decoder.layer(layer, hidden, rope, keep);
    }
    context.report("running layers", "layers", site.layer + 1, site.layer + 1);
    return sample;
}

} // namespace eigenquant
