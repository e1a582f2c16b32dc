// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/config.h"
#include "core/results/latency.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace eigenquant {

/// How the next token is chosen.
struct Sampling {
    double temperature = 0; ///< 0: the largest logit, the lowest id of equal ones
    int topK = 0;           ///< 0: all
    double topP = 1;        ///< 1: all
    std::uint64_t seed = 0; ///< the draw for a sequence and position depends on these two and the seed alone
};

/// What a run of an engine needs room for.
struct DecodingRun {
    int sequences = 1;
    int length = 0; ///< tokens of a sequence, prompt included
    KvPrecision kv = KvPrecision::F16;
    Sampling sampling;
};

/// Decodes some sequences side by side, all of them at the same position, with a cache of keys and values:
///
///     engine.begin({.sequences = 2, .length = 264});
///     engine.feed(prompts);   // [2, tokens]; chooses the first new token of each
///     engine.step(255);       // 255 times: feeds what was chosen, and chooses the next
///     engine.sampled();       // [2, 256]
///
/// Rotary positions are those of a sequence of `length` tokens, which matters only where they depend on it.
class DecodingEngine {
public:
    virtual ~DecodingEngine() = default;
    virtual const ModelConfig& config() const = 0;

    /// Forgets all sequences and begins new ones at position 0.
    void begin(const DecodingRun& run);
    /// The next tokens of every sequence, [sequences, tokens]. Error::usage for ids outside the vocabulary.
    void feed(std::span<const std::int32_t> ids);
    /// The same for a run of one sequence; returns the logits of each of these tokens, F32 on the CPU [tokens, vocab].
    at::Tensor feedForLogits(std::span<const std::int32_t> ids);
    /// So many times: the token that was chosen is fed, and the next is chosen. May return before the work is done.
    void step(int count = 1);

    /// The logits of the last tokens that were fed, F32 on the CPU [sequences, vocab].
    virtual at::Tensor logits() = 0;
    /// The tokens that were chosen since the last feed(), [sequences, 1 + steps]; waits for them.
    std::vector<std::int32_t> sampled();
    /// Waits until all work is done.
    virtual void wait() = 0;

    /// Memory of weights, cache and scratch, bytes.
    virtual std::uint64_t bytes() const = 0;
    /// What computes the linears of a step, and of a feed of so many rows: "sm90 128x64", "cuBLAS f16"; empty for
    /// libtorch.
    virtual std::string kernelNames(int rows) const = 0;
    /// Tokens that are best fed at a time where all of them are scored: as many as the fused kernels take.
    virtual int scoringTokens() const = 0;
    virtual std::string deviceName() const = 0;
    virtual std::string dtypeName() const = 0;

    const DecodingRun& run() const { return m_run; }
    /// Tokens that were fed so far, of each sequence.
    int position() const { return m_position; }

protected:
    explicit DecodingEngine() = default;
    virtual void doBegin() = 0;
    /// ids [sequences, tokens] at position(). Returns the logits of all of them if `all`, else an undefined tensor, and
    /// chooses the next token.
    virtual at::Tensor doFeed(std::span<const std::int32_t> ids, int tokens, bool all) = 0;
    virtual void doStep() = 0;
    /// [sequences, count] of what was chosen for positions first, first + 1, …
    virtual std::vector<std::int32_t> history(int first, int count) = 0;

private:
    int checkedTokens(std::span<const std::int32_t> ids) const;

    DecodingRun m_run;
    int m_position = 0;
    int m_fed = 0; ///< position() after the last feed
};

} // namespace eigenquant
