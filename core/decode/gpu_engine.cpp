// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/gpu_engine.h"

#include "core/base/error.h"
#include "core/decode/gpu_errors.h"
#include "core/model/rope.h"
#include "kernels/common/cublas.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <bit>

namespace eigenquant {
namespace {

/// Rows of activations that one pass computes at most: enough to keep the GPU busy, few enough that scratch memory is
/// small beside the weights.
constexpr int kPassRows = 512;
/// Tokens of a pass whose logits are all wanted.
constexpr int kLogitRows = 128;
/// The least length that steps are recorded for.
constexpr int kShortest = 128;
constexpr int kTimedRounds = 20;
/// Elements behind an activation: what reads it in another order takes rows of the new order's width.
constexpr std::size_t kSpareElements = 256;

std::size_t product(std::int64_t a, std::int64_t b, std::size_t bytes)
{
    return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * bytes;
}

bool sameMemory(const DecodingRun& a, const DecodingRun& b)
{
    return a.sequences == b.sequences && a.length == b.length && a.kv == b.kv;
}

bool sameSampling(const Sampling& a, const Sampling& b)
{
    return a.temperature == b.temperature && a.topK == b.topK && a.topP == b.topP && a.seed == b.seed;
}

/// Each name once.
std::string joined(const std::vector<std::string>& names, const std::string& between)
{
    std::string all;
    for (auto name = names.begin(); name != names.end(); ++name)
        if (std::find(names.begin(), name, *name) == name)
            all += (all.empty() ? "" : between) + *name;
    return all;
}

} // namespace

std::uint64_t GpuEngine::Buffers::bytes() const
{
    std::uint64_t total = 0;
    for (const kernels::GpuBuffer* buffer : {&residual,
                                             &normed,
                                             &mixed,
                                             &qkv,
                                             &gateUp,
                                             &delta,
                                             &views[0],
                                             &views[1],
                                             &views[2],
                                             &logits,
                                             &ids,
                                             &positions,
                                             &history,
                                             &cosine,
                                             &sine,
                                             &gemmWorkspace,
                                             &columnWorkspace,
                                             &attentionWorkspace,
                                             &sampleWorkspace,
                                             &dequantized})
        total += buffer->size();
    return total;
}

GpuEngine::GpuEngine(std::shared_ptr<const GpuModel> model) : m_model(std::move(model)) {}

GpuEngine::~GpuEngine()
{
    try {
        m_queue.wait(); // memory must not go while work still uses it
    } catch (const kernels::GpuError&) {
        // The failure belongs to work that nobody waited for.
    }
}

std::uint64_t GpuEngine::bytes() const
{
    return m_model->bytes() + m_buffers.bytes() + (m_cache ? m_cache->bytes() : 0);
}

void GpuEngine::shareCache(const GpuEngine& other)
{
    m_cache = other.m_cache;
    m_allocatedFor = {}; // what was recorded reads the old one
}

/// Steps are recorded for lengths of a power of two, so that short sequences don't pay for long ones.
int GpuEngine::longest(int length) const
{
    const auto rounded = static_cast<int>(std::bit_ceil(static_cast<unsigned>(std::max(length, kShortest))));
    return std::min(rounded, run().length);
}

void GpuEngine::doBegin()
{
    // Both belong to the calling thread, which may be another than the last time.
    openGpu(m_model->gpu.index);
    kernels::prepareDenseGemm();
    const DecodingRun& next = run();
    for (const int window : config().windows)
        if (window > 0 && window < next.length)
            throw Error::unsupported("the GPU's attention kernels see all tokens, and this model has a sliding window")
                .found(std::to_string(next.length) + " tokens")
                .expected("at most " + std::to_string(window))
                .hint("decode fewer tokens, or use --device cpu or --dtype f32");
    const bool fits = m_cache && m_cache->fits(config(), next.sequences, next.length, next.kv);
    if (!fits || !sameMemory(next, m_allocatedFor)) {
        m_queue.wait();
        m_graphs.clear();
        m_buffers = {};
        m_allocatedFor = {};
        if (!fits) {
            m_cache.reset(); // before the new one is made
            m_cache = std::make_shared<GpuCache>(config(), next.sequences, next.length, next.kv);
        }
        allocate();
    } else if (!sameSampling(next.sampling, m_allocatedFor.sampling)) {
        m_queue.wait();
        m_graphs.clear();
    }
    m_allocatedFor = next;
}

void GpuEngine::allocate()
{
    const ModelConfig& shape = config();
    const kernels::GpuTraits& gpu = m_model->gpu.traits;
    const int sequences = run().sequences;
    const int rows = std::max(sequences, std::min(kPassRows, sequences * run().length));
    const int logitRows = std::max(sequences, sequences == 1 ? std::min(kLogitRows, run().length) : 0);
    const int qkvWidth = (shape.heads + 2 * shape.kvHeads) * shape.headDim;
    const int widest = std::max({shape.hiddenSize, shape.intermediateSize, shape.heads * shape.headDim});
    const auto elements = [&](int width) {
        return kernels::GpuBuffer(product(rows, (width + 7) / 8 * 8, 2) + 2 * kSpareElements);
    };

    const auto zeroed = [&](std::size_t bytes) {
        kernels::GpuBuffer buffer(bytes);
        if (bytes > 0)
            kernels::zeroOnGpu(buffer.data(), bytes, m_queue.stream());
        return buffer;
    };

    m_buffers.residual = elements(shape.hiddenSize);
    m_buffers.normed = elements(widest);
    m_buffers.mixed = elements(widest);
    m_buffers.qkv = elements(qkvWidth);
    // Also the place where a site's outputs go when its linears are timed alone.
    m_buffers.gateUp = elements(std::max({2 * shape.intermediateSize, qkvWidth, shape.hiddenSize}));
    m_buffers.delta = elements(shape.hiddenSize);
    std::int64_t viewWidth = 0;
    std::size_t dequantized = 0, columns = 0;
    for (const GpuLayer& layer : m_model->layers)
        for (const GpuSite& site : layer.sites) {
            viewWidth = std::max(viewWidth, site.stride());
            for (const GpuLinear& linear : site.linears) {
                dequantized = std::max(dequantized, linear.dequantizedBytes(rows, gpu));
                columns = std::max(columns, linear.columnBytes(rows, gpu));
            }
        }
    for (kernels::GpuBuffer& view : m_buffers.views)
        view = elements(static_cast<int>(viewWidth));
    m_buffers.columnWorkspace = kernels::GpuBuffer(columns);
    m_buffers.dequantized = kernels::GpuBuffer(dequantized);
    m_buffers.logits = kernels::GpuBuffer(product(logitRows, shape.vocabSize, sizeof(float)));
    m_buffers.ids = kernels::GpuBuffer(product(rows, 1, sizeof(std::int32_t)));
    m_buffers.positions = kernels::GpuBuffer(product(sequences, 1, sizeof(std::int32_t)));
    m_buffers.history = kernels::GpuBuffer(product(sequences, run().length + 1, sizeof(std::int32_t)));

    const RopeTable table = ropeTable(shape, run().length, c10::kCPU, at::kFloat);
    const auto half = [&](const at::Tensor& t) { return t.narrow(1, 0, shape.headDim / 2).contiguous(); };
    m_buffers.cosine = uploaded(half(table.cos), m_queue.stream());
    m_buffers.sine = uploaded(half(table.sin), m_queue.stream());

    m_buffers.gemmWorkspace = zeroed(kernels::mixedGemmWorkspaceBytes(gpu));
    m_buffers.attentionWorkspace = zeroed(attentionBytes());
    m_buffers.sampleWorkspace = kernels::GpuBuffer(kernels::sampleWorkspaceBytes(sequences, shape.vocabSize));
}

/// Over all lengths that steps are recorded for; a feed of several tokens needs none.
std::size_t GpuEngine::attentionBytes() const
{
    std::size_t bytes = 0;
    for (int length = kShortest;; length *= 2) {
        bytes = std::max(bytes, kernels::attentionWorkspaceBytes(run().sequences, 1, config().heads, config().headDim,
                                                                 longest(length), m_model->gpu.traits));
        if (longest(length) == run().length)
            return bytes;
    }
}

void GpuEngine::setPositions(int position)
{
    const std::vector<std::int32_t> positions(static_cast<std::size_t>(run().sequences), position);
    kernels::copyToGpu(m_buffers.positions.data(), positions.data(), positions.size() * sizeof(std::int32_t),
                       m_queue.stream());
}

at::Tensor GpuEngine::doFeed(std::span<const std::int32_t> ids, int tokens, bool all)
{
    const int sequences = run().sequences;
    const int most = all ? kLogitRows : std::max(1, kPassRows / sequences);
    std::vector<at::Tensor> logits;
    std::vector<std::int32_t> part;
    for (int begin = 0; begin < tokens; begin += most) {
        const int count = std::min(most, tokens - begin), position = this->position() + begin;
        part.clear();
        for (int sequence = 0; sequence < sequences; ++sequence) {
            const auto row = ids.subspan(static_cast<std::size_t>(sequence * tokens + begin),
                                         static_cast<std::size_t>(count));
            part.insert(part.end(), row.begin(), row.end());
        }
        kernels::copyToGpu(m_buffers.ids.data(), part.data(), part.size() * sizeof(std::int32_t), m_queue.stream());
        setPositions(position);
        queueForward(count, longest(position + count));
        if (all) {
            queueHead(count, 1);
            logits.push_back(at::empty({count, config().vocabSize}, at::kFloat));
            kernels::copyFromGpu(logits.back().data_ptr(), m_buffers.logits.data(), logits.back().nbytes(),
                                 m_queue.stream());
            m_logitRow = count - 1;
        } else if (begin + count == tokens) {
            queueHead(sequences, count);
            m_logitRow = 0;
        }
    }
    setPositions(position() + tokens - 1); // sampling goes on from the last of them
    queueSample();
    return all ? at::cat(logits) : at::Tensor();
}

kernels::GpuGraph GpuEngine::recorded(const std::function<void()>& queue) const
{
    kernels::GpuGraph::begin(m_queue.stream());
    try {
        queue();
        return kernels::GpuGraph::end(m_queue.stream());
    } catch (...) {
        kernels::GpuGraph::abandon(m_queue.stream());
        throw;
    }
}

void GpuEngine::doStep()
{
    m_logitRow = 0;
    const std::pair key(longest(position() + 1), m_skipRotations);
    const auto known = m_graphs.find(key);
    if (!m_useGraphs || known == m_graphs.end()) {
        queueStep(key.first);
        m_graphs.try_emplace(key);
        return;
    }
    if (!known->second)
        known->second = recorded([&] { queueStep(key.first); });
    known->second.launch(m_queue.stream());
}

at::Tensor GpuEngine::logits()
{
    at::Tensor logits = at::empty({run().sequences, config().vocabSize}, at::kFloat);
    const float* first = m_buffers.logits.as<float>() +
                         static_cast<std::ptrdiff_t>(m_logitRow) * config().vocabSize;
    kernels::copyFromGpu(logits.data_ptr(), first, logits.nbytes(), m_queue.stream());
    return logits;
}

std::vector<std::int32_t> GpuEngine::history(int first, int count)
{
    const int stride = run().length + 1;
    std::vector<std::int32_t> all(static_cast<std::size_t>(run().sequences * stride));
    kernels::copyFromGpu(all.data(), m_buffers.history.data(), all.size() * sizeof(std::int32_t), m_queue.stream());
    std::vector<std::int32_t> ids;
    for (int sequence = 0; sequence < run().sequences; ++sequence) {
        const auto row = all.begin() + static_cast<std::ptrdiff_t>(sequence) * stride + first;
        ids.insert(ids.end(), row, row + count);
    }
    return ids;
}

std::string GpuEngine::kernelNames(int rows) const
{
    std::vector<std::string> names;
    for (const GpuSite& site : m_model->layers.front().sites)
        for (const GpuLinear& linear : site.linears)
            names.push_back(linear.kernel(rows, m_model->gpu.traits));
    return joined(names, ", ");
}

int GpuEngine::scoringTokens() const
{
    int tokens = kLogitRows;
    for (const GpuSite& site : m_model->layers.front().sites)
        for (const GpuLinear& linear : site.linears)
            tokens = std::min(tokens, linear.fusedRows());
    return tokens;
}

std::string GpuEngine::siteName(Site site)
{
    std::vector<std::string> names;
    for (const LinearRole role : kAllRoles)
        if (siteOf(role) == site)
            names.emplace_back(name(role));
    return joined(names, "+");
}

std::string GpuEngine::siteKernels(Site site, int rows) const
{
    std::vector<std::string> names;
    for (const GpuLinear& linear : m_model->layers.front().site(site).linears)
        names.push_back(linear.kernel(rows, m_model->gpu.traits));
    return joined(names, ", ");
}

double GpuEngine::siteMicroseconds(Site site)
{
    const auto queueAll = [&] {
        for (const GpuLayer& layer : m_model->layers)
            queueLinears(layer.site(site), m_buffers.gateUp.data(), run().sequences);
    };
    queueAll(); // kernels are loaded before they are recorded
    const kernels::GpuGraph graph = recorded(queueAll);
    std::vector<double> times;
    for (int round = 0; round < kTimedRounds; ++round) {
        kernels::GpuTimer timer;
        timer.start(m_queue.stream());
        graph.launch(m_queue.stream());
        timer.stop(m_queue.stream());
        times.push_back(timer.milliseconds());
    }
    std::nth_element(times.begin(), times.begin() + kTimedRounds / 2, times.end());
    return 1e3 * times[kTimedRounds / 2] / static_cast<double>(m_model->layers.size());
}

} // namespace eigenquant
