// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/statistics_file.h"

#include "core/base/error.h"
#include "core/calib/statistics_names.h"
#include "core/io/mapped_file.h"
#include "core/io/strict_json.h"

#include <cstring>

namespace eigenquant {
namespace {

/// The values of a tensor, whose type and shape must be these.
template <typename T>
std::vector<T> values(const TensorStore& store, const std::string& name, StoredType type, std::int64_t count)
{
    const StoredTensor& tensor = store.at(name);
    if (tensor.type != type || tensor.count() != count)
        throw Error::invalid("not the tensor that belongs here")
            .file(store.files().front().string())
            .field(name)
            .found(std::string(eigenquant::name(tensor.type)) + ", " + std::to_string(tensor.count()) + " values")
            .expected(std::string(eigenquant::name(type)) + ", " + std::to_string(count) + " values");
    std::vector<T> result(static_cast<std::size_t>(count));
    if (count > 0)
        std::memcpy(result.data(), tensor.bytes.data(), tensor.bytes.size());
    dropPages(tensor.bytes); // moments are read layer by layer: their pages must not pile up
    return result;
}

std::vector<double> finiteReals(const TensorStore& store, const std::string& name, std::int64_t count)
{
    std::vector<double> result = values<double>(store, name, StoredType::F64, count);
    for (const double value : result)
        if (!(value >= 0 && value < 1e300))
            throw Error::invalid("not a finite energy")
                .file(store.files().front().string())
                .field(name)
                .found(std::to_string(value));
    return result;
}

ModelInfo modelFromJson(const JsonObject& json)
{
    constexpr std::int64_t large = 1 << 24;
    ModelInfo model;
    auto size = [&](const char* key) { return static_cast<int>(json.getInteger(key, 1, large)); };
    model.path = json.getStringOr("path", "");
    model.name = json.getStringOr("name", "");
    model.architecture = json.getString("architecture");
    model.sourceFormat = json.getStringOr("source_format", "");
    model.fingerprint = json.getString("fingerprint");
    model.layers = size("layers");
    model.hiddenSize = size("hidden_size");
    model.intermediateSize = size("intermediate_size");
    model.heads = size("heads");
    model.kvHeads = size("kv_heads");
    model.headDim = size("head_dim");
    model.vocabSize = size("vocab_size");
    model.contextLength = static_cast<int>(json.getIntegerOr("context_length", 0, 0, 1 << 30));
    model.tiedEmbeddings = json.getBoolOr("tied_embeddings", false);
    model.gatedMlp = json.getBoolOr("gated_mlp", true);
    model.parameters = json.getIntegerOr("parameters", 0, 0, INT64_MAX);
    return model;
}

ModelStatistics headerFromJson(const JsonObject& json)
{
    if (json.getString("format") != kStatisticsFormat)
        throw Error::invalid("not a statistics file").file(json.source().string()).field("format");
    if (json.getInteger("version", 1, INT64_MAX) > kStatisticsVersion)
        throw Error::unsupported("the statistics are from a newer version of this program")
            .file(json.source().string())
            .field("version")
            .expected(std::to_string(kStatisticsVersion));
    ModelStatistics statistics;
    statistics.path = json.source().string();
    statistics.fingerprint = json.getString("fingerprint");
    const JsonObject text = json.getObject("text");
    statistics.textName = text.getString("name");
    statistics.textHash = text.getString("hash");
    statistics.tokens = json.getInteger("tokens", 1, INT64_MAX);
    statistics.context = static_cast<int>(json.getInteger("context", 1, 1 << 30));
    statistics.windows = static_cast<int>(json.getInteger("windows", 1, 1 << 30));
    for (const auto& size : json.getArray("group_sizes"))
        statistics.groupSizes.push_back(size.is_number_integer() ? size.get<int>() : -1);
    statistics.hasMoments = json.getBoolOr("has_moments", false);
    statistics.normsOnly = json.getBoolOr("norms_only", false);
    if (statistics.normsOnly && statistics.hasMoments)
        throw Error::invalid("channel norms alone have no second moments")
            .file(json.source().string())
            .field("norms_only");
    statistics.model = modelFromJson(json.getObject("model"));
    return statistics;
}

int channelsOf(const ModelInfo& model, Site site)
{
    switch (site) {
    case Site::AttnOut:
        return model.heads * model.headDim;
    case Site::MlpOut:
        return model.intermediateSize;
    default:
        return model.hiddenSize;
    }
}

int rowsOf(const ModelInfo& model, LinearRole role)
{
    switch (role) {
    case LinearRole::Q:
        return model.heads * model.headDim;
    case LinearRole::K:
    case LinearRole::V:
        return model.kvHeads * model.headDim;
    case LinearRole::Gate:
    case LinearRole::Up:
        return model.intermediateSize;
    default:
        return model.hiddenSize;
    }
}

SiteStatistics readSite(const TensorStore& store, const ModelStatistics& statistics, SiteId id)
{
    SiteStatistics site{id, channelsOf(statistics.model, id.site), statistics.tokens};
    auto part = [&](const char* name) { return finiteReals(store, statisticsName(id, name), site.channels); };
    site.channelEnergy = part("channel_energy");
    site.channelMax = part("channel_max");
    if (statistics.normsOnly)
        return site;
    site.eigenvalues = part("eigenvalues");
    if (id.site == Site::AttnOut)
        site.headWiseEnergy = part("head_wise_energy");
    if (store.find(statisticsName(id, "global_energy")))
        site.globalEnergy = part("global_energy");
    return site;
}

ColumnErrors readColumns(const TensorStore& store, const LinearStatistics& linear, Basis basis, std::size_t tables)
{
    ColumnErrors columns;
    columns.squaredNorm =
        values<float>(store, statisticsName(linear.id, basis, "squared_norm"), StoredType::F32, linear.inFeatures);
    const auto rounded =
        values<c10::BFloat16>(store, statisticsName(linear.id, basis, "rounding_error"), StoredType::BF16,
                              static_cast<std::int64_t>(tables) * linear.inFeatures);
    const auto width = static_cast<std::size_t>(linear.inFeatures);
    for (std::size_t table = 0; table < tables; ++table)
        columns.roundingError.emplace_back(rounded.begin() + static_cast<std::ptrdiff_t>(table * width),
                                           rounded.begin() + static_cast<std::ptrdiff_t>((table + 1) * width));
    return columns;
}

LinearStatistics readLinear(const TensorStore& store, const ModelStatistics& statistics, LinearId id)
{
    LinearStatistics linear{id, rowsOf(statistics.model, id.role), channelsOf(statistics.model, siteOf(id.role)), {}};
    const std::size_t tables = statistics.groupSizes.size() * kWidthCount;
    linear.columns[Basis::Original] = readColumns(store, linear, Basis::Original, tables);
    if (!statistics.normsOnly)
        linear.columns[Basis::Pca] = readColumns(store, linear, Basis::Pca, tables);
    if (!statistics.normsOnly && id.role == LinearRole::O)
        linear.columns[Basis::HeadWise] = readColumns(store, linear, Basis::HeadWise, tables);
    if (store.find(statisticsName(id, Basis::Global, "squared_norm")))
        linear.columns[Basis::Global] = readColumns(store, linear, Basis::Global, tables);
    if (store.find(fisherName(id)))
        linear.outputFisher = finiteReals(store, fisherName(id), linear.outFeatures);
    return linear;
}

} // namespace

ModelStatistics readStatistics(const std::filesystem::path& file)
{
    const auto store = SafetensorsStore::openFile(file);
    const auto found = store->metadata().find("statistics");
    if (found == store->metadata().end())
        throw Error::invalid("not a statistics file").file(file.string()).hint("`eigenquant analyze` writes one");
    const nlohmann::json value = parseStrictJson(found->second, file);
    ModelStatistics statistics = headerFromJson(JsonObject(value, file));
    for (int layer = 0; layer < statistics.model.layers; ++layer) {
        for (const Site site : kAllSites)
            statistics.sites.push_back(readSite(*store, statistics, {layer, site}));
        for (const LinearRole role : layerRoles(statistics.model.gatedMlp))
            statistics.linears.push_back(readLinear(*store, statistics, {layer, role}));
    }
    return statistics;
}

std::vector<std::vector<double>> readKurtosis(const std::filesystem::path& file)
{
    const auto store = SafetensorsStore::openFile(file);
    std::vector<std::vector<double>> kurtosis;
    for (int layer = 0; store->find(statisticsName({layer, Site::AttnIn}, "channel_kurtosis")); ++layer)
        for (const Site site : kAllSites)
            kurtosis.push_back(finiteReals(*store, statisticsName({layer, site}, "channel_kurtosis"),
                                           store->at(statisticsName({layer, site}, "channel_energy")).count()));
    return kurtosis;
}

MomentReader::MomentReader(const std::filesystem::path& file) : m_store(SafetensorsStore::openFile(file)) {}

at::Tensor MomentReader::moment(SiteId id, std::int64_t channels, c10::Device device) const
{
    const std::vector<double> triangle =
        values<double>(*m_store, statisticsName(id, "moment"), StoredType::F64, triangleSize(channels));
    at::Tensor moment = momentOfTriangle(triangle, channels, device);
    if (!moment.isfinite().all().item<bool>())
        throw Error::invalid("a second moment is not finite")
            .file(m_store->files().front().string())
            .field(statisticsName(id, "moment"));
    return moment;
}

} // namespace eigenquant
