// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/common/launch.cuh"
#include "kernels/decode/append.cuh"
#include "kernels/decode/attention_launch.cuh"
#include "kernels/decode/attention_tile.cuh"

/// Causal attention of several new tokens a sequence. One kernel rotates the new keys and brings them and the values
/// to the cache; the other attends, 64 queries a block and 16 a warp, straight from the cache: the four warps read the
/// same keys at about the same time, so three of four reads are the first-level cache's. Queries of one KV head are
/// rows r = token·group + head, so that grouped heads share what is read too.
///
/// Shared memory: queries, and in their place what a warp has found for them, [64, 64·Chunks + 32] elements: 20 KB for
/// heads of 128 dimensions.
namespace eigenquant::kernels {
namespace {

constexpr int kThreads = 32 * kAttentionWarps;
constexpr int kTiles = 2; ///< of 8 queries, of a warp
constexpr int kWarpRows = kTiles * kQueryTile;
static_assert(kWarpRows * kAttentionWarps == kPrefillRows);

__device__ int clampedPosition(const AttentionParams& params, int sequence, int token)
{
    return max(0, min(params.positions[sequence] + token, params.cache.capacity - 1));
}

/// A warp for each new token and KV head: its key, then its value.
template <class T, KvType Kind>
__global__ void __launch_bounds__(kThreads) appendKernel(const AttentionParams params)
{
    waitForPrevious();
    releaseNext();
    const KvCache& cache = params.cache;
    const int half = cache.headDim / 2, lane = threadIdx.x % 32;
    const int kvHead = blockIdx.x * kAttentionWarps + threadIdx.x / 32, token = blockIdx.y, sequence = blockIdx.z;
    if (kvHead >= cache.kvHeads || params.positions[sequence] + token >= cache.capacity)
        return;
    const std::int64_t position = clampedPosition(params, sequence, token);
    const T* row = static_cast<const T*>(params.qkv) +
                   (static_cast<std::int64_t>(sequence) * params.tokens + token) * params.stride;
    const T* key = row + (params.heads + kvHead) * cache.headDim;
    const std::int64_t index =
        (static_cast<std::int64_t>(sequence) * cache.kvHeads + kvHead) * cache.capacity + position;
    LaneOfHead rotated =
        rotatedHead(key, params.cosine + position * half, params.sine + position * half, half, lane);
    LaneOfHead value = plainHead(key + cache.kvHeads * cache.headDim, half, lane);
    appendHead<T, Kind>(rotated, cache.keys, cache.keyScales, index, half, lane);
    appendHead<T, Kind>(value, cache.values, cache.valueScales, index, half, lane);
}

/// The rows of a block: r = token·group + head of the KV head's group.
struct Rows {
    int sequence, kvHead, group, first, count;

    __device__ int token(int row) const { return (first + row) / group; }
    __device__ int head(int row) const { return kvHead * group + (first + row) % group; }
};

/// Step 1: rotated queries to shared memory, zero where there are none.
template <class T, int Chunks>
__device__ void bringQueries(T* queries, const AttentionParams& params, const Rows& rows)
{
    const int headDim = params.cache.headDim, half = headDim / 2;
    for (int index = threadIdx.x; index < rows.count * half; index += kThreads) {
        const int row = index / half, i = index % half, token = rows.token(row);
        const std::int64_t position = clampedPosition(params, rows.sequence, token);
        const T* head = static_cast<const T*>(params.qkv) +
                        (static_cast<std::int64_t>(rows.sequence) * params.tokens + token) * params.stride +
                        rows.head(row) * headDim;
        float low, high;
        rotatedPair(head, params.cosine + position * half, params.sine + position * half, i, half, low, high);
        queries[row * kQueryStride<Chunks> + i] = fromFloat<T>(low);
        queries[row * kQueryStride<Chunks> + i + half] = fromFloat<T>(high);
    }
}

/// Step 3: a lane's eight neighbouring dimensions of each of its queries to where those queries were, which the warp
/// alone has read. `rows`: the warp's, [16, kQueryStride].
template <class T, int Chunks>
__device__ void leaveOutputs(T* rows, const Attended<Chunks, kTiles>& state)
{
    const int row = threadIdx.x % 32 / 4, column = threadIdx.x % 4;
    __syncwarp();
#pragma unroll
    for (int n = 0; n < kTiles; ++n)
#pragma unroll
        for (int j = 0; j < 2; ++j) {
            const float inverse = 1.0f / sumOverKeys(state.sum[n][j]);
            T* out = rows + (kQueryTile * n + 2 * column + j) * kQueryStride<Chunks> + 8 * row;
#pragma unroll
            for (int c = 0; c < Chunks; ++c) {
                uint4 eight;
                eight.x = packPair<T>(state.out[c][0][n][j] * inverse, state.out[c][0][n][j + 2] * inverse);
                eight.y = packPair<T>(state.out[c][1][n][j] * inverse, state.out[c][1][n][j + 2] * inverse);
                eight.z = packPair<T>(state.out[c][2][n][j] * inverse, state.out[c][2][n][j + 2] * inverse);
                eight.w = packPair<T>(state.out[c][3][n][j] * inverse, state.out[c][3][n][j + 2] * inverse);
                *reinterpret_cast<uint4*>(out + kDimChunk * c) = eight;
            }
        }
    __syncwarp();
}

/// Step 4: the warp's rows to the output, one after the other: 16 bytes a lane, or in another order one channel,
/// so that neighbours, which mostly stay neighbours, are stored together.
template <class T, int Chunks>
__device__ void writeOut(const T* found, const AttentionParams& params, const Rows& rows, int warpRow)
{
    const int lane = threadIdx.x % 32, headDim = params.cache.headDim;
    const int count = min(kWarpRows, rows.count - warpRow);
    for (int r = 0; r < count; ++r, found += kQueryStride<Chunks>) {
        const int first = rows.head(warpRow + r) * headDim;
        T* out = static_cast<T*>(params.out) +
                 (static_cast<std::int64_t>(rows.sequence) * params.tokens + rows.token(warpRow + r)) *
                     params.outStride;
        if (params.places)
            for (int dim = lane; dim < headDim; dim += 32)
                out[params.places[first + dim]] = found[dim];
        else if (8 * lane < headDim)
            *reinterpret_cast<uint4*>(out + first + 8 * lane) = *reinterpret_cast<const uint4*>(found + 8 * lane);
    }
}

template <class T, KvType Kind, int Chunks>
__global__ void __launch_bounds__(kThreads, 2) prefillKernel(const AttentionParams params, const float scale2)
{
    extern __shared__ __align__(16) char sharedBytes[];
    T* queries = reinterpret_cast<T*>(sharedBytes);
    constexpr int kWords = kPrefillRows * kQueryStride<Chunks> / 2;
    for (int i = threadIdx.x; i < kWords; i += kThreads)
        reinterpret_cast<unsigned*>(sharedBytes)[i] = 0;
    __syncthreads();
    waitForPrevious();
    releaseNext();

    const int group = params.heads / params.cache.kvHeads;
    const int rowTile = gridDim.x - 1 - blockIdx.x; // the last tokens have most to do: they start first
    const int first = rowTile * kPrefillRows;
    const Rows rows{static_cast<int>(blockIdx.z), static_cast<int>(blockIdx.y), group, first,
                    min(kPrefillRows, params.tokens * group - first)};
    bringQueries<T, Chunks>(queries, params, rows);
    __syncthreads();

    // Step 2: each warp its 16 rows; a row sees the keys up to its own token.
    const int warpRow = threadIdx.x / 32 * kWarpRows;
    if (warpRow >= rows.count)
        return;
    int limits[kTiles][2];
#pragma unroll
    for (int n = 0; n < kTiles; ++n)
#pragma unroll
        for (int j = 0; j < 2; ++j) {
            const int row = min(warpRow + kQueryTile * n + 2 * static_cast<int>(threadIdx.x % 4) + j, rows.count - 1);
            limits[n][j] = clampedPosition(params, rows.sequence, rows.token(row)) + 1;
        }
    const int lastRow = min(warpRow + kWarpRows, rows.count) - 1;
    const int end = clampedPosition(params, rows.sequence, rows.token(lastRow)) + 1;
    Attended<Chunks, kTiles> state;
    clear(state);
    using Attention = WarpAttention<T, Kind, Chunks, kTiles, false>;
    Attention attention(cachedHead<Kind>(params.cache, rows.sequence, rows.kvHead),
                        queries + warpRow * kQueryStride<Chunks>, scale2);
    typename Attention::Tile tile;
    attention.load(tile, 0, end);
    attention.attend(state, tile, 0, kTileKeys, end, limits);
    leaveOutputs<T, Chunks>(queries + warpRow * kQueryStride<Chunks>, state);
    writeOut<T, Chunks>(queries + warpRow * kQueryStride<Chunks>, params, rows, warpRow);
}

} // namespace

void prefillAttention(const AttentionParams& params, Stream stream)
{
    const KvCache& cache = params.cache;
    const unsigned sequences = static_cast<unsigned>(params.sequences);
    const int rows = params.tokens * (params.heads / cache.kvHeads);
    withAttentionTypes(params, [&](auto element, auto kind, auto chunks) {
        using T = decltype(element);
        const dim3 appendGrid(static_cast<unsigned>(ceilDivide(cache.kvHeads, kAttentionWarps)),
                              static_cast<unsigned>(params.tokens), sequences);
        launch("appending to the cache", appendKernel<T, kind.value>, appendGrid, dim3(kThreads), 0, stream, params);
        const auto kernel = prefillKernel<T, kind.value, chunks.value>;
        constexpr std::size_t kBytes = sizeof(unsigned short) * kPrefillRows * kQueryStride<chunks.value>;
        allowSharedBytes(kernel, kBytes);
        const dim3 grid(static_cast<unsigned>(ceilDivide(rows, kPrefillRows)), static_cast<unsigned>(cache.kvHeads),
                        sequences);
        launch("attention of a prefill", kernel, grid, dim3(kThreads), kBytes, stream, params,
               scoreScale2(cache.headDim));
    });
}

} // namespace eigenquant::kernels
