// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/activation_maps.h"
#include "core/results/statistics.h"

#include <QString>

#include <array>
#include <vector>

namespace eigenquant {

/// What a channel's strength is told by.
enum class ChannelMeasure { RootMeanSquare, MeanSquare, Largest, Kurtosis };
inline constexpr std::array kChannelMeasures{ChannelMeasure::RootMeanSquare, ChannelMeasure::MeanSquare,
                                             ChannelMeasure::Largest, ChannelMeasure::Kurtosis};

/// "RMS", "max |x|", …
QString measureTitle(ChannelMeasure measure);
/// The word in files: "rms", "max", …
QString measureName(ChannelMeasure measure);

/// The measure of each channel; empty where it was not measured.
std::vector<double> valuesOf(const ChannelMeasures& measures, ChannelMeasure measure);

/// What the statistics know of a site's own channels over the whole calibration text, with the kurtosis that the file
/// holds beside (channelKurtosis()).
ChannelMeasures originalMeasures(const SiteStatistics& site, std::vector<double> kurtosis);
/// What they know of its rotated dimensions: the mean squares alone, which are the eigenvalues.
ChannelMeasures rotatedMeasures(const SiteStatistics& site);

/// The site with the worst outliers: that whose strongest channel holds the largest share of its energy. The first site
/// where no energies are known.
SiteId mostUnevenSite(const ModelStatistics& statistics);

} // namespace eigenquant
