// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/gpu.h"
#include "kernels/common/half.h"

#include <cstdint>

/// What a decoder's step computes besides its linears. Every function queues its work on the stream; each has a CPU
/// twin of the same name with "Cpu" behind it, over host memory and without a stream, that its tests compare with.
/// Pointers are to elements (16-bit floats of `Element`) where no other type is given; sums are float32. Rows of
/// activations are `stride` elements apart. All take their sizes at launch and read positions, ids and lengths from
/// memory, so that a recorded graph can be replayed at the next position. Kernels may be launched while the one before
/// still runs (programmatic dependent launch): each waits for it before it reads what it wrote.
namespace eigenquant::kernels {

/// out[i] = table[ids[i]], [tokens, width].
struct EmbedParams {
    const void* table;          ///< [vocab, width]
    const std::int32_t* ids;    ///< [tokens]
    void* out;                  ///< [tokens, width]
    int tokens, width;
    Element element;
};
void embed(const EmbedParams& params, Stream stream);

/// sum = residual + delta (kept for the next time), out[permutation] = RMSNorm(sum)·gain: the norm fused with the
/// addition before it and with the order that the next linears want their channels in.
struct AddNormParams {
    void* residual;                  ///< [tokens, width], in and out
    const void* delta;               ///< [tokens, width] added to it first, or null
    const float* gain;               ///< [width], by channel of the residual
    const std::int32_t* order;       ///< [width]: out[j] is channel order[j]; null: as they are
    void* out;                       ///< [tokens, outStride]
    std::int64_t outStride;
    int tokens, width;
    float epsilon;
    Element element;
    /// Where linears of one site want different orders: a second output of its own order, or null.
    const std::int32_t* secondOrder = nullptr;
    void* secondOut = nullptr;
    const std::int32_t* thirdOrder = nullptr;
    void* thirdOut = nullptr;
};
void addNorm(const AddNormParams& params, Stream stream);

/// out[t, j] = in[t, order[j]], [tokens, width].
struct PermuteParams {
    const void* in;
    std::int64_t inStride;
    const std::int32_t* order;
    void* out;
    std::int64_t outStride;
    int tokens, width;
    Element element;
};
void permute(const PermuteParams& params, Stream stream);

/// out[t, j] = silu(gate[t, order[j]])·up[t, order[j]].
struct SiluMulParams {
    const void* gate;
    const void* up;
    std::int64_t stride;             ///< of gate and of up, which may be halves of one row
    const std::int32_t* order;       ///< [width] or null
    void* out;
    std::int64_t outStride;
    int tokens, width;
    Element element;
};
void siluMul(const SiluMulParams& params, Stream stream);

/// x ← x·Q, Q = S·(A ⊗ H)/√width with signs S, a dense factor A and Sylvester's H of order 2^k; then out[j] is
/// channel order[j] of that.
struct HadamardParams {
    const void* in;                  ///< [tokens, width]
    std::int64_t inStride;
    const std::uint8_t* signs;       ///< bit i%8 of byte i/8 is set where channel i changes its sign
    const float* factor;             ///< [denseOrder, denseOrder], orthogonal; null where denseOrder is 1
    int denseOrder;                  ///< width / denseOrder is a power of two
    const std::int32_t* order;       ///< [width] or null
    void* out;
    std::int64_t outStride;
    int tokens, width;
    Element element;
};
void hadamard(const HadamardParams& params, Stream stream);

/// Keys and values of past tokens. FP16 or BF16: as they are. INT8: symmetric, a float32 scale a token and head, which
/// is the largest magnitude (or kLeastKvMagnitude) over 127.
inline constexpr float kLeastKvMagnitude = 1e-10f;
enum class KvType : std::uint8_t { Same, Int8 };
struct KvCache {
    void* keys;                ///< [sequences, kvHeads, capacity, headDim] elements or int8
    void* values;              ///< the same
    float* keyScales;          ///< [sequences, kvHeads, capacity]; Int8 only
    float* valueScales;
    KvType type;
    int kvHeads, headDim, capacity;
};

/// Rotary positions, the cache and causal attention in one: rotates q and k of new tokens, appends k and v to the
/// cache at their positions, and attends to all positions up to their own. headDim is 32 to 256, a multiple of 8;
/// cache and out are 16-byte aligned. A position beyond the capacity counts as the last (nothing is written outside).
/// A prefill is two kernels.
struct AttentionParams {
    const void* qkv;                 ///< [sequences·tokens, stride]: heads of q, then of k, then of v
    std::int64_t stride;
    const float* cosine;             ///< [positions, headDim/2]
    const float* sine;
    KvCache cache;
    const std::int32_t* positions;   ///< [sequences]: of each sequence's first new token
    void* out;                       ///< [sequences·tokens, outStride], heads side by side
    std::int64_t outStride;          ///< a multiple of 8
    int sequences, tokens;           ///< new tokens of each sequence: 1 when decoding, more in a prefill
    int heads;
    /// Positions that the launch must be ready for: splits of long sequences follow from it, never from `positions`.
    int longest;
    /// attentionWorkspaceBytes(), zeroed once and then attention's alone: it holds counters that every launch leaves at
    /// zero. Launches of one stream may share it. Unused (null will do) where tokens > 1.
    void* workspace;
    Element element;
    /// Where the next linear wants each channel, [heads·headDim], a permutation: channel c of the heads side by side
    /// goes to out[places[c]]. Null: as they are.
    const std::int32_t* places = nullptr;
};
std::size_t attentionWorkspaceBytes(int sequences, int tokens, int heads, int headDim, int longest,
                                    const GpuTraits& gpu);
void attention(const AttentionParams& params, const GpuTraits& gpu, Stream stream);

/// The next token of each sequence.
struct SampleParams {
    const float* logits;             ///< [sequences, vocab]
    int sequences, vocab;
    float temperature;               ///< 0: the largest logit, the lowest id of equal ones
    int topK;                        ///< 0: all
    float topP;                      ///< 1: all
    std::uint64_t seed;              ///< token i of sequence s depends on (seed, s, position) alone
    std::int32_t* positions;         ///< [sequences]: read, then each raised by one
    std::int32_t* ids;               ///< [sequences], out
    std::int32_t* history;           ///< [sequences, historyStride], written at the new position; or null
    std::int64_t historyStride;
    void* workspace;                 ///< sampleWorkspaceBytes()
};
std::size_t sampleWorkspaceBytes(int sequences, int vocab);
void sample(const SampleParams& params, Stream stream);

/// y[m, n] = x[m, k]·w[n, k]ᵀ with cuBLAS: elements in, elements or float32 out. One handle a thread and GPU, with a
/// workspace of its own, so that it can be recorded.
struct DenseGemmParams {
    const void* x;
    std::int64_t xStride;
    const void* w;                   ///< [n, k], rows of wStride
    std::int64_t wStride;
    void* y;                         ///< [m, yStride]
    std::int64_t yStride;
    int m, n, k;
    Element element;
    bool floatOut = false;
};
void denseGemm(const DenseGemmParams& params, Stream stream);

/// y[m, n] += bias[n].
struct AddBiasParams {
    void* y;
    std::int64_t stride;
    const float* bias;
    int rows, width;
    Element element;
};
void addBias(const AddBiasParams& params, Stream stream);

} // namespace eigenquant::kernels
