// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/decode/attention_split.h"
#include "kernels/decode/decode_kernels.h"
#include "kernels/decode/element.cuh"

/// One warp's attention of 8·NT queries to a range of cached keys, 16 keys at a time, straight from the cache to
/// tensor-core fragments: no shared memory lies between, since each key is used once by the warp that read it.
///
/// Both products are transposed, so that queries are the narrow side (N = 8) of m16n8k16:
///   Sᵀ[16 keys, 8 queries] = K·Qᵀ     A = K: rows g and g + 8 are keys, g = lane / 4
///   Oᵀ[64 dims, 8 queries] = Vᵀ·Pᵀ    A = Vᵀ: rows are dimensions, columns the 16 keys
/// A sum may be taken in any order, so a lane keeps eight neighbouring dimensions wherever the instruction would
/// scatter them, and every access to the cache is of eight values (16 bytes; 8 of an INT8 cache), t = lane % 4:
///   key g or g + 8, dimensions 32c + 8t .. + 7: words 0, 1 are step 2c's low and high columns, words 2, 3 step 2c+1's
///   keys 2t, 2t+1, 2t+8, 2t+9 of V, dimensions 64c + 8g .. + 7: row g of m-tile i is dimension 8g + 2i, row g + 8 the
///   next; pairs of keys are put into one word with a byte permutation.
/// Sᵀ has keys on its rows, where Pᵀ as the B operand wants them on its columns: movmatrix transposes the 8x8 pieces.
///
/// The softmax is the online one in base 2. For an INT8 cache the scale of a value is a term of the exponent,
/// p·scale = 2^(score + log2 scale - most): weights stay within [0, 1] and meet the integer codes as elements, and the
/// largest contribution, not the largest probability, decides what is rounded away.
namespace eigenquant::kernels {

template <KvType Kind>
struct CachePiece {
    using Type = uint4; ///< eight elements
    static constexpr int kValueBytes = 2;
};

template <>
struct CachePiece<KvType::Int8> {
    using Type = uint2; ///< eight codes
    static constexpr int kValueBytes = 1;
};

/// What the cache holds of one sequence and KV head.
struct CachedHead {
    const char* keys;         ///< [capacity, headDim]
    const char* values;       ///< [capacity, headDim]
    const float* keyScales;   ///< [capacity], Int8 only
    const float* valueScales; ///< [capacity], Int8 only
    int headDim;
};

template <KvType Kind>
__device__ CachedHead cachedHead(const KvCache& cache, int sequence, int kvHead)
{
    const std::int64_t first = (static_cast<std::int64_t>(sequence) * cache.kvHeads + kvHead) * cache.capacity;
    const std::int64_t bytes = first * cache.headDim * CachePiece<Kind>::kValueBytes;
    return {static_cast<const char*>(cache.keys) + bytes, static_cast<const char*>(cache.values) + bytes,
            cache.keyScales + first, cache.valueScales + first, cache.headDim};
}

/// Rows of queries in shared memory are 64 bytes apart modulo 128, so that two rows fill all banks.
template <int Chunks>
constexpr int kQueryStride = Chunks * kDimChunk + 32;

/// What a lane knows of its queries 2t and 2t + 1 of each tile: the running maximum, its own part of the sum, and
/// the output's dimensions 64c + 8g + 2i (numbers 0 and 1) and + 1 (numbers 2 and 3).
template <int Chunks, int NT>
struct Attended {
    float most[NT][2];
    float sum[NT][2];
    float out[Chunks][4][NT][4];
};

template <int Chunks, int NT>
__device__ void clear(Attended<Chunks, NT>& state)
{
#pragma unroll
    for (int n = 0; n < NT; ++n) {
#pragma unroll
        for (int j = 0; j < 2; ++j) {
            state.most[n][j] = -INFINITY;
            state.sum[n][j] = 0;
        }
#pragma unroll
        for (int c = 0; c < Chunks; ++c)
#pragma unroll
            for (int i = 0; i < 4; ++i)
#pragma unroll
                for (int k = 0; k < 4; ++k)
                    state.out[c][i][n][k] = 0;
    }
}

__device__ inline float power2(float exponent)
{
    float result;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(exponent));
    return result;
}

/// Over the eight lanes that hold the same queries.
__device__ inline float maxOverKeys(float value)
{
#pragma unroll
    for (int distance = 4; distance < 32; distance *= 2)
        value = fmaxf(value, __shfl_xor_sync(~0u, value, distance));
    return value;
}

__device__ inline float sumOverKeys(float value)
{
#pragma unroll
    for (int distance = 4; distance < 32; distance *= 2)
        value += __shfl_xor_sync(~0u, value, distance);
    return value;
}

__device__ inline std::uint32_t transposed8x8(std::uint32_t word)
{
    std::uint32_t result;
    asm volatile("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(result) : "r"(word));
    return result;
}

/// c[16, 8] += a[16, 16]·b[16, 8].
template <class T>
__device__ void multiplyAdd(float (&c)[4], std::uint32_t a0, std::uint32_t a1, std::uint32_t a2, std::uint32_t a3,
                            std::uint32_t b0, std::uint32_t b1)
{
    if constexpr (sizeof(T) == 2 && std::is_same_v<T, __half>)
        asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
            : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
            : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
    else
        asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
            "{%0,%1,%2,%3};"
            : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
            : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
}

/// Four signed bytes as elements, exactly: bytes 0, 1 in the first word and 2, 3 in the second.
template <class T>
__device__ void widen(std::uint32_t codes, std::uint32_t& first, std::uint32_t& second)
{
    if constexpr (std::is_same_v<T, __half>) { // 0x64bb is 1024 + b, and b is the code plus 128
        const __half2 bias = __halves2half2(__ushort_as_half(0x6480), __ushort_as_half(0x6480));
        const std::uint32_t shifted = codes ^ 0x80808080u;
        const std::uint32_t pairs[2] = {__byte_perm(shifted, 0x64646464u, 0x4140),
                                        __byte_perm(shifted, 0x64646464u, 0x4342)};
        __half2 low, high;
        memcpy(&low, &pairs[0], 4);
        memcpy(&high, &pairs[1], 4);
        low = __hsub2(low, bias);
        high = __hsub2(high, bias);
        memcpy(&first, &low, 4);
        memcpy(&second, &high, 4);
    } else { // 0x43bb is 128 + b for b < 128; the sign bit is worth -128, which is 0x4380 less 0x4300
        const auto widenPair = [](std::uint32_t bytes) {
            const std::uint32_t words[2] = {(bytes & 0x007f007fu) | 0x43004300u,
                                            (bytes & 0x00800080u) | 0x43004300u};
            __nv_bfloat162 magnitude, sign;
            memcpy(&magnitude, &words[0], 4);
            memcpy(&sign, &words[1], 4);
            magnitude = __hsub2(magnitude, sign);
            std::uint32_t word;
            memcpy(&word, &magnitude, 4);
            return word;
        };
        first = widenPair(__byte_perm(codes, 0, 0x4140));
        second = widenPair(__byte_perm(codes, 0, 0x4342));
    }
}

/// Words of two neighbouring dimensions of one key.
template <class T>
__device__ void keyWords(uint4 piece, std::uint32_t (&words)[4])
{
    words[0] = piece.x;
    words[1] = piece.y;
    words[2] = piece.z;
    words[3] = piece.w;
}

template <class T>
__device__ void keyWords(uint2 piece, std::uint32_t (&words)[4])
{
    widen<T>(piece.x, words[0], words[1]);
    widen<T>(piece.y, words[2], words[3]);
}

/// Words of one dimension of two keys, for each of eight dimensions.
template <class T>
__device__ void valueWords(uint4 first, uint4 second, std::uint32_t (&words)[8])
{
    const std::uint32_t a[4] = {first.x, first.y, first.z, first.w};
    const std::uint32_t b[4] = {second.x, second.y, second.z, second.w};
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        words[2 * i] = __byte_perm(a[i], b[i], 0x5410);
        words[2 * i + 1] = __byte_perm(a[i], b[i], 0x7632);
    }
}

template <class T>
__device__ void valueWords(uint2 first, uint2 second, std::uint32_t (&words)[8])
{
    widen<T>(__byte_perm(first.x, second.x, 0x5140), words[0], words[1]);
    widen<T>(__byte_perm(first.x, second.x, 0x7362), words[2], words[3]);
    widen<T>(__byte_perm(first.y, second.y, 0x5140), words[4], words[5]);
    widen<T>(__byte_perm(first.y, second.y, 0x7362), words[6], words[7]);
}

/// A warp at work. Streaming: the cache is read once, past the caches; else other warps are about to read it too.
template <class T, KvType Kind, int Chunks, int NT, bool Streaming>
class WarpAttention {
public:
    using Piece = typename CachePiece<Kind>::Type;

    /// `queries`: [8·NT, kQueryStride] in shared memory, zero where there is none. scale2: of scores, times log2 e.
    __device__ WarpAttention(const CachedHead& cache, const T* queries, float scale2)
        : m_cache(cache), m_row(threadIdx.x % 32 / 4), m_column(threadIdx.x % 4),
          m_queries(queries + m_row * kQueryStride<Chunks> + m_column * 8), m_scale2(scale2),
          m_rowBytes(cache.headDim * CachePiece<Kind>::kValueBytes),
          m_keys(cache.keys + m_row * m_rowBytes + m_column * 8 * CachePiece<Kind>::kValueBytes),
          m_values(cache.values + 2 * m_column * m_rowBytes + m_row * 8 * CachePiece<Kind>::kValueBytes)
    {
    }

    /// A lane's part of 16 keys and their values, and the scales of keys g and g + 8 and of their values.
    struct Tile {
        Piece keys[2][2 * Chunks], values[4][Chunks];
        float scale[2], weight[2];
    };

    /// Keys first, first + step, … before `end`, 16 from each; query j of tile n sees keys below limits[n][j].
    /// `tile` holds what load() brought from `first`: it may have been asked for long before the queries are
    /// ready. Each part of the next tile is asked for as soon as that of this one has been used.
    __device__ void attend(Attended<Chunks, NT>& state, Tile& tile, int first, int step, int end,
                           const int (&limits)[NT][2])
    {
        for (int base = first; base < end; base += step) {
            if constexpr (!kValuesAhead)
                loadValues(tile, base, end);
            float scores[NT][4] = {};
            scoreKeys(scores, tile);
            const float keyScale[2] = {tile.scale[0], tile.scale[1]}, weight[2] = {tile.weight[0], tile.weight[1]};
            loadKeys(tile, base + step, end);
            std::uint32_t weights[NT][2];
            weigh(state, scores, keyScale, weight, base, limits, weights);
            addValues(state, tile, weights);
            if constexpr (kValuesAhead)
                loadValues(tile, base + step, end);
        }
    }

    /// What is not there is zero: a key beyond the end may be anything, NaN too, in memory.
    __device__ void load(Tile& tile, int base, int end) const
    {
        loadKeys(tile, base, end);
        if constexpr (kValuesAhead)
            loadValues(tile, base, end);
    }

private:
    /// Whether registers hold a tile's values beside its keys while scores are computed: not those of 256 dimensions in
    /// 16 bits beside the outputs of 16 queries.
    static constexpr bool kValuesAhead = Kind == KvType::Int8 || Chunks * NT < 8;

    __device__ void loadKeys(Tile& tile, int base, int end) const
    {
        constexpr int kBytes = CachePiece<Kind>::kValueBytes;
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            const int key = base + m_row + 8 * half;
            const char* row = m_keys + static_cast<std::int64_t>(base + 8 * half) * m_rowBytes;
#pragma unroll
            for (int c = 0; c < 2 * Chunks; ++c) { // only the last chunk of 64 may be beyond the head
                const bool inHead = c < 2 * Chunks - 2 || 32 * c + 8 * m_column < m_cache.headDim;
                tile.keys[half][c] = fetch(row + 32 * c * kBytes, key < end && inHead);
            }
            if constexpr (Kind == KvType::Int8) {
                tile.scale[half] = key < end ? m_cache.keyScales[key] : 0.0f;
                tile.weight[half] = key < end ? m_cache.valueScales[key] : 1.0f;
            }
        }
    }

    __device__ static Piece fetch(const char* address, bool there)
    {
        Piece piece{};
        if (there)
            piece = Streaming ? __ldcs(reinterpret_cast<const Piece*>(address))
                              : __ldca(reinterpret_cast<const Piece*>(address));
        return piece;
    }

    __device__ void loadValues(Tile& tile, int base, int end) const
    {
        constexpr int kBytes = CachePiece<Kind>::kValueBytes;
#pragma unroll
        for (int k = 0; k < 4; ++k) {
            const int step = k % 2 + k / 2 * 8;
            const char* row = m_values + static_cast<std::int64_t>(base + step) * m_rowBytes;
#pragma unroll
            for (int c = 0; c < Chunks; ++c) {
                const bool inHead = c < Chunks - 1 || kDimChunk * c + 8 * m_row < m_cache.headDim;
                tile.values[k][c] = fetch(row + kDimChunk * c * kBytes, base + 2 * m_column + step < end && inHead);
            }
        }
    }

    /// Sᵀ += K·Qᵀ.
    __device__ void scoreKeys(float (&scores)[NT][4], const Tile& tile) const
    {
#pragma unroll
        for (int c = 0; c < 2 * Chunks; ++c) {
            std::uint32_t upper[4], lower[4];
            keyWords<T>(tile.keys[0][c], upper);
            keyWords<T>(tile.keys[1][c], lower);
#pragma unroll
            for (int n = 0; n < NT; ++n) {
                const uint4 query =
                    *reinterpret_cast<const uint4*>(m_queries + n * kQueryTile * kQueryStride<Chunks> + 32 * c);
                multiplyAdd<T>(scores[n], upper[0], lower[0], upper[1], lower[1], query.x, query.y);
                multiplyAdd<T>(scores[n], upper[2], lower[2], upper[3], lower[3], query.z, query.w);
            }
        }
    }

    /// The softmax's step: new maxima, sums and scaled outputs, and Pᵀ as the B operand of 16 keys.
    __device__ void weigh(Attended<Chunks, NT>& state, const float (&scores)[NT][4], const float (&keyScale)[2],
                          const float (&valueScale)[2], int base, const int (&limits)[NT][2],
                          std::uint32_t (&weights)[NT][2]) const
    {
        const int key = base + m_row;
        float factor[2] = {m_scale2, m_scale2}, bias[2] = {0, 0};
        if constexpr (Kind == KvType::Int8) {
#pragma unroll
            for (int half = 0; half < 2; ++half) {
                factor[half] *= keyScale[half];
                bias[half] = __log2f(valueScale[half]);
            }
        }
#pragma unroll
        for (int n = 0; n < NT; ++n) {
            float weight[2][2]; // of key g and g + 8, query 2t and 2t + 1
#pragma unroll
            for (int j = 0; j < 2; ++j) {
                const float upper = key < limits[n][j] ? scores[n][j] * factor[0] : -INFINITY;
                const float lower = key + 8 < limits[n][j] ? scores[n][j + 2] * factor[1] : -INFINITY;
                const float most =
                    fmaxf(state.most[n][j], maxOverKeys(fmaxf(upper + bias[0], lower + bias[1])));
                const float correction = power2(state.most[n][j] - most);
                weight[0][j] = power2(upper + bias[0] - most);
                weight[1][j] = power2(lower + bias[1] - most);
                const float added = Kind == KvType::Int8 ? power2(upper - most) + power2(lower - most)
                                                         : weight[0][j] + weight[1][j];
                state.most[n][j] = most;
                state.sum[n][j] = state.sum[n][j] * correction + added;
#pragma unroll
                for (int c = 0; c < Chunks; ++c)
#pragma unroll
                    for (int i = 0; i < 4; ++i) {
                        state.out[c][i][n][j] *= correction;
                        state.out[c][i][n][j + 2] *= correction;
                    }
            }
            weights[n][0] = transposed8x8(packPair<T>(weight[0][0], weight[0][1]));
            weights[n][1] = transposed8x8(packPair<T>(weight[1][0], weight[1][1]));
        }
    }

    /// Oᵀ += Vᵀ·Pᵀ.
    __device__ static void addValues(Attended<Chunks, NT>& state, const Tile& tile,
                                     const std::uint32_t (&weights)[NT][2])
    {
#pragma unroll
        for (int c = 0; c < Chunks; ++c) {
            std::uint32_t low[8], high[8];
            valueWords<T>(tile.values[0][c], tile.values[1][c], low);
            valueWords<T>(tile.values[2][c], tile.values[3][c], high);
#pragma unroll
            for (int i = 0; i < 4; ++i)
#pragma unroll
                for (int n = 0; n < NT; ++n)
                    multiplyAdd<T>(state.out[c][i][n], low[2 * i], low[2 * i + 1], high[2 * i], high[2 * i + 1],
                                   weights[n][0], weights[n][1]);
        }
    }

    CachedHead m_cache;
    int m_row, m_column;    ///< g and t
    const T* m_queries;     ///< of query g, dimension 8t
    float m_scale2;
    int m_rowBytes;
    const char* m_keys;     ///< of key g, dimension 8t
    const char* m_values;   ///< of key 2t, dimension 8g
};

} // namespace eigenquant::kernels
