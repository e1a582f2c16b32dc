// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

namespace eigenquant {

/// One way to store a unit, and what it is expected to cost.
struct AllocationOption {
    std::uint64_t bytes = 0;
    double loss = 0; ///< finite; added up over units, e.g. nats a token
};

/// Linears that share a setting, such as q, k and v of a layer.
struct AllocationUnit {
    std::vector<AllocationOption> options; ///< one or more, in any order
};

/// The bytes of the smallest choice, and of the one with the least loss: more than `most` buys nothing.
struct AllocationRange {
    std::uint64_t least = 0, most = 0;
};
AllocationRange allocationRange(const std::vector<AllocationUnit>& units);

/// Chooses an option for each unit, so that the summed loss is small and the summed bytes are within the budget.
/// From the smallest option of each unit on, it takes the step that wins most loss a byte among all that still fit,
/// until none does. As long as everything fits, these are the steps of the units' lower convex hulls in the order of
/// their slope, hence the least loss that the bytes spent can have (Shoham and Gersho 1988); behind it the room left
/// is filled. The loss is above the least possible by less than the win of the first step that did not fit, and
/// never rises with the budget. Ties go to the first unit, then to the first option.
/// Error::usage for a budget below the least: it names that and the most, in bits for each of `weights` weights.
std::vector<int> allocate(const std::vector<AllocationUnit>& units, std::uint64_t budgetBytes, std::uint64_t weights);

} // namespace eigenquant
