// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/site.h"

#include <cstdint>
#include <string>

namespace eigenquant {

/// One site's spectrum in a few numbers.
struct SpectrumFigures {
    std::string model; ///< its name
    std::string text;  ///< file name of the calibration text
    std::int64_t tokens = 0;
    int channels = 0;
    double energy = 0;              ///< Σ λ, the mean of ‖x‖²
    double keptShare = 0;           ///< of the energy, in the K largest eigenvalues
    double effectiveDimensions = 0; ///< (Σ λ)² / Σ λ², the participation ratio
};

/// How far one site's spectra of two statistics lie apart: of two texts, or of two models.
struct SpectrumDifference {
    SiteId site;
    int salient = 0; ///< the K that the shares are of
    SpectrumFigures first, second;
    bool sameModel = false;
    bool sameText = false;
    /// Mean of |log10| of the ratio of the shares λ_i / Σ λ over all ranks that both have; NaN if there is none.
    double decadesApart = 0;
    /// How many of the K strongest original channels are the same; -1 for models of another width.
    int sharedOutliers = -1;
};

} // namespace eigenquant
