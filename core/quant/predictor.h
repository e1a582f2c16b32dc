// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/results/plan.h"
#include "core/results/statistics.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace eigenquant {

class SiteErrors;

/// Predicts plans of one model again and again, and keeps what they have in common: after the first time another K, or
/// bits that were seen before, cost microseconds for each linear, however wide the model is. Its figures are those of
/// predict() and makePlan(), to the bit. For one thread at a time.
class Predictor {
public:
    explicit Predictor(std::shared_ptr<const ModelStatistics> statistics);
    /// For statistics that outlive it.
    explicit Predictor(const ModelStatistics& statistics);
    ~Predictor();

    /// As the functions of plan.h.
    void predict(Plan& plan);
    void predict(Plan& plan, SiteId changed);
    double salientEnergyShare(SiteId site, Basis basis, Select select, int salient, std::uint64_t seed);
    /// Fills in what follows from the settings of one linear of the plan: bytes, bits, expected error and divergence.
    /// `linear` need not be the plan's own: its site is.
    void predictLinear(const Plan& plan, LinearPlan& linear);

    /// Works out beforehand what edits of this plan's bits, group sizes and K will ask for, so that they need
    /// not wait. Stoppable.
    void prepare(const Plan& plan, const RunContext& context);
    /// How often all channels of a site were gone through so far, which is what takes time.
    std::size_t passes() const;

private:
    struct Linear {
        double outputEnergy = 0;
        double klPerError = 0; ///< nats a token that a unit of squared output error is expected to cost
    };
    SiteErrors& errorsOf(SiteId site);
    const Linear& knownOf(const LinearStatistics& linear);

    std::shared_ptr<const ModelStatistics> m_statistics;
    std::vector<std::unique_ptr<SiteErrors>> m_sites; ///< as the statistics' sites, made when asked for
    std::vector<std::optional<Linear>> m_linears;     ///< as the statistics' linears
};

} // namespace eigenquant
