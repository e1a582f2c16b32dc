// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/common/launch.cuh"
#include "kernels/decode/append.cuh"
#include "kernels/decode/attention_launch.cuh"
#include "kernels/decode/attention_tile.cuh"

/// Attention of one new token a sequence: a block serves all query heads of one KV head (up to 16; more are further
/// blocks), so that the cache is read once, and its four warps take turns at tiles of 16 keys. Where sequences and
/// heads do not fill the GPU, blocks share the keys and the last to finish adds their parts in their order.
///
/// The new token is not read back from the cache: it is the state from which one warp of split 0 starts, the last one,
/// which has no more tiles than the others.
///
/// Shared memory: queries [8·NT, 64·Chunks + 32] elements, the new key and value as the cache holds them
/// [2, 64·Chunks] float32 and their scales, each warp's maxima and sums [4, 8·NT] float32 pairs, and its outputs
/// [4, queries, 64·Chunks] float32: 6 KB for one query head of 128 dimensions, 90 KB at most.
namespace eigenquant::kernels {
namespace {

constexpr int kThreads = 32 * kAttentionWarps;

struct Shape {
    int queriesPerKvHead, queryTiles, splits;
    float scale2;
};

template <int Chunks, int NT>
struct DecodeShared {
    static constexpr int kDims = Chunks * kDimChunk;
    static constexpr int kQueries = kQueryTile * NT;

    alignas(16) unsigned short queries[kQueries * kQueryStride<Chunks>];
    float fresh[2][kDims]; ///< the new key and value
    float freshScale[2];
    float2 stats[kAttentionWarps][kQueries];
    int last; ///< whether this block is the one that adds up
    alignas(16) float parts[1]; ///< [4, queries, kDims], as many as the launch asked for

    static std::size_t bytes(int queries)
    {
        return sizeof(DecodeShared) + sizeof(float) * kAttentionWarps * queries * kDims;
    }
};

/// Blocks of a multiprocessor that registers must leave room for: 16 warps with half of their loads in flight are
/// 64 KB, twice what the latency of the memory asks for. Larger heads need the registers more.
constexpr int residentBlocks(int chunks, int tiles)
{
    const int outputs = chunks * tiles;
    return outputs <= 2 ? 4 : 2;
}

/// Everything that a block needs to know of its place.
struct Place {
    int sequence, kvHead, firstHead, queries, split, used;
    int position, begin, end;
    int part; ///< of the partial results
};

__device__ Place placeOf(const AttentionParams& params, const Shape& shape, int kQueries)
{
    Place place;
    place.split = blockIdx.x;
    place.kvHead = blockIdx.y / shape.queryTiles;
    place.sequence = blockIdx.z;
    const int first = blockIdx.y % shape.queryTiles * kQueries;
    place.firstHead = place.kvHead * shape.queriesPerKvHead + first;
    place.queries = min(kQueries, shape.queriesPerKvHead - first);
    place.position = max(0, min(params.positions[place.sequence], params.cache.capacity - 1));
    const int share = splitKeys(place.position, shape.splits);
    place.used = max(1, ceilDivide(place.position, share));
    place.begin = place.split * share;
    place.end = min(place.begin + share, place.position);
    place.part = (blockIdx.z * gridDim.y + blockIdx.y) * shape.splits;
    return place;
}

/// Step 1: rotated queries to shared memory by the last warps; in split 0 the first two bring the new key and value
/// to the cache and to shared memory.
template <class T, KvType Kind, int Chunks, int NT>
__device__ void bringNewToken(DecodeShared<Chunks, NT>& shared, const AttentionParams& params, const Place& place)
{
    const KvCache& cache = params.cache;
    const int half = cache.headDim / 2, warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    const T* token = static_cast<const T*>(params.qkv) + place.sequence * params.stride;
    const float* cosine = params.cosine + static_cast<std::int64_t>(place.position) * half;
    const float* sine = params.sine + static_cast<std::int64_t>(place.position) * half;
    const bool bringsPair = place.split == 0;

    if (bringsPair && warp < 2) {
        const T* head = token + (params.heads + warp * cache.kvHeads + place.kvHead) * cache.headDim;
        LaneOfHead row = warp == 0 ? rotatedHead(head, cosine, sine, half, lane) : plainHead(head, half, lane);
        const std::int64_t index =
            (static_cast<std::int64_t>(place.sequence) * cache.kvHeads + place.kvHead) * cache.capacity +
            place.position;
        // Blocks of further query heads write the same bytes.
        const float scale = appendHead<T, Kind>(row, warp == 0 ? cache.keys : cache.values,
                                                warp == 0 ? cache.keyScales : cache.valueScales, index, half, lane);
        if (lane == 0)
            shared.freshScale[warp] = scale;
#pragma unroll
        for (int j = 0; j < kMostPairs; ++j)
            if (lane + 32 * j < half) {
                shared.fresh[warp][lane + 32 * j] = row.low[j];
                shared.fresh[warp][lane + 32 * j + half] = row.high[j];
            }
        return;
    }
    const int firstThread = bringsPair ? 64 : 0;
    T* queries = reinterpret_cast<T*>(shared.queries);
    for (int index = threadIdx.x - firstThread; index < place.queries * half; index += kThreads - firstThread) {
        const int query = index / half, i = index % half;
        float low, high;
        rotatedPair(token + (place.firstHead + query) * cache.headDim, cosine, sine, i, half, low, high);
        queries[query * kQueryStride<Chunks> + i] = fromFloat<T>(low);
        queries[query * kQueryStride<Chunks> + i + half] = fromFloat<T>(high);
    }
}

/// Step 2: the state of having seen the new token alone.
template <class T, KvType Kind, int Chunks, int NT>
__device__ void startFromNewToken(Attended<Chunks, NT>& state, const DecodeShared<Chunks, NT>& shared, float scale2)
{
    const int row = threadIdx.x % 32 / 4, column = threadIdx.x % 4;
    const T* queries = reinterpret_cast<const T*>(shared.queries);
    const bool coded = Kind == KvType::Int8;
    const float factor = coded ? scale2 * shared.freshScale[0] : scale2;
    const float bias = coded ? __log2f(shared.freshScale[1]) : 0.0f;
#pragma unroll
    for (int n = 0; n < NT; ++n)
#pragma unroll
        for (int j = 0; j < 2; ++j) {
            const T* query = queries + (kQueryTile * n + 2 * column + j) * kQueryStride<Chunks>;
            float dot = 0;
            for (int dim = row; dim < Chunks * kDimChunk; dim += 8)
                dot += toFloat(query[dim]) * shared.fresh[0][dim];
            const float score = sumOverKeys(dot) * factor;
            state.most[n][j] = score + bias;
            state.sum[n][j] = row == 0 ? power2(-bias) : 0.0f;
#pragma unroll
            for (int c = 0; c < Chunks; ++c)
#pragma unroll
                for (int i = 0; i < 4; ++i) {
                    state.out[c][i][n][j] = shared.fresh[1][kDimChunk * c + 8 * row + 2 * i];
                    state.out[c][i][n][j + 2] = shared.fresh[1][kDimChunk * c + 8 * row + 2 * i + 1];
                }
        }
}

/// Step 4: what a warp has found, to shared memory.
template <int Chunks, int NT>
__device__ void leaveParts(DecodeShared<Chunks, NT>& shared, const Attended<Chunks, NT>& state, int queries)
{
    const int warp = threadIdx.x / 32, row = threadIdx.x % 32 / 4, column = threadIdx.x % 4;
#pragma unroll
    for (int n = 0; n < NT; ++n)
#pragma unroll
        for (int j = 0; j < 2; ++j) {
            const int query = kQueryTile * n + 2 * column + j;
            const float sum = sumOverKeys(state.sum[n][j]);
            if (row == 0)
                shared.stats[warp][query] = make_float2(state.most[n][j], sum);
            if (query >= queries)
                continue;
            float* out = shared.parts + (warp * queries + query) * DecodeShared<Chunks, NT>::kDims + 8 * row;
#pragma unroll
            for (int c = 0; c < Chunks; ++c)
#pragma unroll
                for (int i = 0; i < 4; i += 2)
                    *reinterpret_cast<float4*>(out + kDimChunk * c + 2 * i) =
                        make_float4(state.out[c][i][n][j], state.out[c][i][n][j + 2], state.out[c][i + 1][n][j],
                                    state.out[c][i + 1][n][j + 2]);
        }
}

/// The parts of one query and dimension, added in their order: stats and values are one part's apart.
struct Merged {
    float most, sum, value;
};

template <class ReadStats, class ReadValue>
__device__ Merged merge(int parts, const ReadStats& stats, const ReadValue& value)
{
    Merged merged{-INFINITY, 0, 0};
    for (int part = 0; part < parts; ++part)
        merged.most = fmaxf(merged.most, stats(part).x);
    for (int part = 0; part < parts; ++part) {
        const float2 found = stats(part);
        const float weight = power2(found.x - merged.most);
        merged.sum += found.y * weight;
        merged.value += value(part) * weight;
    }
    return merged;
}

/// Where the parts of all blocks lie: counters first, so that launches of any shape find them at zero.
struct Partials {
    unsigned* counters;
    float2* stats;  ///< [parts, 16]
    float* values;  ///< [parts, 16, dims]
};

__device__ Partials partialsOf(void* workspace, std::size_t counterBytes, std::size_t parts)
{
    auto* stats = reinterpret_cast<float2*>(static_cast<char*>(workspace) + counterBytes);
    return {static_cast<unsigned*>(workspace), stats,
            reinterpret_cast<float*>(stats + parts * 2 * kQueryTile)};
}

/// Where a block's outputs go. In another order they are scattered as they are stored: a block has only the channels of
/// its own heads, so nothing could be gathered into wider stores. It costs little, since an order is some salient
/// channels and then all others by rising number: neighbours mostly stay neighbours, and the rows stay in the L2 cache.
template <class T>
struct Outputs {
    T* row;                     ///< of the token
    const std::int32_t* places; ///< of the first head's channels, or null
    int first;

    /// Of number `index` of the block's [queries, headDim].
    __device__ int channel(int index) const { return places ? places[index] : first + index; }
};

template <class T>
__device__ Outputs<T> outputsOf(const AttentionParams& params, const Place& place)
{
    const int first = place.firstHead * params.cache.headDim;
    return {static_cast<T*>(params.out) + place.sequence * params.outStride,
            params.places ? params.places + first : nullptr, first};
}

/// Adds one and returns what was there. What the block has written before its last barrier is seen by whoever finds the
/// sum, and what those before it have written is seen by this block after its next barrier.
__device__ inline unsigned countIn(unsigned* counter)
{
    unsigned before;
    asm volatile("atom.acq_rel.gpu.add.u32 %0, [%1], 1;" : "=r"(before) : "l"(counter) : "memory");
    return before;
}

/// Whether all blocks of the item have left their parts; the counter goes back to zero for the next launch.
template <class Shared>
__device__ bool isLast(Shared& shared, unsigned* counter, int used)
{
    __syncthreads();
    if (threadIdx.x == 0) {
        shared.last = countIn(counter) == static_cast<unsigned>(used - 1);
        if (shared.last)
            *counter = 0;
    }
    __syncthreads();
    return shared.last;
}

template <class T, KvType Kind, int Chunks, int NT>
__global__ void __launch_bounds__(kThreads, residentBlocks(Chunks, NT))
    decodeKernel(const AttentionParams params, const Shape shape, const AttentionWorkspace workspace)
{
    using Shared = DecodeShared<Chunks, NT>;
    extern __shared__ __align__(16) char sharedBytes[];
    Shared& shared = *reinterpret_cast<Shared*>(sharedBytes);

    // Queries that are not there, and dimensions beyond the head, are zero.
    auto* zeros = reinterpret_cast<unsigned*>(sharedBytes);
    for (int i = threadIdx.x; i < static_cast<int>(offsetof(Shared, freshScale) / 4); i += kThreads)
        zeros[i] = 0;
    __syncthreads();
    waitForPrevious();
    releaseNext();

    const Place place = placeOf(params, shape, Shared::kQueries);
    if (place.split >= place.used)
        return;
    const int warp = threadIdx.x / 32, headDim = params.cache.headDim;
    const int first = place.begin + warp * kTileKeys;
    using Attention = WarpAttention<T, Kind, Chunks, NT, true>;
    Attention attention(cachedHead<Kind>(params.cache, place.sequence, place.kvHead),
                        reinterpret_cast<const T*>(shared.queries), shape.scale2);
    typename Attention::Tile tile;
    attention.load(tile, first, place.end);
    bringNewToken<T, Kind>(shared, params, place);
    __syncthreads();

    // Step 3: every warp its tiles.
    Attended<Chunks, NT> state;
    if (warp == kAttentionWarps - 1 && place.split == 0)
        startFromNewToken<T, Kind>(state, shared, shape.scale2);
    else
        clear(state);
    int limits[NT][2];
#pragma unroll
    for (int n = 0; n < NT; ++n)
        limits[n][0] = limits[n][1] = place.end;
    attention.attend(state, tile, first, kAttentionWarps * kTileKeys, place.end, limits);
    leaveParts(shared, state, place.queries);
    __syncthreads();

    // Step 5: the block's sum, and of several blocks' sums the last one's.
    const Partials partials = partialsOf(params.workspace, workspace.counterBytes, workspace.parts);
    const Outputs<T> out = outputsOf<T>(params, place);
    const int mine = place.part + place.split;
    for (int index = threadIdx.x; index < place.queries * headDim; index += kThreads) {
        const int query = index / headDim, dim = index % headDim, channel = out.channel(index);
        const Merged merged =
            merge(kAttentionWarps, [&](int part) { return shared.stats[part][query]; },
                  [&](int part) { return shared.parts[(part * place.queries + query) * Shared::kDims + dim]; });
        if (place.used == 1) {
            out.row[channel] = fromFloat<T>(merged.value / merged.sum);
        } else {
            partials.values[(mine * 2 * kQueryTile + query) * Shared::kDims + dim] = merged.value;
            if (dim == 0)
                partials.stats[mine * 2 * kQueryTile + query] = make_float2(merged.most, merged.sum);
        }
    }
    if (place.used == 1 || !isLast(shared, partials.counters + place.part / shape.splits, place.used))
        return;
    for (int index = threadIdx.x; index < place.queries * headDim; index += kThreads) {
        const int query = index / headDim, dim = index % headDim, channel = out.channel(index);
        const int first = place.part * 2 * kQueryTile + query;
        const Merged merged = merge(
            place.used, [&](int part) { return __ldcg(partials.stats + first + part * 2 * kQueryTile); },
            [&](int part) { return __ldcg(partials.values + (first + part * 2 * kQueryTile) * Shared::kDims + dim); });
        out.row[channel] = fromFloat<T>(merged.value / merged.sum);
    }
}

} // namespace

void decodeAttention(const AttentionParams& params, const GpuTraits& gpu, Stream stream)
{
    const KvCache& cache = params.cache;
    const int group = params.heads / cache.kvHeads;
    const QueryTiles tiles = queryTiles(group);
    const int items = params.sequences * cache.kvHeads * tiles.tiles;
    const Shape shape{group, tiles.tiles, decodeSplits(items, params.longest, gpu.multiprocessors),
                      scoreScale2(cache.headDim)};
    const AttentionWorkspace workspace = attentionWorkspace(cache.headDim, gpu.multiprocessors);
    const dim3 grid(static_cast<unsigned>(shape.splits), static_cast<unsigned>(cache.kvHeads * tiles.tiles),
                    static_cast<unsigned>(params.sequences));
    withAttentionTypes(params, [&](auto element, auto kind, auto chunks) {
        const auto run = [&](auto inTile) {
            using Shared = DecodeShared<chunks.value, inTile.value>;
            const auto kernel = decodeKernel<decltype(element), kind.value, chunks.value, inTile.value>;
            const std::size_t bytes = Shared::bytes(std::min(group, Shared::kQueries));
            allowSharedBytes(kernel, bytes);
            launch("attention of a decoding step", kernel, grid, dim3(kThreads), bytes, stream, params, shape,
                   workspace);
        };
        if (tiles.inTile == 1)
            run(Constant<1>{});
        else
            run(Constant<2>{});
    });
}

} // namespace eigenquant::kernels
