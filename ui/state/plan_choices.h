// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"
#include "core/results/statistics.h"

#include <vector>

namespace eigenquant {

/// What statistics can tell, and so which settings they allow to choose.
struct KnownStatistics {
    bool rotations = true;      ///< second moments were taken, not channel norms alone
    bool globalRotation = true; ///< the energies under the one rotation of the residual stream
    bool divergence = true;     ///< the Fisher information at the linears' outputs
    static KnownStatistics of(const ModelStatistics& statistics);
};

/// The methods to choose from, the most wanted first.
std::vector<Method> methodsFor(const KnownStatistics& known);

/// What a plan for freshly opened statistics is made from.
PlanOptions startingOptions(const ModelStatistics& statistics);

/// Which settings of PlanOptions are heeded; all others are ignored, and `eigenquant plan` would refuse them.
struct PlanFields {
    bool bits = false;
    bool groupSize = false;
    bool symmetric = false;
    bool rounding = false;
    bool activationOrder = false;
    bool clip = false;
    bool salient = false;
    bool select = false;
    bool scope = false;
    bool basis = false;
    bool treatments = false; ///< attn_out and mlp_out
    bool mixRest = false;
    bool cmpq = false;
    bool targetBits = false;
    bool operator==(const PlanFields&) const = default;
};
PlanFields fieldsOf(const PlanOptions& options, const KnownStatistics& known);

/// The settings that are heeded, and for the others what the method starts from.
PlanOptions heeded(const PlanOptions& options, const KnownStatistics& known);

/// The widths that a method's codes can have.
struct BitsRange {
    double least = kMinBits;
    double most = kMaxBits;
    int decimals = 0;
    double step = 1;
};
BitsRange bitsRange(Method method);
/// The width that the method can have nearest to `bits`.
double nearestBits(Method method, double bits);

} // namespace eigenquant
