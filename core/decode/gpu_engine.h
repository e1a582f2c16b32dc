// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/decoding_engine.h"
#include "core/decode/gpu_cache.h"
#include "core/decode/gpu_model.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace eigenquant {

/// Decoding with the kernels: the weights as they are stored, and a step that is recorded once and replayed. Throws
/// kernels::GpuError; see gpu_errors.h.
class GpuEngine : public DecodingEngine {
public:
    explicit GpuEngine(std::shared_ptr<const GpuModel> model);
    ~GpuEngine() override;

    const ModelConfig& config() const override { return m_model->config; }
    const GpuModel& model() const { return *m_model; }
    at::Tensor logits() override;
    void wait() override { m_queue.wait(); }
    std::uint64_t bytes() const override;
    std::string kernelNames(int rows) const override;
    int scoringTokens() const override;
    std::string deviceName() const override { return m_model->gpu.name; }
    std::string dtypeName() const override { return m_model->element == kernels::Element::F16 ? "f16" : "bf16"; }

    /// The next begin() takes the cache of another engine, where it fits: two that run in turns need one.
    void shareCache(const GpuEngine& other);
    /// Leaves run-time rotations out, to see what they cost; what is computed is then of no use.
    void skipRotations(bool skip) { m_skipRotations = skip; }
    /// Queues the steps one kernel at a time, in place of replaying what was recorded.
    void useGraphs(bool use) { m_useGraphs = use; }
    /// The linears of a site, "q+k+v", and what launches them for so many rows.
    static std::string siteName(Site site);
    std::string siteKernels(Site site, int rows) const;
    /// What they take in a step, microseconds: those of all layers one behind the other, so that weights are cold, over
    /// the number of layers; the median of several rounds.
    double siteMicroseconds(Site site);

protected:
    void doBegin() override;
    at::Tensor doFeed(std::span<const std::int32_t> ids, int tokens, bool all) override;
    void doStep() override;
    std::vector<std::int32_t> history(int first, int count) override;

private:
    /// Activations and what goes with them; rows are tokens of all sequences.
    struct Buffers {
        kernels::GpuBuffer residual, normed, mixed, qkv, gateUp, delta; ///< [rows, …] elements
        std::array<kernels::GpuBuffer, 3> views; ///< [rows, widest site]: what linears read
        kernels::GpuBuffer logits;               ///< F32 [logit rows, vocab]
        kernels::GpuBuffer ids, positions, history;
        kernels::GpuBuffer cosine, sine;
        kernels::GpuBuffer gemmWorkspace, columnWorkspace, attentionWorkspace, sampleWorkspace, dequantized;
        std::uint64_t bytes() const;
    };
    void allocate();
    std::size_t attentionBytes() const;
    void setPositions(int position);
    int longest(int length) const;
    kernels::GpuGraph recorded(const std::function<void()>& queue) const;

    // gpu_forward.cpp: kernels in their order, for rows = sequences · tokens.
    void queueStep(int longest);
    void queueForward(int tokens, int longest);
    void queueAddNorm(const GpuSite* site, const void* delta, const kernels::GpuBuffer& gain, int rows);
    void queueAttention(int layer, int tokens, int longest);
    void queueSilu(const GpuSite& site, int rows);
    void queueViews(const GpuSite& site, const void* in, std::int64_t stride, int rows);
    void queueOtherViews(const GpuSite& site, int rows);
    void queueHadamard(const GpuSite& site, const void* in, std::int64_t stride, int rows);
    void queueRotation(const GpuSite& site, const void* in, std::int64_t stride, int rows);
    void queueLinears(const GpuSite& site, void* out, int rows);
    void queueHead(int rows, int every);
    void queueSample();
    bool turns(const GpuSite& site) const { return site.turns() && !m_skipRotations; }
    LinearScratch scratch() const;

    std::shared_ptr<const GpuModel> m_model;
    kernels::GpuQueue m_queue;
    std::shared_ptr<GpuCache> m_cache;
    Buffers m_buffers;
    DecodingRun m_allocatedFor;
    /// Recorded steps, by the length that attention is ready for and whether rotations are left out. An entry without
    /// a graph says that such a step was run once: what is recorded must not be the first of its kind, since kernels
    /// are loaded and workspaces made on first use.
    std::map<std::pair<int, bool>, kernels::GpuGraph> m_graphs;
    bool m_skipRotations = false;
    bool m_useGraphs = true;
    int m_logitRow = 0; ///< where the logits of the last tokens are
};

} // namespace eigenquant
