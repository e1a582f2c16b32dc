// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/cpu_engine.h"

#include "core/base/error.h"
#include "core/model/attention.h"
#include "kernels/decode/decode_kernels_cpu.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/round.h>

#include <algorithm>

namespace eigenquant {
namespace {

constexpr float kLargestInt8 = 127;

} // namespace

CpuEngine::CpuEngine(std::shared_ptr<const Decoder> decoder) : m_decoder(std::move(decoder)) {}

CpuEngine::Cached CpuEngine::emptyCache() const
{
    const auto options = at::TensorOptions().device(m_decoder->target().device);
    const std::vector<std::int64_t> shape{run().sequences, config().kvHeads, run().length, config().headDim};
    if (run().kv == KvPrecision::F16)
        return {at::empty(shape, options.dtype(m_decoder->target().dtype)), {}};
    return {at::empty(shape, options.dtype(at::kChar)),
            at::empty({shape[0], shape[1], shape[2], 1}, options.dtype(at::kFloat))};
}

void CpuEngine::doBegin()
{
    m_caches.clear();
    for (int layer = 0; layer < config().layers; ++layer)
        m_caches.push_back({emptyCache(), emptyCache()});
    m_rope = ropeTable(config(), run().length, m_decoder->target().device, m_decoder->target().dtype);
    m_chosen.assign(static_cast<std::size_t>(run().sequences), 0);
    m_history.assign(static_cast<std::size_t>(run().sequences) * static_cast<std::size_t>(run().length + 1), 0);
}

std::uint64_t CpuEngine::bytes() const
{
    std::uint64_t total = m_decoder->weightBytes();
    for (const LayerCache& cache : m_caches)
        for (const Cached* part : {&cache.keys, &cache.values})
            total += part->values.nbytes() + (part->scales.defined() ? part->scales.nbytes() : 0);
    return total;
}

/// Puts [sequences, kvHeads, tokens, headDim] behind what is there.
void CpuEngine::append(Cached& cached, const at::Tensor& fresh) const
{
    const std::int64_t tokens = fresh.size(2);
    at::Tensor place = cached.values.narrow(2, m_start, tokens);
    if (!cached.scales.defined()) {
        place.copy_(fresh);
        return;
    }
    const at::Tensor wide = fresh.to(at::kFloat);
    const at::Tensor scale =
        wide.abs().amax(-1, /*keepdim=*/true).clamp_min(kernels::kLeastKvMagnitude) / kLargestInt8;
    place.copy_(at::round(wide / scale));
    cached.scales.narrow(2, m_start, tokens).copy_(scale);
}

at::Tensor CpuEngine::upTo(const Cached& cached, int length, at::ScalarType dtype) const
{
    const at::Tensor values = cached.values.narrow(2, 0, length);
    return cached.scales.defined() ? (values.to(at::kFloat) * cached.scales.narrow(2, 0, length)).to(dtype) : values;
}

at::Tensor CpuEngine::attend(int layer, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v)
{
    LayerCache& cache = m_caches[static_cast<std::size_t>(layer)];
    const std::int64_t sequences = run().sequences, tokens = q.size(1) / sequences;
    // [heads, sequences · tokens, headDim] to [sequences, heads, tokens, headDim] and back
    const auto bySequence = [&](const at::Tensor& t) {
        return t.reshape({t.size(0), sequences, tokens, t.size(2)}).transpose(0, 1);
    };
    append(cache.keys, bySequence(k));
    append(cache.values, bySequence(v));
    const int length = m_start + static_cast<int>(tokens);
    const at::Tensor keys = upTo(cache.keys, length, q.scalar_type());
    const at::Tensor values = upTo(cache.values, length, q.scalar_type());
    const at::Tensor mixed = attendCausally(bySequence(q), keys, values, m_start, attentionRule(config(), layer));
    return mixed.transpose(0, 1).reshape({q.size(0), q.size(1), q.size(2)});
}

/// The hidden states behind the last norm, [sequences · tokens, hidden].
at::Tensor CpuEngine::forward(std::span<const std::int32_t> ids, int tokens)
{
    m_start = position();
    const RopeTable rope = m_rope.rows(m_start, tokens, run().sequences);
    at::Tensor x = m_decoder->embed(ids, m_start, run().sequences);
    for (int layer = 0; layer < config().layers; ++layer)
        x = m_decoder->layer(layer, x, rope, {}, {},
                             [&](const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
                                 return attend(layer, q, k, v);
                             });
    return m_decoder->lastNorm(x);
}

at::Tensor CpuEngine::doFeed(std::span<const std::int32_t> ids, int tokens, bool all)
{
    const at::Tensor hidden = forward(ids, tokens).view({run().sequences, tokens, config().hiddenSize});
    const at::Tensor wanted = all ? hidden[0] : hidden.select(1, tokens - 1);
    const at::Tensor logits = m_decoder->logits(wanted).to(at::kCPU, at::kFloat).contiguous();
    m_logits = all ? logits.narrow(0, tokens - 1, 1) : logits;
    choose(m_start + tokens - 1);
    return all ? logits : at::Tensor();
}

void CpuEngine::doStep()
{
    doFeed(std::vector<std::int32_t>(m_chosen), 1, false);
}

/// Chooses the tokens behind this position.
void CpuEngine::choose(int position)
{
    const auto sequences = static_cast<std::size_t>(run().sequences);
    std::vector<std::int32_t> positions(sequences, position);
    kernels::SampleParams params{};
    params.logits = m_logits.const_data_ptr<float>();
    params.sequences = run().sequences;
    params.vocab = config().vocabSize;
    params.temperature = static_cast<float>(run().sampling.temperature);
    params.topK = run().sampling.topK;
    params.topP = static_cast<float>(run().sampling.topP);
    params.seed = run().sampling.seed;
    params.positions = positions.data();
    params.ids = m_chosen.data();
    params.history = m_history.data();
    params.historyStride = run().length + 1;
    kernels::sampleCpu(params);
}

at::Tensor CpuEngine::logits()
{
    return m_logits;
}

std::vector<std::int32_t> CpuEngine::history(int first, int count)
{
    std::vector<std::int32_t> ids;
    for (int sequence = 0; sequence < run().sequences; ++sequence) {
        const auto* row = m_history.data() + static_cast<std::ptrdiff_t>(sequence) * (run().length + 1);
        ids.insert(ids.end(), row + first, row + first + count);
    }
    return ids;
}

} // namespace eigenquant
