// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels of a pass, in their order.
#include "core/decode/gpu_engine.h"

namespace eigenquant {
namespace {

const std::int32_t* orderOf(const GpuSite& site, std::size_t view)
{
    return site.orders[view].as<std::int32_t>();
}

std::int64_t multipleOf8(int width)
{
    return (width + 7) / 8 * 8;
}

} // namespace

LinearScratch GpuEngine::scratch() const
{
    return {m_buffers.gemmWorkspace.data(), m_buffers.columnWorkspace.data(), m_buffers.dequantized.data()};
}

void GpuEngine::queueStep(int longest)
{
    queueForward(1, longest);
    queueHead(run().sequences, 1);
    queueSample();
}

/// From ids to the output of the last norm, which is left in `normed`.
void GpuEngine::queueForward(int tokens, int longest)
{
    const int rows = run().sequences * tokens;
    kernels::embed({m_model->embedding.data(), m_buffers.ids.as<std::int32_t>(), m_buffers.residual.data(), rows,
                    config().hiddenSize, m_model->element},
                   m_queue.stream());
    const void* delta = nullptr;
    for (int index = 0; index < config().layers; ++index) {
        const GpuLayer& layer = m_model->layers[static_cast<std::size_t>(index)];
        queueAddNorm(&layer.site(Site::AttnIn), delta, layer.attentionNorm, rows);
        queueLinears(layer.site(Site::AttnIn), m_buffers.qkv.data(), rows);
        queueAttention(index, tokens, longest);
        queueLinears(layer.site(Site::AttnOut), m_buffers.delta.data(), rows);
        delta = m_buffers.delta.data();
        queueAddNorm(&layer.site(Site::MlpIn), delta, layer.mlpNorm, rows);
        queueLinears(layer.site(Site::MlpIn), m_buffers.gateUp.data(), rows);
        queueSilu(layer.site(Site::MlpOut), rows);
        queueLinears(layer.site(Site::MlpOut), m_buffers.delta.data(), rows);
    }
    queueAddNorm(nullptr, delta, m_model->finalNorm, rows);
}

/// The norm that a site reads, in all orders that its linears want; without a site the last norm, as it is.
void GpuEngine::queueAddNorm(const GpuSite* site, const void* delta, const kernels::GpuBuffer& gain, int rows)
{
    const bool plain = !site || turns(*site) || site->padded;
    kernels::AddNormParams params{};
    params.residual = m_buffers.residual.data();
    params.delta = delta;
    params.gain = gain.as<float>();
    params.out = plain ? m_buffers.normed.data() : m_buffers.views[0].data();
    params.outStride = plain ? multipleOf8(config().hiddenSize) : site->stride();
    params.tokens = rows;
    params.width = config().hiddenSize;
    params.epsilon = static_cast<float>(config().normEpsilon);
    params.element = m_model->element;
    if (!plain) {
        params.order = orderOf(*site, 0);
        if (site->orders.size() > 1) {
            params.secondOrder = orderOf(*site, 1);
            params.secondOut = m_buffers.views[1].data();
        }
        if (site->orders.size() > 2) {
            params.thirdOrder = orderOf(*site, 2);
            params.thirdOut = m_buffers.views[2].data();
        }
    }
    kernels::addNorm(params, m_queue.stream());
    if (site && turns(*site))
        queueRotation(*site, m_buffers.normed.data(), params.outStride, rows);
    else if (site && plain)
        queueViews(*site, m_buffers.normed.data(), params.outStride, rows);
}

void GpuEngine::queueAttention(int layer, int tokens, int longest)
{
    const GpuLayer& weights = m_model->layers[static_cast<std::size_t>(layer)];
    const GpuSite& site = weights.site(Site::AttnOut);
    const bool ordered = orderOf(site, 0) != nullptr;
    // Attention itself can write what o reads, unless that is turned before, or has channels twice.
    const bool direct = !turns(site) && (!ordered || weights.attentionPlaces.size() > 0);
    kernels::AttentionParams params{};
    params.qkv = m_buffers.qkv.data();
    params.stride = (config().heads + 2 * config().kvHeads) * config().headDim;
    params.cosine = m_buffers.cosine.as<float>();
    params.sine = m_buffers.sine.as<float>();
    params.cache = m_cache->layer(layer);
    params.positions = m_buffers.positions.as<std::int32_t>();
    params.out = direct ? m_buffers.views[0].data() : m_buffers.mixed.data();
    params.outStride = direct ? site.stride() : multipleOf8(site.channels);
    params.sequences = run().sequences;
    params.tokens = tokens;
    params.heads = config().heads;
    params.longest = longest;
    params.workspace = m_buffers.attentionWorkspace.data();
    params.element = m_model->element;
    params.places = direct ? weights.attentionPlaces.as<std::int32_t>() : nullptr;
    kernels::attention(params, m_model->gpu.traits, m_queue.stream());
    const int rows = run().sequences * tokens;
    if (turns(site))
        queueRotation(site, m_buffers.mixed.data(), params.outStride, rows);
    else if (!direct)
        queueViews(site, m_buffers.mixed.data(), params.outStride, rows);
}

void GpuEngine::queueSilu(const GpuSite& site, int rows)
{
    const bool turned = turns(site);
    kernels::SiluMulParams params{};
    params.gate = m_buffers.gateUp.data();
    params.up = m_buffers.gateUp.as<std::uint16_t>() + config().intermediateSize;
    params.stride = 2 * config().intermediateSize;
    params.order = turned ? nullptr : orderOf(site, 0);
    params.out = turned ? m_buffers.mixed.data() : m_buffers.views[0].data();
    params.outStride = turned ? multipleOf8(site.channels) : site.stride();
    params.tokens = rows;
    params.width = turned ? site.channels : site.width(0);
    params.element = m_model->element;
    kernels::siluMul(params, m_queue.stream());
    if (turned)
        queueRotation(site, m_buffers.mixed.data(), params.outStride, rows);
}

/// What is in the order of the site's channels, in those of its views.
void GpuEngine::queueViews(const GpuSite& site, const void* in, std::int64_t inStride, int rows)
{
    for (std::size_t view = 0; view < site.orders.size(); ++view)
        kernels::permute({in, inStride, orderOf(site, view), m_buffers.views[view].data(), site.stride(), rows,
                          site.width(view), m_model->element},
                         m_queue.stream());
}

/// x·R in the site's first order, and from there in the others.
void GpuEngine::queueRotation(const GpuSite& site, const void* in, std::int64_t inStride, int rows)
{
    if (site.dense.size() == 0)
        return queueHadamard(site, in, inStride, rows);
    void* first = m_buffers.views[0].data();
    kernels::DenseGemmParams params{};
    params.x = in;
    params.xStride = inStride;
    params.w = site.dense.data();
    params.wStride = site.channels;
    params.y = first;
    params.yStride = site.stride();
    params.m = rows;
    params.n = site.width(0);
    params.k = site.channels;
    params.element = m_model->element;
    kernels::denseGemm(params, m_queue.stream());
    queueOtherViews(site, rows);
}

void GpuEngine::queueHadamard(const GpuSite& site, const void* in, std::int64_t inStride, int rows)
{
    kernels::HadamardParams params{};
    params.in = in;
    params.inStride = inStride;
    params.signs = site.signs.as<std::uint8_t>();
    params.factor = site.factor.as<float>();
    params.denseOrder = site.factorOrder;
    params.tokens = rows;
    params.width = site.channels;
    params.element = m_model->element;
    // A view that is wider than the site is a step of its own, from whichever buffer the input is not in.
    const bool inMixed = in == m_buffers.mixed.data();
    params.order = site.padded ? nullptr : orderOf(site, 0);
    params.out = site.padded ? (inMixed ? m_buffers.normed : m_buffers.mixed).data() : m_buffers.views[0].data();
    params.outStride = site.padded ? multipleOf8(site.channels) : site.stride();
    kernels::hadamard(params, m_queue.stream());
    if (site.padded)
        queueViews(site, params.out, params.outStride, rows);
    else
        queueOtherViews(site, rows);
}

/// From the first view, which a rotation has made, to the others.
void GpuEngine::queueOtherViews(const GpuSite& site, int rows)
{
    for (std::size_t view = 1; view < site.orders.size(); ++view)
        kernels::permute({m_buffers.views[0].data(), site.stride(), site.fromFirst[view - 1].as<std::int32_t>(),
                          m_buffers.views[view].data(), site.stride(), rows, site.width(view), m_model->element},
                         m_queue.stream());
}

/// All linears of a site, their outputs side by side in rows of `out`.
void GpuEngine::queueLinears(const GpuSite& site, void* out, int rows)
{
    for (const GpuLinear& linear : site.linears) {
        const LinearCall call{m_buffers.views[linear.view()].data(), site.stride(),
                              static_cast<std::uint16_t*>(out) + linear.firstRow(), site.outputs, rows};
        linear.run(call, scratch(), m_model->gpu.traits, m_queue.stream());
    }
}

/// Logits of every `every`-th row of the last norm, the last one of each.
void GpuEngine::queueHead(int rows, int every)
{
    const std::int64_t width = multipleOf8(config().hiddenSize);
    kernels::DenseGemmParams params{};
    params.x = m_buffers.normed.as<std::uint16_t>() + (every - 1) * width;
    params.xStride = every * width;
    params.w = m_model->head();
    params.wStride = config().hiddenSize;
    params.y = m_buffers.logits.data();
    params.yStride = config().vocabSize;
    params.m = rows;
    params.n = config().vocabSize;
    params.k = config().hiddenSize;
    params.element = m_model->element;
    params.floatOut = true;
    kernels::denseGemm(params, m_queue.stream());
}

void GpuEngine::queueSample()
{
    kernels::SampleParams params{};
    params.logits = m_buffers.logits.as<float>() + static_cast<std::ptrdiff_t>(m_logitRow) * config().vocabSize;
    params.sequences = run().sequences;
    params.vocab = config().vocabSize;
    params.temperature = static_cast<float>(run().sampling.temperature);
    params.topK = run().sampling.topK;
    params.topP = static_cast<float>(run().sampling.topP);
    params.seed = run().sampling.seed;
    params.positions = m_buffers.positions.as<std::int32_t>();
    params.ids = m_buffers.ids.as<std::int32_t>();
    params.history = m_buffers.history.as<std::int32_t>();
    params.historyStride = run().length + 1;
    params.workspace = m_buffers.sampleWorkspace.data();
    kernels::sample(params, m_queue.stream());
}

} // namespace eigenquant
