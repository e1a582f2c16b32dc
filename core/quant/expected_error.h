// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"
#include "core/results/statistics.h"

namespace eigenquant {

/// ‖XW‖² a token. Exact from the PCA basis; without cross terms from channel norms alone.
double outputEnergy(const SiteStatistics& site, const LinearStatistics& linear);

/// ‖XΔW‖² a token that a linear's plan is expected to cost, from the statistics alone.
///
/// Rounding to nearest in a measured basis: Σ λ_j ‖ΔW_j‖² over the columns that are not salient, with the measured
/// rounding errors; exact in the PCA basis, without cross terms in others. A random basis spreads errors and energies
/// evenly. With error feedback an error in any column costs about the geometric mean of the eigenvalues (∏ D_j = ∏ λ_j).
/// Codebooks and trellis codes have the distortion that they have on Gaussian weights.
double expectedErrorEnergy(const ModelStatistics& statistics, const SitePlan& site, const LinearPlan& linear,
                           const PlanOptions& options);

} // namespace eigenquant
