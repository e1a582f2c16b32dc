// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/quant/site_dimensions.h"
#include "core/quant/suffix_sums.h"
#include "core/results/plan.h"
#include "core/results/statistics.h"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace eigenquant {

/// ‖XW‖² a token. Exact from the PCA basis; without cross terms from channel norms alone.
double outputEnergy(const SiteStatistics& site, const LinearStatistics& linear);

/// The errors that plans of one site's linears are expected to cost, from the statistics alone. What plans have in
/// common is kept, so that another K or other bits cost a look-up: only an order or a width that is asked for the
/// first time goes through all channels.
///
/// Rounding to nearest in a measured basis: Σ λ_j ‖ΔW_j‖² over the columns that are not salient, with the measured
/// rounding errors; exact in the PCA basis, without cross terms in others. A random basis spreads errors and
/// energies evenly. With error feedback an error in any column costs about the geometric mean of the eigenvalues
/// (∏ D_j = ∏ λ_j). Codebooks and trellis codes have the distortion that they have on Gaussian weights.
class SiteErrors {
public:
    /// Both must outlive it.
    SiteErrors(const ModelStatistics& statistics, const SiteStatistics& site);

    /// ‖XΔW‖² a token.
    double errorEnergy(const SitePlan& plan, const LinearPlan& linear, const PlanOptions& options);
    /// The dimensions of this basis, in this order; good until the next call.
    SiteDimensions& dimensions(Basis basis, Select select, std::uint64_t seed);
    /// How often all channels were gone through so far.
    std::size_t passes() const;

private:
    /// What a unit of squared error costs in a column after feedback.
    struct Feedback {
        std::vector<double> spectrum;
        double damping = 0;
        SuffixSums logs;
        double variance(int salient) const;
        double logAt(std::size_t j) const;
    };
    const Feedback& feedback(Basis basis);
    double gridErrorEnergy(const SitePlan& plan, const LinearPlan& linear, const PlanOptions& options);
    double cmpqErrorEnergy(const LinearPlan& linear);
    double etqErrorEnergy(const LinearPlan& linear);

    const ModelStatistics* m_statistics;
    const SiteStatistics* m_site;
    std::vector<SiteDimensions> m_dimensions;      ///< the last ones that were asked for, newest first
    std::array<std::optional<Feedback>, 2>
        m_feedback; ///< of the site's own moment, of the one without the norm's gain
    std::size_t m_droppedPasses = 0;
};

} // namespace eigenquant
