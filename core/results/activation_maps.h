// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/activation_sample.h"

#include <string>
#include <vector>

namespace eigenquant {

/// What some tokens do to the channels of a space; [channels] each.
struct ChannelMeasures {
    std::vector<double> largest;    ///< max |x_j|
    std::vector<double> meanSquare; ///< mean x_j²
    std::vector<double> kurtosis;   ///< E[(x_j - mean)⁴] / variance²: 3 for a Gaussian; NaN for a constant channel
};

/// The same activations in two spaces: as they are, and rotated by the eigenvectors of the site's second moment.
struct ActivationMaps {
    ActivationSample sample;         ///< as they are
    ChannelMeasures measures;        ///< of the sample's tokens alone
    std::vector<float> rotated;      ///< [tokens, channels] by falling eigenvalue; empty if there is no rotation
    ChannelMeasures rotatedMeasures; ///< likewise
    std::string whyNotRotated;       ///< a sentence, if there is none
    std::vector<std::string> tokens; ///< the text of each token alone; a piece of a character is U+FFFD
    std::string textName;
    int window = 0;                  ///< of the text
};

} // namespace eigenquant
