// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/site.h"
#include "core/results/statistics.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace eigenquant {

/// How a linear is quantized.
enum class Method {
    Float,   ///< left alone
    Rtn,     ///< round to nearest, every channel
    Salient, ///< the K input channels with the most energy stay FP16 (original space)
    Rosaq,   ///< rotate by the eigenvectors of XᵀX, keep K of the rotated channels in FP16
};
std::string_view name(Method method);
/// Throws Error::usage, listing the methods there are.
Method methodFromName(std::string_view text);

/// Which dimensions of the chosen basis stay FP16.
enum class Select { Top, Bottom, Random, TopBottom };
std::string_view name(Select select);
Select selectFromName(std::string_view text);

/// How ROSAQ treats a site that cannot simply take the full PCA rotation for free.
enum class SiteTreatment {
    HeadWise, ///< PCA in each KV head, merged into v and o: no cost at run time (attn_out only)
    Full,     ///< full-width PCA, applied at run time
    Salient,  ///< no rotation; the K channels with the most energy stay FP16
    None,     ///< no rotation, no salient channels
};
std::string_view name(SiteTreatment treatment);
SiteTreatment treatmentFromName(std::string_view text);

/// How many salient channels to keep: a count, or a fraction of the site's channels rounded to the
/// nearest multiple of 8 (a tie goes to the even multiple).
struct SalientBudget {
    double value = 1.0 / 32;
    bool isFraction = true;
    /// K for a site of `channels` channels; throws Error::usage if it is negative or above it.
    int count(int channels) const;
    /// "16", "1/32" or "0.03125"; throws Error::usage.
    static SalientBudget parse(std::string_view text);
};

/// The settings a whole plan is made from; the flags of `eigenquant plan`.
struct PlanOptions {
    Method method = Method::Rosaq;
    int bits = 4;
    int groupSize = 128;       ///< weights of a row that share a scale; 0: the whole row
    bool symmetric = false;
    SalientBudget salient;     ///< K; ignored by rtn
    bool rotate = true;        ///< rosaq: false is `--basis none`
    Select select = Select::Top;
    bool mixRest = false;      ///< a random rotation inside the dimensions that are not salient
    SiteTreatment attnOut = SiteTreatment::HeadWise;
    SiteTreatment mlpOut = SiteTreatment::Full;
    std::uint64_t seed = 0;
};

/// How one site's channels are turned and chosen. Every linear that reads the site shares it.
struct SitePlan {
    SiteId id;
    Basis basis = Basis::Original;
    Select select = Select::Top;
    bool mixRest = false;
};

/// How one linear is stored.
struct LinearPlan {
    LinearId id;
    Method method = Method::Rtn;
    int bits = 4;
    int groupSize = 128;
    bool symmetric = false;
    int salient = 0;            ///< K: channels of the site's basis that stay FP16

    // Derived from the statistics by predict(); not settings.
    double effectiveBits = 0;   ///< all its bits at run time, its share of rotations included, a weight
    double rotationBits = 0;    ///< of these, the share of run-time rotations
    std::uint64_t bytes = 0;    ///< effectiveBits * weights / 8, exactly as stored
    double predictedError = 0;  ///< ‖XΔW‖² / ‖XW‖² expected from the statistics
};

/// What a plan comes to.
struct PlanTotals {
    double effectiveBits = 0;  ///< over all linears, rotations included
    double rotationBits = 0;
    std::uint64_t bytes = 0;
    double predictedError = 0; ///< mean over linears, weighed by their weights
};

/// A decision for every site and linear, before any work: a value to look at, save, edit and diff.
struct Plan {
    PlanOptions options;          ///< what it was made from; edits may have left it behind
    std::string statsFingerprint; ///< the statistics it was made for
    std::string modelName;
    std::vector<SitePlan> sites;     ///< by layer, then site
    std::vector<LinearPlan> linears; ///< by layer, then role
    PlanTotals totals;

    const SitePlan& site(SiteId id) const;
    SitePlan& site(SiteId id);
    const LinearPlan& linear(LinearId id) const;
    LinearPlan& linear(LinearId id);
};

} // namespace eigenquant
