// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_store.h"
#include "core/results/plan.h"

#include <cstdint>
#include <string>
#include <vector>

namespace eigenquant {

/// A tensor that a packed linear or a site is stored in.
struct PartSpec {
    std::string name;
    StoredType type = StoredType::U8;
    std::vector<std::int64_t> shape;
    std::uint64_t bytes() const;
};

/// The tensors of a linear [out, in] as its plan says, less its bias: the one account behind plans, reports and
/// files. They follow from the plan alone, so that sizes are known before any work. See packed_checkpoint.h for
/// what they hold.
std::vector<PartSpec> linearParts(const LinearPlan& linear, const SitePlan& site, std::int64_t out, std::int64_t in);

/// The tensors of what a site does to its activation at run time; shared by the linears that read it.
std::vector<PartSpec> siteParts(const SitePlan& site, std::int64_t channels);

std::uint64_t totalBytes(const std::vector<PartSpec>& parts);

/// Whether the salient channels of a site are its first K ones and need no index.
bool salientLeads(const SitePlan& site);

} // namespace eigenquant
