// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/packed_checkpoint.h"

#include "core/base/error.h"
#include "core/quant/packed_names.h"
#include "core/quant/storage.h"
#include "kernels/layout/bit_packing.h"

#include <ATen/ops/tensor.h>

#include <map>

namespace eigenquant {
namespace {

const std::map<std::string, std::string> kMetadata{{"format", kPackedFormat},
                                                   {"version", std::to_string(kPackedVersion)}};

void addLinearSpecs(std::vector<TensorSpec>& specs, const ModelConfig& config, const LinearPlan& linear,
                    const SitePlan& site)
{
    const auto [out, in] = linearShape(config, linear.id.role);
    auto add = [&](const char* part, StoredType type, std::vector<std::int64_t> shape) {
        specs.push_back({packedName(linear.id, part), type, std::move(shape)});
    };
    if (linear.method == Method::Float) {
        add("salient", StoredType::F16, {out, in});
    } else {
        const std::int64_t rest = in - linear.salient;
        const std::int64_t groups = GridSpec{linear.bits, linear.groupSize, linear.symmetric}.groups(rest);
        const auto rowBytes = [&](std::int64_t count) {
            return static_cast<std::int64_t>(layout::packedRowBytes(static_cast<std::size_t>(count), linear.bits));
        };
        add("codes", StoredType::U8, {out, rowBytes(rest)});
        add("scales", StoredType::F16, {out, groups});
        if (!linear.symmetric)
            add("zeros", StoredType::U8, {out, rowBytes(groups)});
        add("salient", StoredType::F16, {out, linear.salient});
        if (linear.salient > 0 && !salientLeads(site))
            add("salient_index", StoredType::I32, {linear.salient});
    }
    if (hasBias(config, linear.id.role))
        add("bias", StoredType::F32, {out});
}

at::Tensor half(const at::Tensor& weight, const char* what)
{
    at::Tensor converted = weight.to(at::kHalf);
    if (!converted.isfinite().all().item<bool>())
        throw Error::unsupported("values above 65504 do not fit the FP16 of a packed checkpoint").field(what);
    return converted;
}

} // namespace

std::vector<TensorSpec> packedTensorSpecs(const ModelConfig& config, const Plan& plan)
{
    const std::int64_t hidden = config.hiddenSize, vocab = config.vocabSize;
    std::vector<TensorSpec> specs{{"embedding", StoredType::F16, {vocab, hidden}},
                                  {"final_norm", StoredType::F32, {hidden}}};
    if (!config.tiedEmbeddings)
        specs.push_back({"head", StoredType::F16, {vocab, hidden}});
    for (int layer = 0; layer < config.layers; ++layer) {
        specs.push_back({packedName(layer, "attention_norm"), StoredType::F32, {hidden}});
        specs.push_back({packedName(layer, "mlp_norm"), StoredType::F32, {hidden}});
        for (const Site site : kAllSites) {
            const std::int64_t channels = siteChannels(config, site);
            if (rotationStorage(plan.site({layer, site}), channels) > 0)
                specs.push_back({packedName(SiteId{layer, site}), StoredType::F16, {channels, channels}});
        }
        for (const LinearRole role : kAllRoles)
            addLinearSpecs(specs, config, plan.linear({layer, role}), plan.site({layer, siteOf(role)}));
    }
    return specs;
}

std::uint64_t packedFileSize(const ModelConfig& config, const Plan& plan)
{
    return safetensorsFileSize(packedTensorSpecs(config, plan), kMetadata);
}

PackedWriter::PackedWriter(const std::filesystem::path& folder, const ModelConfig& config, const Plan& plan,
                           const OuterWeights& outer)
    : m_plan(plan), m_writer(folder / kPackedTensorFile, packedTensorSpecs(config, plan), kMetadata)
{
    write("embedding", half(outer.embedding, "embedding"));
    write("final_norm", outer.finalNorm);
    if (!config.tiedEmbeddings)
        write("head", half(outer.head, "head"));
}

void PackedWriter::write(int layer, const PackedLayer& packed)
{
    write(packedName(layer, "attention_norm"), packed.attentionNorm);
    write(packedName(layer, "mlp_norm"), packed.mlpNorm);
    for (const Site site : kAllSites)
        if (const at::Tensor& rotation = packed.rotations[static_cast<std::size_t>(site)]; rotation.defined())
            write(packedName(SiteId{layer, site}), rotation);
    for (const PackedLinear& linear : packed.linears) {
        auto part = [&](const char* name, const at::Tensor& tensor) {
            if (tensor.defined())
                write(packedName(linear.plan.id, name), tensor);
        };
        part("codes", linear.codes);
        part("scales", linear.scales);
        part("zeros", linear.zeros);
        part("salient", linear.salient);
        if (!linear.salientChannels.empty() && !salientLeads(m_plan.site(linear.plan.id.site())))
            part("salient_index", at::tensor(at::ArrayRef<int>(linear.salientChannels), at::kInt));
        part("bias", linear.bias);
    }
}

void PackedWriter::finish()
{
    m_writer.finish();
}

void PackedWriter::write(const std::string& name, const at::Tensor& tensor)
{
    const at::Tensor flat = tensor.contiguous();
    m_writer.write(name, {static_cast<const std::byte*>(flat.const_data_ptr()), flat.nbytes()});
}

} // namespace eigenquant
