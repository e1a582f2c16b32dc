// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/safetensors.h"
#include "core/model/config.h"
#include "core/results/statistics.h"

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <vector>

namespace eigenquant {

/// A STATS file: safetensors with one JSON document, `statistics`, in its metadata and the tensors
///   N.SITE.channel_kurtosis                                               F64 [channels], where it was measured
///   N.SITE.eigenvalues, .channel_energy, .channel_max, .head_wise_energy, .global_energy   F64 [channels]
///   N.ROLE.BASIS.squared_norm                                             F32 [in]
///   N.ROLE.BASIS.rounding_error                                           BF16 [groupSizes · widths, in]
///   N.ROLE.output_fisher                                                  F64 [out]
///   N.SITE.moment                                                         F64 [channels · (channels + 1) / 2]
/// BASIS is none, pca or head-wise. A moment is XᵀX / tokens, its rows from the diagonal on: the upper
/// triangle, whole and exact. Moments are there only if `has_moments` says so; if `norms_only` does, there are no
/// eigenvalues, only the channels' own energies, and only the basis none. Global energies and Fisher weights are there
/// if they were measured. Nothing in the file differs from one run to the next.
class StatisticsWriter {
public:
    /// `kurtosis` is that of each site's channels, in the order of the sites; it is left out if empty.
    StatisticsWriter(const std::filesystem::path& file, const ModelStatistics& statistics,
                     const std::vector<std::vector<double>>& kurtosis = {});
    /// The moments, by layer, then site: float64 [channels, channels]. Only if the statistics have them.
    void writeMoment(SiteId id, const at::Tensor& moment);
    void finish();

private:
    SafetensorsWriter m_writer;
};

/// The size that the second moments of a model's sites take in the file.
std::uint64_t momentBytes(const ModelConfig& config);

/// Reads all but the moments. Error::invalid names file and field.
ModelStatistics readStatistics(const std::filesystem::path& file);

/// The kurtosis of each site's channels, by layer, then site: read when it is asked for, since no plan needs it. 0 for a
/// channel that never changes. Empty for files from before it was measured. Error::invalid names file and field.
std::vector<std::vector<double>> readKurtosis(const std::filesystem::path& file);

/// The moments of a STATS file, read one at a time.
class MomentReader {
public:
    explicit MomentReader(const std::filesystem::path& file);
    /// float64 [channels, channels].
    at::Tensor moment(SiteId id, std::int64_t channels) const;

private:
    std::shared_ptr<const SafetensorsStore> m_store;
};

} // namespace eigenquant
