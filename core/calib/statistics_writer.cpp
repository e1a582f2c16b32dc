// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/statistics_file.h"

#include "core/calib/statistics_names.h"
#include "core/model/weights.h"

#include <nlohmann/json.hpp>

namespace eigenquant {
namespace {

std::string header(const ModelStatistics& statistics)
{
    const ModelInfo& model = statistics.model;
    const nlohmann::ordered_json json{{"format", kStatisticsFormat},
                                      {"version", kStatisticsVersion},
                                      {"fingerprint", statistics.fingerprint},
                                      {"text", {{"name", statistics.textName}, {"hash", statistics.textHash}}},
                                      {"tokens", statistics.tokens},
                                      {"context", statistics.context},
                                      {"windows", statistics.windows},
                                      {"group_sizes", statistics.groupSizes},
                                      {"has_moments", statistics.hasMoments},
                                      {"norms_only", statistics.normsOnly},
                                      {"model",
                                       {{"path", model.path},
                                        {"name", model.name},
                                        {"architecture", model.architecture},
                                        {"source_format", model.sourceFormat},
                                        {"fingerprint", model.fingerprint},
                                        {"layers", model.layers},
                                        {"hidden_size", model.hiddenSize},
                                        {"intermediate_size", model.intermediateSize},
                                        {"heads", model.heads},
                                        {"kv_heads", model.kvHeads},
                                        {"head_dim", model.headDim},
                                        {"vocab_size", model.vocabSize},
                                        {"context_length", model.contextLength},
                                        {"tied_embeddings", model.tiedEmbeddings},
                                        {"gated_mlp", model.gatedMlp},
                                        {"parameters", model.parameters}}}};
    return json.dump();
}

std::vector<TensorSpec> specs(const ModelStatistics& statistics, const std::vector<std::vector<double>>& kurtosis)
{
    std::vector<TensorSpec> list;
    for (std::size_t i = 0; i < kurtosis.size(); ++i)
        list.push_back({statisticsName(statistics.sites[i].id, "channel_kurtosis"), StoredType::F64,
                        {static_cast<std::int64_t>(kurtosis[i].size())}});
    for (const SiteStatistics& site : statistics.sites) {
        auto add = [&](const char* part, const std::vector<double>& values) {
            if (!values.empty())
                list.push_back({statisticsName(site.id, part), StoredType::F64, {static_cast<std::int64_t>(values.size())}});
        };
        add("eigenvalues", site.eigenvalues);
        add("channel_energy", site.channelEnergy);
        add("channel_max", site.channelMax);
        add("head_wise_energy", site.headWiseEnergy);
        add("global_energy", site.globalEnergy);
    }
    for (const LinearStatistics& linear : statistics.linears) {
        for (const auto& [basis, columns] : linear.columns) {
            list.push_back({statisticsName(linear.id, basis, "squared_norm"), StoredType::F32, {linear.inFeatures}});
            list.push_back({statisticsName(linear.id, basis, "rounding_error"), StoredType::BF16,
                            {static_cast<std::int64_t>(columns.roundingError.size()), linear.inFeatures}});
        }
        if (!linear.outputFisher.empty())
            list.push_back({fisherName(linear.id), StoredType::F64, {linear.outFeatures}});
    }
    if (statistics.hasMoments)
        for (const SiteStatistics& site : statistics.sites)
            list.push_back({statisticsName(site.id, "moment"), StoredType::F64, {triangleSize(site.channels)}});
    return list;
}

template <typename T>
std::span<const std::byte> bytesOf(const std::vector<T>& values)
{
    return std::as_bytes(std::span(values));
}

} // namespace

std::uint64_t momentBytes(const ModelConfig& config)
{
    std::uint64_t bytes = 0;
    for (const Site site : kAllSites)
        bytes += static_cast<std::uint64_t>(triangleSize(siteChannels(config, site))) * sizeof(double);
    return bytes * static_cast<std::uint64_t>(config.layers);
}

StatisticsWriter::StatisticsWriter(const std::filesystem::path& file, const ModelStatistics& statistics,
                                   const std::vector<std::vector<double>>& kurtosis)
    : m_writer(file, specs(statistics, kurtosis), {{"statistics", header(statistics)}})
{
    for (std::size_t i = 0; i < kurtosis.size(); ++i)
        m_writer.write(statisticsName(statistics.sites[i].id, "channel_kurtosis"), bytesOf(kurtosis[i]));
    for (const SiteStatistics& site : statistics.sites) {
        auto write = [&](const char* part, const std::vector<double>& values) {
            if (!values.empty())
                m_writer.write(statisticsName(site.id, part), bytesOf(values));
        };
        write("eigenvalues", site.eigenvalues);
        write("channel_energy", site.channelEnergy);
        write("channel_max", site.channelMax);
        write("head_wise_energy", site.headWiseEnergy);
        write("global_energy", site.globalEnergy);
    }
    for (const LinearStatistics& linear : statistics.linears) {
        for (const auto& [basis, columns] : linear.columns) {
            m_writer.write(statisticsName(linear.id, basis, "squared_norm"), bytesOf(columns.squaredNorm));
            for (const std::vector<float>& errors : columns.roundingError) {
                const std::vector<c10::BFloat16> rounded(errors.begin(), errors.end());
                m_writer.write(statisticsName(linear.id, basis, "rounding_error"), bytesOf(rounded));
            }
        }
        if (!linear.outputFisher.empty())
            m_writer.write(fisherName(linear.id), bytesOf(linear.outputFisher));
    }
}

void StatisticsWriter::writeMoment(SiteId id, const at::Tensor& moment)
{
    const std::int64_t channels = moment.size(0);
    const at::Tensor whole = moment.contiguous();
    const double* rows = whole.const_data_ptr<double>();
    std::vector<double> triangle;
    triangle.reserve(static_cast<std::size_t>(triangleSize(channels)));
    for (std::int64_t row = 0; row < channels; ++row)
        triangle.insert(triangle.end(), rows + row * channels + row, rows + (row + 1) * channels);
    m_writer.write(statisticsName(id, "moment"), bytesOf(triangle));
}

void StatisticsWriter::finish()
{
    m_writer.finish();
}

} // namespace eigenquant
