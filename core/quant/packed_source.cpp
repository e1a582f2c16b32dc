// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/packed_checkpoint.h"

#include "core/base/error.h"
#include "core/io/mapped_file.h"
#include "core/io/stored_type.h"
#include "core/io/strict_json.h"
#include "core/io/text_file.h"
#include "core/model/stored_rows.h"
#include "core/quant/packed_names.h"
#include "core/quant/plan.h"
#include "core/quant/site_rotation.h"
#include "core/quant/storage.h"
#include "core/quant/unpack_layer.h"

#include <ATen/ops/empty.h>

#include <cstring>
#include <map>
#include <span>
#include <tuple>

namespace eigenquant {
namespace {

at::ScalarType packedScalarType(StoredType type, const std::string& name)
{
    switch (type) {
    case StoredType::F32:
        return at::kFloat;
    case StoredType::F16:
        return at::kHalf;
    case StoredType::U8:
        return at::kByte;
    case StoredType::I32:
        return at::kInt;
    case StoredType::I16:
        return at::kShort;
    default:
        throw Error::invalid("a type that packed checkpoints do not hold").field(name);
    }
}

} // namespace

bool isPackedCheckpoint(const std::filesystem::path& folder)
{
    return std::filesystem::exists(folder / kManifestFile);
}

std::shared_ptr<const PackedSource> PackedSource::open(const std::filesystem::path& folder)
{
    const std::filesystem::path file = folder / kManifestFile;
    const nlohmann::json value = parseStrictJson(readFile(file), file);
    const JsonObject manifest(value, file);
    if (manifest.getString("format") != kPackedFormat)
        throw Error::invalid("not the manifest of a packed checkpoint")
            .file(file.string())
            .field("format")
            .found("\"" + manifest.getString("format") + "\"")
            .expected("\"" + std::string(kPackedFormat) + "\"");
    if (const auto version = manifest.getInteger("version", 1, INT64_MAX); version > kPackedVersion)
        throw Error::unsupported("the checkpoint is from a newer version of this program")
            .file(file.string())
            .field("version")
            .found(std::to_string(version))
            .expected(std::to_string(kPackedVersion) + " or below");
    std::shared_ptr<PackedSource> source(new PackedSource);
    source->m_modelName = manifest.getStringOr("model", "");
    source->m_plan = planFromJson(manifest.getObject("plan").raw().dump(), file);
    source->m_config = loadConfig(folder / "config.json");
    source->m_store = SafetensorsStore::openFile(folder / kPackedTensorFile);
    source->checkTensors(folder);
    return source;
}

void PackedSource::checkTensors(const std::filesystem::path& folder) const
{
    const auto layers = static_cast<std::size_t>(m_config.layers);
    const std::size_t linears = layers * layerRoles(m_config.gatedMlp).size();
    if (m_plan.linears.size() != linears || m_plan.sites.size() != layers * kAllSites.size())
        throw Error::invalid("the plan and the config disagree on the number of layers")
            .file((folder / kManifestFile).string())
            .field("plan.linears")
            .found(std::to_string(m_plan.linears.size()))
            .expected(std::to_string(linears));
    for (const LinearPlan& linear : m_plan.linears)
        if (linear.salient > siteChannels(m_config, siteOf(linear.id.role)))
            throw Error::invalid("more salient channels than the site has")
                .file((folder / kManifestFile).string())
                .field(linear.id.name())
                .found(std::to_string(linear.salient));
    const std::vector<TensorSpec> specs = packedTensorSpecs(m_config, m_plan);
    for (const TensorSpec& spec : specs) {
        const StoredTensor& tensor = m_store->at(spec.name);
        if (tensor.shape != spec.shape || tensor.type != spec.type)
            throw Error::invalid("the tensor does not follow from plan and config")
                .file((folder / kPackedTensorFile).string())
                .field(spec.name)
                .found(std::string(name(tensor.type)) + " " + shapeText(tensor.shape))
                .expected(std::string(name(spec.type)) + " " + shapeText(spec.shape));
    }
    if (m_store->tensors().size() != specs.size())
        throw Error::invalid("tensors that the plan does not know")
            .file((folder / kPackedTensorFile).string())
            .found(std::to_string(m_store->tensors().size()) + " tensors")
            .expected(std::to_string(specs.size()));
}

at::Tensor PackedSource::read(const std::string& name) const
{
    const StoredTensor& stored = m_store->at(name);
    at::Tensor tensor = at::empty(stored.shape, packedScalarType(stored.type, name));
    if (!stored.bytes.empty()) {
        expectReading(stored.bytes);
        std::memcpy(tensor.data_ptr(), stored.bytes.data(), stored.bytes.size());
        dropPages(stored.bytes);
    }
    if (tensor.is_floating_point() && !tensor.isfinite().all().item<bool>())
        throw Error::invalid("a value is not finite").file(m_store->files()[stored.fileIndex].string()).field(name);
    return tensor;
}

PackedLinear PackedSource::linear(LinearId id) const
{
    PackedLinear packed;
    packed.plan = m_plan.linear(id);
    std::tie(packed.outFeatures, packed.inFeatures) = std::tuple_cat(linearShape(m_config, id.role));
    for (const PartSpec& part : linearParts(packed.plan, m_plan.site(id.site()), packed.outFeatures, packed.inFeatures))
        packed.parts[part.name] = read(packedName(id, part.name));
    if (packed.has("salient_index"))
        checkSalientIndex(packed);
    if (hasBias(m_config, id.role))
        packed.bias = read(packedName(id, "bias"));
    return packed;
}

void PackedSource::checkSalientIndex(const PackedLinear& linear) const
{
    const at::Tensor& index = linear.part("salient_index");
    int previous = -1;
    for (const int channel : std::span(index.const_data_ptr<int>(), static_cast<std::size_t>(index.numel()))) {
        if (channel <= previous || channel >= linear.inFeatures)
            throw Error::invalid("the salient channels are not rising, or beyond the site")
                .file(m_store->files().front().string())
                .field(packedName(linear.plan.id, "salient_index"))
                .found(std::to_string(channel));
        previous = channel;
    }
}

std::map<std::string, at::Tensor> PackedSource::siteTensors(SiteId id) const
{
    std::map<std::string, at::Tensor> parts;
    for (const PartSpec& part : siteParts(m_plan.site(id), siteChannels(m_config, id.site)))
        parts[part.name] = read(packedName(id, part.name));
    return parts;
}

void PackedSource::readVectors(int layer, LayerVectors& vectors) const
{
    for (const VectorSpec& spec : vectorSpecs(m_config))
        vectors.vector(spec.role) = read(packedName(layer, spec.name));
}

OuterWeights PackedSource::smallOuter() const
{
    OuterWeights weights;
    for (const OuterSpec& spec : outerSpecs(m_config))
        if (!hasWords(spec.role))
            weights.tensor(spec.role) = read(std::string(spec.name)).to(at::kFloat);
    return weights;
}

at::Tensor PackedSource::rows(OuterRole matrix, Words words) const
{
    for (const OuterSpec& spec : outerSpecs(m_config))
        if (spec.role == storedRole(matrix))
            return storedRows(*m_store, std::string(spec.name), words);
    throw Error::internal("not a matrix of words");
}

PackedLayer PackedSource::packedLayer(int index) const
{
    PackedLayer packed;
    readVectors(index, packed);
    for (const LinearRole role : layerRoles(m_config.gatedMlp))
        packed.linears[static_cast<std::size_t>(role)] = linear({index, role});
    for (const Site site : kAllSites)
        packed.sites[static_cast<std::size_t>(site)] = siteTensors({index, site});
    return packed;
}

LayerWeights PackedSource::layer(int index) const
{
    LayerWeights weights;
    readVectors(index, weights);
    // One linear after the other: all of them packed and unpacked at once would be twice the layer.
    for (const LinearRole role : layerRoles(m_config.gatedMlp)) {
        const PackedLinear packed = linear({index, role});
        weights.linear(role) = {unpackLinear(packed), packed.bias};
    }
    for (const Site site : kAllSites)
        weights.rotation(site) = appliedRotation(siteTensors({index, site}), siteChannels(m_config, site));
    return weights;
}

LayerWeights PackedSource::layerInOriginalBasis(int index) const
{
    return inOriginalBasis(layer(index));
}

} // namespace eigenquant
