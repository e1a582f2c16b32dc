// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/model_info.h"
#include "core/results/site.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace eigenquant {

/// The widths, in bits, that every linear's rounding errors are measured at.
inline constexpr int kMinBits = 2;
inline constexpr int kMaxBits = 8;
inline constexpr int kWidthCount = kMaxBits - kMinBits + 1;

/// The space a site's channels are looked at in.
enum class Basis {
    Original, ///< the model's own channels
    Pca,      ///< the eigenvectors of XᵀX, by falling eigenvalue (ROSAQ, full width)
    HeadWise, ///< attn_out only: eigenvectors for each KV head, block-diagonal, in head order
    Global,   ///< attn_in and mlp_in: the one rotation of the residual stream, without the norm's gain
    Random,         ///< a random rotation, full width
    HeadWiseRandom, ///< attn_out only: a random rotation for each KV head
    Hadamard,       ///< a Hadamard transform with random signs, full width
};

/// "none", "pca", "head-wise", "global", "random", "head-wise-random", "hadamard".
std::string_view name(Basis basis);
std::optional<Basis> basisFromName(std::string_view text);

/// What the calibration text did at one site. X is [tokens, channels].
struct SiteStatistics {
    SiteId id;
    int channels = 0;
    std::int64_t tokens = 0;
    /// Eigenvalues of XᵀX / tokens, falling; [channels]. Their sum is the mean of ‖x‖².
    std::vector<double> eigenvalues;
    /// E[x_j²], in channel order; [channels].
    std::vector<double> channelEnergy;
    /// max |x_j| over the tokens, in channel order; [channels].
    std::vector<double> channelMax;
    /// attn_out only: E[(xR)_j²] under the head-wise rotation, in head order; else empty.
    std::vector<double> headWiseEnergy;
    /// attn_in and mlp_in: E[(nR)_j²] of the normalized input n, before the norm's gain, under the one PCA rotation of
    /// the residual stream; else empty.
    std::vector<double> globalEnergy;

    /// The mean square of each channel of a basis, in that basis's channel order. A random basis spreads the energy
    /// evenly, in expectation. Throws Error::usage for a basis that the site does not have, or that was not measured.
    std::vector<double> energy(Basis basis) const;
};

/// What rounding does to one linear's weights W [out, in], column by column, in one basis.
/// With site energies λ_j, Σ_j λ_j ‖ΔW_j‖² is the output's squared error a token: exact in the PCA
/// basis, an estimate without cross terms in the others.
struct ColumnErrors {
    std::vector<float> squaredNorm;                ///< ‖W_j‖²; [in]; empty: basis not measured
    /// ‖ΔW_j‖² of round-to-nearest, for each (bits - kMinBits) and each group size of
    /// ModelStatistics::groupSizes: roundingError[g * kWidthCount + (bits - kMinBits)]; each [in].
    std::vector<std::vector<float>> roundingError;
};

/// One linear's shape and rounding errors.
struct LinearStatistics {
    LinearId id;
    int outFeatures = 0;
    int inFeatures = 0;
    std::map<Basis, ColumnErrors> columns;
    /// Diagonal of the Fisher information at its output, nats a squared unit: ½ Σ_i G_i E[δy_i²] is the KL divergence
    /// a token that an output error δy is expected to cost; [out]; empty if it was not measured.
    std::vector<double> outputFisher;
};

/// All that `analyze` keeps of a model and a calibration text, less the second moments themselves:
/// enough to draw every spectrum and to predict the error of any plan without the model.
struct ModelStatistics {
    std::string path;              ///< the file it was read from or written to
    std::string fingerprint;       ///< of model, text and settings together
    ModelInfo model;               ///< without its tensor table
    std::string textName;          ///< file name of the calibration text
    std::string textHash;          ///< XXH3-128 of the text, 32 hex digits
    std::int64_t tokens = 0;       ///< calibration tokens used
    int context = 0;
    int windows = 0;
    std::vector<int> groupSizes;   ///< the group sizes that rounding errors were measured at
    bool hasMoments = false;       ///< the file also holds the second moments
    bool normsOnly = false;        ///< of channel norms alone: no eigenvalues, linears in the original basis only
    double seconds = 0;
    std::uint64_t peakRssBytes = 0;
    std::vector<SiteStatistics> sites;     ///< by layer, then site: layers * 4
    std::vector<LinearStatistics> linears; ///< by layer, then role: 7 a layer, 6 without a gate

    /// Both throw Error::usage for an id that the model does not have.
    const SiteStatistics& site(SiteId id) const;
    const LinearStatistics& linear(LinearId id) const;
};

/// What a person should know before trusting the statistics, one sentence; empty if there is nothing to say. With
/// fewer tokens than a site has channels its second moment is singular: eigenvalues beyond the tokens are zero, and
/// error feedback relies on damping.
std::string caution(const ModelStatistics& statistics);

} // namespace eigenquant
