// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/decoding_engine.h"
#include "core/model/decoder.h"

#include <memory>
#include <vector>

namespace eigenquant {

/// Decoding on libtorch: the linears of a Decoder, whose weights it shares, and a cache. Made for the CPU, where it
/// is the reference of the other engine; it runs wherever the decoder does.
class CpuEngine : public DecodingEngine {
public:
    explicit CpuEngine(std::shared_ptr<const Decoder> decoder);

    const ModelConfig& config() const override { return m_decoder->config(); }
    at::Tensor logits() override;
    void wait() override {}
    std::uint64_t bytes() const override;
    std::string kernelNames(int) const override { return {}; }
    int scoringTokens() const override { return 512; }
    std::string deviceName() const override { return m_decoder->target().deviceName(); }
    std::string dtypeName() const override { return m_decoder->target().dtypeName(); }

protected:
    void doBegin() override;
    at::Tensor doFeed(std::span<const std::int32_t> ids, int tokens, bool all) override;
    void doStep() override;
    std::vector<std::int32_t> history(int first, int count) override;

private:
    /// Keys or values of one layer, [sequences, kvHeads, length, headDim]: as they are, or int8 with a float32 scale
    /// a token and head.
    struct Cached {
        at::Tensor values, scales;
    };
    struct LayerCache {
        Cached keys, values;
    };
    Cached emptyCache() const;
    void append(Cached& cached, const at::Tensor& fresh) const;
    at::Tensor upTo(const Cached& cached, int length, at::ScalarType dtype) const;
    at::Tensor attend(int layer, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v);
    at::Tensor forward(std::span<const std::int32_t> ids, int tokens);
    void choose(int position);

    std::shared_ptr<const Decoder> m_decoder;
    std::vector<LayerCache> m_caches;
    RopeTable m_rope;
    at::Tensor m_logits;                  ///< F32 on the CPU [sequences, vocab]
    std::vector<std::int32_t> m_chosen;   ///< [sequences]
    std::vector<std::int32_t> m_history;  ///< [sequences, length + 1]
    int m_start = 0;                      ///< position of the pass that runs
};

} // namespace eigenquant
