// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"

#include <cstdint>

namespace eigenquant {

/// The bytes that a packed linear takes, part by part: the one account behind plans, reports and files.
struct LinearStorage {
    std::uint64_t codes = 0;
    std::uint64_t scales = 0;
    std::uint64_t zeros = 0;
    std::uint64_t salient = 0;      ///< FP16 columns
    std::uint64_t salientIndex = 0; ///< which columns those are, where it is not simply the first ones
    std::uint64_t total() const { return codes + scales + zeros + salient + salientIndex; }
};

/// Storage of a linear [out, in] as its plan says.
LinearStorage linearStorage(const LinearPlan& linear, const SitePlan& site, std::int64_t out, std::int64_t in);

/// Whether the salient channels of a site are its first K ones and need no index.
bool salientLeads(const SitePlan& site);

/// Bytes of the rotation that a site applies at run time (FP16 [channels, channels]), or 0: shared by the
/// linears that read the site.
std::uint64_t rotationStorage(const SitePlan& site, std::int64_t channels);

} // namespace eigenquant
