// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/storage.h"

#include "core/quant/grid.h"
#include "kernels/layout/bit_packing.h"

namespace eigenquant {

bool salientLeads(const SitePlan& site)
{
    return site.basis == Basis::Pca && site.select == Select::Top;
}

LinearStorage linearStorage(const LinearPlan& linear, const SitePlan& site, std::int64_t out, std::int64_t in)
{
    constexpr std::uint64_t half = 2, index = 4;
    const auto rows = static_cast<std::uint64_t>(out);
    LinearStorage storage;
    if (linear.method == Method::Float) {
        storage.salient = rows * static_cast<std::uint64_t>(in) * half;
        return storage;
    }
    const std::int64_t rest = in - linear.salient;
    const GridSpec grid{linear.bits, linear.groupSize, linear.symmetric};
    const auto groups = static_cast<std::uint64_t>(grid.groups(rest));
    storage.codes = rows * layout::packedRowBytes(static_cast<std::size_t>(rest), linear.bits);
    storage.scales = rows * groups * half;
    if (!linear.symmetric)
        storage.zeros = rows * layout::packedRowBytes(groups, linear.bits);
    storage.salient = rows * static_cast<std::uint64_t>(linear.salient) * half;
    if (linear.salient > 0 && !salientLeads(site))
        storage.salientIndex = static_cast<std::uint64_t>(linear.salient) * index;
    return storage;
}

std::uint64_t rotationStorage(const SitePlan& site, std::int64_t channels)
{
    return site.basis == Basis::Pca ? static_cast<std::uint64_t>(channels) * static_cast<std::uint64_t>(channels) * 2 : 0;
}

} // namespace eigenquant
