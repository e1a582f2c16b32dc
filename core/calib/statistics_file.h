// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/named_records.h"
#include "core/io/safetensors_draft.h"
#include "core/model/config.h"
#include "core/results/statistics.h"

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
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
    /// What is measured besides: it decides which tensors there are.
    struct Parts {
        bool kurtosis = true;
        bool global = false; ///< energies and errors under the one rotation of the residual stream
        bool fisher = false;
    };

    /// `header` is all of the statistics but their sites and linears, whose sizes follow from the config. Goes on
    /// with a file of the same header and parts.
    StatisticsWriter(const std::filesystem::path& file, const ModelStatistics& header, const ModelConfig& config,
                     const Parts& parts);

    /// For a process of a job whose first process writes the file: what is written is kept as records.
    StatisticsWriter() = default;
    std::vector<std::byte> takeRecords() { return m_records.take(); }
    /// Writes what another process kept.
    void writeRecords(std::span<const std::byte> records);

    /// Whether there was such a file. What is whole in it must be said: a site or linear with all its vectors but those
    /// of the basis Global and the Fisher information; these; and those of Global.
    bool wentOn() const { return m_draft && m_draft->wentOn(); }
    void trustLayer(int layer);
    void trustFisher();
    void trustGlobal(int layer);

    /// Those vectors of a site or a linear that are not empty, in any order.
    void write(const SiteStatistics& site);
    void write(const LinearStatistics& linear);
    void writeKurtosis(SiteId id, const std::vector<double>& kurtosis);
    /// float64 [channels, channels]. Only if the statistics have moments.
    void writeMoment(SiteId id, const at::Tensor& moment);
    /// A moment that was written.
    at::Tensor readMoment(SiteId id, std::int64_t channels, c10::Device device = c10::kCPU) const;
    /// What was written is on the disk.
    void sync() { m_draft->sync(); }
    void finish() { m_draft->finish(); }

private:
    void put(const std::string& name, std::span<const std::byte> bytes);
    void trust(const std::function<bool(const std::string& name)>& isMeant);
    std::vector<std::string> m_names;
    std::optional<SafetensorsDraft> m_draft; ///< none: records instead
    NamedRecords m_records;
};

/// Second moments in a file of their own: the upper triangles, float64, named as in a STATS file.
class MomentStash {
public:
    /// Goes on with a file of the same sites.
    MomentStash(const std::filesystem::path& file, const ModelConfig& config, const std::vector<SiteId>& sites);
    bool wentOn() const { return m_draft.wentOn(); }
    void trust(SiteId id);
    void write(SiteId id, const at::Tensor& moment);
    at::Tensor read(SiteId id, std::int64_t channels, c10::Device device = c10::kCPU) const;
    void sync() { m_draft.sync(); }

private:
    SafetensorsDraft m_draft;
};

/// The size that the second moments of a model's sites take in the file.
std::uint64_t momentBytes(const ModelConfig& config);

/// Reads all but the moments. Error::invalid names file and field.
ModelStatistics readStatistics(const std::filesystem::path& file);

/// The kurtosis of each site's channels, by layer, then site: read when it is asked for, since no plan needs it. 0
/// for a channel that never changes. Empty for files from before it was measured. Error::invalid names file and
/// field.
std::vector<std::vector<double>> readKurtosis(const std::filesystem::path& file);

/// The moments of a STATS file, read one at a time.
class MomentReader {
public:
    explicit MomentReader(const std::filesystem::path& file);
    /// float64 [channels, channels].
    at::Tensor moment(SiteId id, std::int64_t channels, c10::Device device = c10::kCPU) const;

private:
    std::shared_ptr<const SafetensorsStore> m_store;
};

} // namespace eigenquant
