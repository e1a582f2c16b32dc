// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/site.h"
#include "core/results/statistics.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eigenquant {

/// How a linear is quantized.
enum class Method {
    Float,   ///< left alone
    Rtn,     ///< round to nearest, every channel
    Salient, ///< the K input channels with the most energy stay FP16 (original space)
    Gptq,    ///< rounding errors made up for by later columns (arXiv 2210.17323)
    Awq,     ///< channels scaled by their activations before rounding (arXiv 2306.00978)
    RandRot, ///< a random rotation before rounding (QuaRot, arXiv 2404.00456)
    Rosaq,   ///< rotate by the eigenvectors of XᵀX, keep K of the rotated channels in FP16 (arXiv 2506.13472)
    Cmpq,    ///< bits and a codebook for each channel, outliers in FP16 (arXiv 2410.13056)
    Etq,     ///< our own: trellis codes with error feedback in a random basis, bits where they matter; docs/etq.md
};
std::string_view name(Method method);
/// Whether codes of this method lie on a uniform grid with groups.
bool usesGrid(Method method);
/// Whether this method keeps K channels in FP16.
bool keepsSalient(Method method);
/// Whether this method turns its sites.
bool rotates(Method method);
/// Throws Error::usage, listing the methods there are.
Method methodFromName(std::string_view text);

/// How weights find their place on a grid.
enum class Rounding {
    Rtn,  ///< the nearest value
    Gptq, ///< the nearest value, later columns making up for the error
};
std::string_view name(Rounding rounding);
Rounding roundingFromName(std::string_view text);

/// Whether every site has a rotation of its own, or the whole residual stream shares one.
enum class RotationScope {
    PerSite, ///< best spectra; applied at run time, except head-wise ones
    Global,  ///< merged into the weights: no cost at run time
};
std::string_view name(RotationScope scope);
RotationScope scopeFromName(std::string_view text);

/// Where rotations come from.
enum class RotationKind {
    Pca,      ///< eigenvectors of the second moment
    Random,   ///< uniform over all orthogonal matrices
    Hadamard, ///< a Hadamard matrix with random signs: n log n to apply, a bit a channel to store
    None,     ///< nothing is turned
};
std::string_view name(RotationKind kind);
RotationKind rotationKindFromName(std::string_view text);

/// Which dimensions of the chosen basis stay FP16.
enum class Select { Top, Bottom, Random, TopBottom };
std::string_view name(Select select);
Select selectFromName(std::string_view text);

/// How a rotating method treats a site that cannot simply take the full rotation for free.
enum class SiteTreatment {
    HeadWise, ///< a rotation in each KV head, merged into v and o: no cost at run time (attn_out only)
    Full,     ///< full width, applied at run time
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

/// CMPQ's choices: the shares of weights that stay FP16, and which widths a fraction between 2 and 3 mixes.
struct CmpqChoices {
    double activationOutliers = 0.0005;   ///< by |w|·‖x‖, before the codebooks are made
    double quantizationOutliers = 0.0045; ///< by squared error·‖x‖², after
    bool fourAndTwo = false;              ///< 4 and 2 bits in place of 3 and 2
    bool operator==(const CmpqChoices&) const = default;
};

/// The settings a whole plan is made from; the flags of `eigenquant plan`.
struct PlanOptions {
    Method method = Method::Rosaq;
    double bits = 4;           ///< a whole number, but for cmpq and etq, which reach any average
    int groupSize = 128;       ///< weights of a row that share a scale; 0: the whole row; not for cmpq and etq
    bool symmetric = false;
    Rounding rounding = Rounding::Rtn;
    bool activationOrder = false; ///< GPTQ takes the columns in order of falling energy
    bool clip = false;         ///< awq: ranges are clipped for the least output error
    SalientBudget salient;     ///< K; for salient, rosaq and randrot
    RotationScope scope = RotationScope::PerSite;
    RotationKind basis = RotationKind::Pca;
    Select select = Select::Top;
    bool mixRest = false;      ///< a random rotation inside the dimensions that are not salient
    SiteTreatment attnOut = SiteTreatment::HeadWise;
    SiteTreatment mlpOut = SiteTreatment::Full;
    CmpqChoices cmpq;
    double targetBits =
        0; ///< above 0: the allocator chooses bits and K of each linear for this many effective bits
    std::uint64_t seed = 0;
    std::vector<std::string> rules; ///< "REGEX: key=value, …", applied in order before the allocator chooses; PlanRule

    /// What `method` starts from: its own basis, rounding, K and treatment of attn_out and mlp_out.
    static PlanOptions of(Method method, RotationScope scope = RotationScope::PerSite);
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
    double bits = 4;            ///< a code; an average over the channels for cmpq and etq
    int groupSize = 128;
    bool symmetric = false;
    int salient = 0;            ///< K: channels of the site's basis that stay FP16
    Rounding rounding = Rounding::Rtn;
    bool activationOrder = false;
    bool clip = false;
    CmpqChoices cmpq;
    bool locked = false;        ///< the allocator leaves it as it is

    // Derived from the statistics by predict(); not settings.
    double effectiveBits = 0;   ///< all its bits at run time, its share of rotations included, a weight
    double rotationBits = 0;    ///< of these, the share of run-time rotations
    std::uint64_t bytes = 0;    ///< effectiveBits * weights / 8, exactly as stored
    double predictedError = 0;  ///< ‖XΔW‖² / ‖XW‖² expected from the statistics
    double predictedKl = 0;     ///< nats a token that this error alone is expected to cost; 0 if unknown

    /// The width of a uniform grid's codes.
    int gridBits() const { return static_cast<int>(bits); }
};

/// What a plan comes to.
struct PlanTotals {
    double effectiveBits = 0;  ///< over all linears, rotations included
    double rotationBits = 0;
    std::uint64_t bytes = 0;
    double predictedError = 0; ///< mean over linears, weighed by their weights
    double predictedKl = 0;    ///< KL(float ‖ quantized) a token, nats: the sum over linears; 0 if unknown
};

/// A decision for every site and linear, before any work: a value to look at, save, edit and diff.
struct Plan {
    PlanOptions options;          ///< what it was made from; edits may have left it behind
    std::string statsFingerprint; ///< the statistics it was made for
    std::string modelName;
    std::vector<SitePlan> sites;     ///< by layer, then site
    std::vector<LinearPlan> linears; ///< by layer, then role
    PlanTotals totals;

    /// The residual stream is turned as a whole: its sites are in the basis "global".
    bool turnsResidual() const;

    /// The roles of the linears of each layer.
    std::span<const LinearRole> roles() const;
    const SitePlan& site(SiteId id) const;
    SitePlan& site(SiteId id);
    const LinearPlan& linear(LinearId id) const;
    LinearPlan& linear(LinearId id);
};

} // namespace eigenquant
