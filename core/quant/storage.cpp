// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/storage.h"

#include "core/io/stored_type.h"
#include "core/quant/packed_cmpq.h"
#include "core/quant/etq.h"
#include "core/quant/grid.h"
#include "core/quant/hadamard.h"
#include "kernels/layout/bit_packing.h"

#include <numeric>

namespace eigenquant {
namespace {

std::int64_t rowBytes(std::int64_t count, int width)
{
    return static_cast<std::int64_t>(layout::packedRowBytes(static_cast<std::size_t>(count), width));
}

std::vector<PartSpec> gridParts(const LinearPlan& linear, const SitePlan& site, std::int64_t out, std::int64_t in)
{
    const std::int64_t rest = in - linear.salient;
    const std::int64_t groups = GridSpec{linear.gridBits(), linear.groupSize, linear.symmetric}.groups(rest);
    std::vector<PartSpec> parts{{"codes", StoredType::U8, {out, rowBytes(rest, linear.gridBits())}},
                                {"scales", StoredType::F16, {out, groups}}};
    if (!linear.symmetric)
        parts.push_back({"zeros", StoredType::U8, {out, rowBytes(groups, linear.gridBits())}});
    parts.push_back({"salient", StoredType::F16, {out, linear.salient}});
    if (linear.salient > 0 && !salientLeads(site))
        parts.push_back({"salient_index", StoredType::I32, {linear.salient}});
    return parts;
}

} // namespace

std::uint64_t PartSpec::bytes() const
{
    const auto count = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
    return storedBytes(type, static_cast<std::uint64_t>(count));
}

bool salientLeads(const SitePlan& site)
{
    return site.basis == Basis::Pca && site.select == Select::Top;
}

std::vector<PartSpec> linearParts(const LinearPlan& linear, const SitePlan& site, std::int64_t out, std::int64_t in)
{
    switch (linear.method) {
    case Method::Float:
        return {{"salient", StoredType::F16, {out, in}}};
    case Method::Cmpq:
        return cmpqParts(linear, out, in);
    case Method::Etq:
        return etqParts(linear, out, in);
    default:
        return gridParts(linear, site, out, in);
    }
}

std::vector<PartSpec> siteParts(const SitePlan& site, std::int64_t channels)
{
    switch (site.basis) {
    case Basis::Pca:
    case Basis::Random:
        return {{"rotation", StoredType::F16, {channels, channels}}};
    case Basis::Hadamard: {
        const HadamardFactors factors = hadamardFactors(channels);
        std::vector<PartSpec> parts{{"signs", StoredType::U8, {rowBytes(channels, 1)}}};
        if (factors.dense)
            parts.push_back({"block", StoredType::F16, {factors.order, factors.order}});
        return parts;
    }
    case Basis::Original:
    case Basis::HeadWise:
    case Basis::HeadWiseRandom:
    case Basis::Global:
        break;
    }
    return {};
}

std::uint64_t totalBytes(const std::vector<PartSpec>& parts)
{
    return std::accumulate(parts.begin(), parts.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const PartSpec& part) { return sum + part.bytes(); });
}

} // namespace eigenquant
