// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/statistics_file.h"

#include "core/calib/statistics_names.h"
#include "core/model/weights.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/triu_indices.h>
#include <ATen/ops/zeros.h>
#include <nlohmann/json.hpp>

namespace eigenquant {
namespace {

std::string headerOf(const ModelStatistics& statistics)
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

/// The bases that a linear's rounding errors are measured in.
std::vector<Basis> basesOf(LinearRole role, bool normsOnly, bool global)
{
    std::vector<Basis> bases{Basis::Original};
    if (!normsOnly)
        bases.push_back(Basis::Pca);
    if (!normsOnly && role == LinearRole::O)
        bases.push_back(Basis::HeadWise);
    if (global && (siteOf(role) == Site::AttnIn || siteOf(role) == Site::MlpIn))
        bases.push_back(Basis::Global);
    return bases;
}

void addSite(std::vector<TensorSpec>& list, SiteId id, std::int64_t channels, bool normsOnly, bool global)
{
    const auto add = [&](const char* part) {
        list.push_back({statisticsName(id, part), StoredType::F64, {channels}});
    };
    if (!normsOnly)
        add("eigenvalues");
    add("channel_energy");
    add("channel_max");
    if (!normsOnly && id.site == Site::AttnOut)
        add("head_wise_energy");
    if (global && (id.site == Site::AttnIn || id.site == Site::MlpIn))
        add("global_energy");
}

std::vector<TensorSpec> specs(const ModelStatistics& header, const ModelConfig& config,
                              const StatisticsWriter::Parts& parts)
{
    std::vector<TensorSpec> kurtosis, sites, linears, moments;
    const auto tables = static_cast<std::int64_t>(header.groupSizes.size()) * kWidthCount;
    for (int layer = 0; layer < config.layers; ++layer) {
        for (const Site site : kAllSites) {
            const SiteId id{layer, site};
            const std::int64_t channels = siteChannels(config, site);
            if (parts.kurtosis)
                kurtosis.push_back({statisticsName(id, "channel_kurtosis"), StoredType::F64, {channels}});
            addSite(sites, id, channels, header.normsOnly, parts.global);
            if (header.hasMoments)
                moments.push_back({statisticsName(id, "moment"), StoredType::F64, {triangleSize(channels)}});
        }
        for (const LinearRole role : layerRoles(config.gatedMlp)) {
            const LinearId id{layer, role};
            const auto [out, in] = linearShape(config, role);
            for (const Basis basis : basesOf(role, header.normsOnly, parts.global)) {
                linears.push_back({statisticsName(id, basis, "squared_norm"), StoredType::F32, {in}});
                linears.push_back({statisticsName(id, basis, "rounding_error"), StoredType::BF16, {tables, in}});
            }
            if (parts.fisher)
                linears.push_back({fisherName(id), StoredType::F64, {out}});
        }
    }
    std::vector<TensorSpec> all = std::move(kurtosis);
    for (auto* list : {&sites, &linears, &moments})
        all.insert(all.end(), list->begin(), list->end());
    return all;
}

template <typename T>
std::span<const std::byte> bytesOf(const std::vector<T>& values)
{
    return std::as_bytes(std::span(values));
}

bool isGlobal(const std::string& name)
{
    return name.find(".global") != std::string::npos;
}

bool isFisher(const std::string& name)
{
    return name.ends_with(".output_fisher");
}

std::vector<double> upperTriangle(const at::Tensor& moment)
{
    const std::int64_t channels = moment.size(0);
    if (moment.is_cuda()) {
        const at::Tensor places = at::triu_indices(channels, channels, 0, moment.options().dtype(at::kLong));
        const at::Tensor flat = (places[0] * channels).add_(places[1]);
        const at::Tensor values = moment.contiguous().view({-1}).index_select(0, flat).cpu();
        return {values.const_data_ptr<double>(), values.const_data_ptr<double>() + values.numel()};
    }
    const at::Tensor whole = moment.contiguous();
    const double* rows = whole.const_data_ptr<double>();
    std::vector<double> triangle;
    triangle.reserve(static_cast<std::size_t>(triangleSize(channels)));
    for (std::int64_t row = 0; row < channels; ++row)
        triangle.insert(triangle.end(), rows + row * channels + row, rows + (row + 1) * channels);
    return triangle;
}

at::Tensor readMomentOf(const SafetensorsDraft& draft, SiteId id, std::int64_t channels, c10::Device device)
{
    std::vector<double> triangle(static_cast<std::size_t>(triangleSize(channels)));
    draft.read(statisticsName(id, "moment"), std::as_writable_bytes(std::span(triangle)));
    return momentOfTriangle(triangle, channels, device);
}

std::vector<TensorSpec> momentSpecs(const ModelConfig& config, const std::vector<SiteId>& sites)
{
    std::vector<TensorSpec> list;
    for (const SiteId id : sites)
        list.push_back({statisticsName(id, "moment"), StoredType::F64, {triangleSize(siteChannels(config, id.site))}});
    return list;
}

std::vector<std::string> namesOf(const std::vector<TensorSpec>& specs)
{
    std::vector<std::string> names;
    for (const TensorSpec& spec : specs)
        names.push_back(spec.name);
    return names;
}

} // namespace

std::uint64_t momentBytes(const ModelConfig& config)
{
    std::uint64_t bytes = 0;
    for (const Site site : kAllSites)
        bytes += static_cast<std::uint64_t>(triangleSize(siteChannels(config, site))) * sizeof(double);
    return bytes * static_cast<std::uint64_t>(config.layers);
}

at::Tensor momentOfTriangle(const std::vector<double>& triangle, std::int64_t channels, c10::Device device)
{
    if (device.is_cuda()) {
        const at::TensorOptions there = at::TensorOptions(at::kDouble).device(device);
        const at::Tensor places = at::triu_indices(channels, channels, 0, there.dtype(at::kLong));
        void* data = const_cast<double*>(triangle.data()); // read alone
        const at::Tensor values = at::from_blob(data, {triangleSize(channels)}, at::kDouble).to(device);
        at::Tensor moment = at::zeros({channels, channels}, there);
        moment.view({-1}).index_copy_(0, (places[0] * channels).add_(places[1]), values);
        return moment + moment.triu(1).t();
    }
    at::Tensor moment = at::empty({channels, channels}, at::kDouble);
    double* out = moment.data_ptr<double>();
    const double* in = triangle.data();
    for (std::int64_t row = 0; row < channels; ++row)
        for (std::int64_t column = row; column < channels; ++column) {
            out[row * channels + column] = *in;
            out[column * channels + row] = *in++;
        }
    return moment;
}

StatisticsWriter::StatisticsWriter(const std::filesystem::path& file, const ModelStatistics& header,
                                   const ModelConfig& config, const Parts& parts)
    : m_names(namesOf(specs(header, config, parts))),
      m_draft(std::in_place, file, specs(header, config, parts),
              std::map<std::string, std::string>{{"statistics", headerOf(header)}})
{
}

void StatisticsWriter::trust(const std::function<bool(const std::string& name)>& isMeant)
{
    for (const std::string& name : m_names)
        if (isMeant(name))
            m_draft->trust(name);
}

void StatisticsWriter::trustLayer(int layer)
{
    const std::string prefix = std::to_string(layer) + ".";
    trust([&](const std::string& name) { return name.starts_with(prefix) && !isGlobal(name) && !isFisher(name); });
}

void StatisticsWriter::trustFisher()
{
    trust(isFisher);
}

void StatisticsWriter::trustGlobal(int layer)
{
    const std::string prefix = std::to_string(layer) + ".";
    trust([&](const std::string& name) { return name.starts_with(prefix) && isGlobal(name); });
}

void StatisticsWriter::put(const std::string& name, std::span<const std::byte> bytes)
{
    if (m_draft)
        m_draft->write(name, bytes);
    else
        m_records.add(name, bytes);
}

void StatisticsWriter::writeRecords(std::span<const std::byte> records)
{
    NamedRecords::forEach(records,
                          [this](const std::string& name, std::span<const std::byte> bytes) { put(name, bytes); });
}

void StatisticsWriter::write(const SiteStatistics& site)
{
    const auto writePart = [&](const char* part, const std::vector<double>& values) {
        if (!values.empty())
            put(statisticsName(site.id, part), bytesOf(values));
    };
    writePart("eigenvalues", site.eigenvalues);
    writePart("channel_energy", site.channelEnergy);
    writePart("channel_max", site.channelMax);
    writePart("head_wise_energy", site.headWiseEnergy);
    writePart("global_energy", site.globalEnergy);
}

void StatisticsWriter::write(const LinearStatistics& linear)
{
    for (const auto& [basis, columns] : linear.columns) {
        put(statisticsName(linear.id, basis, "squared_norm"), bytesOf(columns.squaredNorm));
        for (const std::vector<float>& errors : columns.roundingError) {
            const std::vector<c10::BFloat16> rounded(errors.begin(), errors.end());
            put(statisticsName(linear.id, basis, "rounding_error"), bytesOf(rounded));
        }
    }
    if (!linear.outputFisher.empty())
        put(fisherName(linear.id), bytesOf(linear.outputFisher));
}

void StatisticsWriter::writeKurtosis(SiteId id, const std::vector<double>& kurtosis)
{
    put(statisticsName(id, "channel_kurtosis"), bytesOf(kurtosis));
}

void StatisticsWriter::writeMoment(SiteId id, const at::Tensor& moment)
{
    put(statisticsName(id, "moment"), bytesOf(upperTriangle(moment)));
}

at::Tensor StatisticsWriter::readMoment(SiteId id, std::int64_t channels, c10::Device device) const
{
    return readMomentOf(*m_draft, id, channels, device);
}

MomentStash::MomentStash(const std::filesystem::path& file, const ModelConfig& config,
                         const std::vector<SiteId>& sites)
    : m_draft(file, momentSpecs(config, sites), {})
{
}

void MomentStash::trust(SiteId id)
{
    m_draft.trust(statisticsName(id, "moment"));
}

void MomentStash::write(SiteId id, const at::Tensor& moment)
{
    m_draft.write(statisticsName(id, "moment"), bytesOf(upperTriangle(moment)));
}

at::Tensor MomentStash::read(SiteId id, std::int64_t channels, c10::Device device) const
{
    return readMomentOf(m_draft, id, channels, device);
}

} // namespace eigenquant
