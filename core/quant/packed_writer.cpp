// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/packed_checkpoint.h"

#include "core/base/error.h"
#include "core/quant/packed_names.h"
#include "core/quant/storage.h"

#include <map>

namespace eigenquant {
namespace {

const std::map<std::string, std::string> kPackedMetadata{{"format", kPackedFormat},
                                                   {"version", std::to_string(kPackedVersion)}};

at::Tensor half(const at::Tensor& weight, std::string_view what)
{
    at::Tensor converted = weight.to(at::kHalf);
    if (!converted.isfinite().all().item<bool>())
        throw Error::unsupported("values above 65504 do not fit the FP16 of a packed checkpoint")
            .field(std::string(what));
    return converted;
}

} // namespace

std::vector<TensorSpec> packedTensorSpecs(const ModelConfig& config, const Plan& plan)
{
    std::vector<TensorSpec> specs;
    for (const OuterSpec& spec : outerSpecs(config))
        specs.push_back(
            {std::string(spec.name), spec.shape.size() > 1 ? StoredType::F16 : StoredType::F32, spec.shape});
    for (int layer = 0; layer < config.layers; ++layer) {
        for (const VectorSpec& spec : vectorSpecs(config))
            specs.push_back({packedName(layer, spec.name), StoredType::F32, {spec.size}});
        for (const Site site : kAllSites)
            for (const PartSpec& part : siteParts(plan.site({layer, site}), siteChannels(config, site)))
                specs.push_back({packedName(SiteId{layer, site}, part.name), part.type, part.shape});
        for (const LinearRole role : layerRoles(config.gatedMlp)) {
            const LinearId id{layer, role};
            const auto [out, in] = linearShape(config, role);
            for (const PartSpec& part : linearParts(plan.linear(id), plan.site(id.site()), out, in))
                specs.push_back({packedName(id, part.name), part.type, part.shape});
            if (hasBias(config, role))
                specs.push_back({packedName(id, "bias"), StoredType::F32, {out}});
        }
    }
    return specs;
}

std::uint64_t packedFileSize(const ModelConfig& config, const Plan& plan)
{
    return safetensorsFileSize(packedTensorSpecs(config, plan), kPackedMetadata);
}

PackedWriter::PackedWriter(const std::filesystem::path& folder, const ModelConfig& config, const Plan& plan)
    : m_config(config), m_plan(plan),
      m_draft(std::in_place, folder / kPackedTensorFile, packedTensorSpecs(config, plan), kPackedMetadata)
{
}

void PackedWriter::writeOuter(const WeightSource& source)
{
    const OuterWeights outer = source.smallOuter();
    for (const OuterSpec& spec : outerSpecs(m_config)) {
        const std::string name(spec.name);
        if (hasWords(spec.role))
            for (const Words words : wordsInRuns(m_config.vocabSize))
                write(name, half(source.rows(spec.role, words), name));
        else
            write(name, spec.shape.size() > 1 ? half(outer.tensor(spec.role), name) : outer.tensor(spec.role));
    }
}

void PackedWriter::trust(int layer)
{
    const std::string prefix = packedName(layer, "");
    for (const TensorSpec& spec : packedTensorSpecs(m_config, m_plan))
        if (spec.name.starts_with(prefix))
            m_draft->trust(spec.name);
}

void PackedWriter::write(int layer, const PackedLayer& packed)
{
    for (const VectorSpec& spec : vectorSpecs(m_config))
        write(packedName(layer, spec.name), packed.vector(spec.role));
    const auto writeParts = [&](const auto& id, const std::vector<PartSpec>& specs,
                                const std::map<std::string, at::Tensor>& parts) {
        for (const PartSpec& part : specs)
            write(packedName(id, part.name), parts.at(part.name));
    };
    for (const Site site : kAllSites) {
        const SiteId id{layer, site};
        writeParts(id, siteParts(m_plan.site(id), siteChannels(m_config, site)),
                   packed.sites[static_cast<std::size_t>(site)]);
    }
    for (const LinearRole role : layerRoles(m_config.gatedMlp)) {
        const PackedLinear& linear = packed.linears[static_cast<std::size_t>(role)];
        const LinearId id = linear.plan.id;
        writeParts(id, linearParts(linear.plan, m_plan.site(id.site()), linear.outFeatures, linear.inFeatures),
                   linear.parts);
        if (linear.bias.defined())
            write(packedName(id, "bias"), linear.bias);
    }
}

void PackedWriter::write(const std::string& name, const at::Tensor& tensor)
{
    const at::Tensor flat = tensor.contiguous();
    put(name, {static_cast<const std::byte*>(flat.const_data_ptr()), flat.nbytes()});
}

void PackedWriter::put(const std::string& name, std::span<const std::byte> bytes)
{
    if (m_draft)
        m_draft->write(name, bytes);
    else
        m_records.add(name, bytes);
}

void PackedWriter::writeRecords(std::span<const std::byte> records)
{
    NamedRecords::forEach(records,
                          [this](const std::string& name, std::span<const std::byte> bytes) { put(name, bytes); });
}

} // namespace eigenquant
