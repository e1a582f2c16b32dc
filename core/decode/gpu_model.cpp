// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/gpu_model.h"

#include "core/base/error.h"
#include "core/quant/packed_checkpoint.h"

#include <ATen/ops/tensor.h>

#include <algorithm>
#include <string>
#include <utility>

namespace eigenquant {
namespace {

kernels::GpuBuffer uploadedOrder(const ChannelOrder& order, kernels::Stream stream)
{
    return order.empty() ? kernels::GpuBuffer()
                         : uploaded(at::tensor(at::ArrayRef<std::int32_t>(order), at::kInt), stream);
}

/// Where each channel of `order` lies in `first`.
ChannelOrder relative(const ChannelOrder& first, const ChannelOrder& order, int channels)
{
    ChannelOrder place(static_cast<std::size_t>(channels)), result(order.empty() ? place.size() : order.size());
    for (std::size_t j = 0; j < (first.empty() ? place.size() : first.size()); ++j)
        place[first.empty() ? j : static_cast<std::size_t>(first[j])] = static_cast<std::int32_t>(j);
    for (std::size_t j = 0; j < result.size(); ++j)
        result[j] = place[order.empty() ? j : static_cast<std::size_t>(order[j])];
    return result;
}

GpuSite uploadedSite(const HostSite& host, kernels::Element element, kernels::Stream stream)
{
    GpuSite site;
    site.channels = host.channels;
    site.outputs = host.outputs;
    site.padded = host.padded;
    for (const ChannelOrder& order : host.orders)
        site.orders.push_back(uploadedOrder(order, stream));
    if (host.turns())
        for (std::size_t view = 1; view < host.orders.size(); ++view)
            site.fromFirst.push_back(
                uploadedOrder(relative(host.orders.front(), host.orders[view], host.channels), stream));
    for (const HostLinear& linear : host.linears)
        site.linears.emplace_back(linear, element, stream);
    site.dense = uploaded(host.dense, stream);
    site.signs = uploaded(host.signs, stream);
    site.factor = uploaded(host.factor, stream);
    site.factorOrder = host.factor.defined() ? static_cast<int>(host.factor.size(0)) : 1;
    return site;
}

GpuLayer uploadedLayer(const HostLayer& host, kernels::Element element, kernels::Stream stream)
{
    GpuLayer layer;
    layer.attentionNorm = uploaded(host.attentionNorm, stream);
    layer.mlpNorm = uploaded(host.mlpNorm, stream);
    layer.attentionPlaces = uploadedOrder(host.attentionPlaces, stream);
    for (std::size_t site = 0; site < layer.sites.size(); ++site)
        layer.sites[site] = uploadedSite(host.sites[site], element, stream);
    return layer;
}

std::vector<kernels::GpuBuffer> copiedAll(const std::vector<kernels::GpuBuffer>& buffers, kernels::Stream stream)
{
    std::vector<kernels::GpuBuffer> copies;
    for (const kernels::GpuBuffer& buffer : buffers)
        copies.push_back(copied(buffer, stream));
    return copies;
}

GpuLayer copiedLayer(const GpuLayer& layer, kernels::Stream stream)
{
    GpuLayer copy;
    copy.attentionNorm = copied(layer.attentionNorm, stream);
    copy.mlpNorm = copied(layer.mlpNorm, stream);
    copy.attentionPlaces = copied(layer.attentionPlaces, stream);
    for (std::size_t i = 0; i < layer.sites.size(); ++i) {
        const GpuSite& from = layer.sites[i];
        GpuSite& to = copy.sites[i];
        to.channels = from.channels;
        to.outputs = from.outputs;
        to.padded = from.padded;
        to.orders = copiedAll(from.orders, stream);
        to.fromFirst = copiedAll(from.fromFirst, stream);
        for (const GpuLinear& linear : from.linears)
            to.linears.push_back(linear.copy(stream));
        to.dense = copied(from.dense, stream);
        to.signs = copied(from.signs, stream);
        to.factor = copied(from.factor, stream);
        to.factorOrder = from.factorOrder;
    }
    return copy;
}

PackedLinear asItIs(const LinearWeights& linear, LinearId id)
{
    PackedLinear packed;
    packed.plan.id = id;
    packed.plan.method = Method::Float;
    packed.outFeatures = linear.weight.size(0);
    packed.inFeatures = linear.weight.size(1);
    packed.parts["salient"] = linear.weight;
    packed.bias = linear.bias;
    return packed;
}

PackedLayer asItIs(const LayerWeights& weights, int index)
{
    PackedLayer layer;
    static_cast<LayerVectors&>(layer) = weights;
    for (const LinearRole role : kAllRoles)
        layer.linears[static_cast<std::size_t>(role)] = asItIs(weights.linear(role), {index, role});
    for (const Site site : kAllSites)
        if (weights.rotation(site).defined())
            layer.sites[static_cast<std::size_t>(site)]["rotation"] = weights.rotation(site);
    return layer;
}

std::uint64_t totalSize(const std::vector<kernels::GpuBuffer>& buffers)
{
    std::uint64_t total = 0;
    for (const kernels::GpuBuffer& buffer : buffers)
        total += buffer.size();
    return total;
}

} // namespace

EngineSource engineSource(std::shared_ptr<const PackedSource> source)
{
    return {source->config(), [source] { return source->outer(); },
            [source](int index) { return source->packedLayer(index); }};
}

EngineSource engineSource(std::shared_ptr<const WeightSource> source)
{
    return {source->config(), [source] { return source->outer(); },
            [source](int index) { return asItIs(source->layer(index), index); }};
}

std::int64_t GpuSite::stride() const
{
    int widest = channels;
    for (std::size_t view = 0; view < orders.size(); ++view)
        widest = std::max(widest, width(view));
    return (widest + 7) / 8 * 8;
}

std::uint64_t GpuSite::bytes() const
{
    std::uint64_t total = totalSize(orders) + totalSize(fromFirst) + dense.size() + signs.size() + factor.size();
    for (const GpuLinear& linear : linears)
        total += linear.bytes();
    return total;
}

std::uint64_t GpuLayer::bytes() const
{
    std::uint64_t total = attentionNorm.size() + mlpNorm.size() + attentionPlaces.size();
    for (const GpuSite& site : sites)
        total += site.bytes();
    return total;
}

bool GpuModel::turns() const
{
    return std::any_of(layers.begin(), layers.end(), [](const GpuLayer& layer) {
        return std::any_of(layer.sites.begin(), layer.sites.end(), [](const GpuSite& site) { return site.turns(); });
    });
}

std::uint64_t GpuModel::bytes() const
{
    return bytesOfStep() + (ownHead.size() > 0 ? embedding.size() : 0);
}

std::uint64_t GpuModel::bytesOfStep() const
{
    std::uint64_t total = (ownHead.size() > 0 ? ownHead : embedding).size() + finalNorm.size();
    for (const GpuLayer& layer : layers)
        total += layer.bytes();
    return total;
}

double GpuModel::flopsOfToken() const
{
    double total = 2.0 * config.vocabSize * config.hiddenSize;
    for (const GpuLayer& layer : layers)
        for (const GpuSite& site : layer.sites) {
            total += 2.0 * site.outputs * site.channels;
            total += site.dense.size() > 0 ? 2.0 * site.channels * site.channels : 0;
        }
    return total;
}

std::string missingOnGpu(const ModelConfig& config)
{
    const bool scaled = config.queryScalar > 0 && config.queryScalar != config.headDim;
    const std::pair<bool, const char*> needs[] = {
        {config.norm != NormKind::Rms || config.normBias, "layer norms"},
        {config.normsAfterSum || config.outNorms || !config.finalNorm, "norms in other places than Llama's"},
        {config.headNorms, "norms on the heads of q and k"},
        {config.activation != Activation::Silu || !config.gatedMlp, "an MLP without silu(gate) · up"},
        {!config.rotary, "learned positions"},
        {config.partialRotaryDim > 0, "rotary positions on a part of each head"},
        {config.localRopeTheta > 0, "other rotary frequencies in some layers"},
        {config.attentionCap > 0 || config.logitCap > 0 || scaled, "soft caps or another scale of attention"},
        {config.embeddingScale != 1 || config.embeddingSize > 0, "a scaled or projected embedding"},
    };
    std::string list;
    for (const auto& [needed, what] : needs)
        if (needed)
            list += (list.empty() ? "" : ", ") + std::string(what);
    return list;
}

std::shared_ptr<const GpuModel> loadGpuModel(const EngineSource& source, const kernels::GpuInfo& gpu,
                                             kernels::Element element, const RunContext& context)
{
    if (const std::string missing = missingOnGpu(source.config); !missing.empty())
        throw Error::unsupported("the GPU's decoding kernels cannot compute this architecture")
            .field("architecture")
            .found("\"" + source.config.architecture + "\", which has " + missing)
            .expected("a model that computes as Llama does: Llama, Mistral, Qwen2")
            .hint("use --device cpu, or --dtype f32, which libtorch computes");
    const kernels::GpuQueue queue;
    auto model = std::make_shared<GpuModel>();
    model->config = source.config;
    model->gpu = gpu;
    model->element = element;
    {
        const OuterWeights outer = source.outer();
        const auto place = [&](const at::Tensor& tensor) {
            return uploaded(tensor.to(scalarType(element)).contiguous(), queue.stream());
        };
        model->embedding = place(outer.embedding);
        if (!outer.head.is_same(outer.embedding))
            model->ownHead = place(outer.head);
        model->finalNorm = uploaded(outer.finalNorm.to(at::kFloat).contiguous(), queue.stream());
    }
    for (int index = 0; index < source.config.layers; ++index) {
        context.report("loading weights", "layers", index, source.config.layers);
        model->layers.push_back(index > 0 && source.layersAreAlike
                                    ? copiedLayer(model->layers.front(), queue.stream())
                                    : uploadedLayer(makeHostLayer(source.layer(index), element), element,
                                                    queue.stream()));
    }
    queue.wait();
    return model;
}

} // namespace eigenquant
