// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/common/launch.cuh"
#include "kernels/decode/decode_kernels.h"
#include "kernels/decode/element.cuh"
#include "kernels/decode/sampling.h"

#include <algorithm>

/// The next token. Greedy: blocks of a row find the best of their part, then one block a row compares those. Drawn:
/// one block a row finds the least logit that top-k and top-p leave, digit by digit of the logits' keys, from
/// histograms of counts and of integer weights, and walks to the drawn weight in the order of ids. Ties at the limit
/// stay in, as in the usual implementations.
namespace eigenquant::kernels {
namespace {

constexpr int kThreads = 1024;
constexpr int kWarps = kThreads / 32;
constexpr int kPartThreads = 256;
constexpr int kPartLogits = 8192; ///< of a block: 32 a thread
constexpr int kDigits = 256;

int partsOf(int vocab)
{
    return std::max(1, ceilDivide(vocab, kPartLogits));
}

/// A key and an id in one number that is larger where the key is, or where keys are equal and the id is lower.
__device__ std::uint64_t candidate(float logit, int id)
{
    return static_cast<std::uint64_t>(logitKey(logit)) << 32 | (0xffffffffu - static_cast<unsigned>(id));
}

__device__ int idOf(std::uint64_t best)
{
    return static_cast<int>(0xffffffffu - static_cast<unsigned>(best));
}

__device__ std::uint64_t larger(std::uint64_t a, std::uint64_t b)
{
    return a > b ? a : b;
}

/// The largest over a block, valid in warp 0.
__device__ std::uint64_t blockLargest(std::uint64_t value)
{
    __shared__ std::uint64_t warps[32];
    for (int distance = 16; distance > 0; distance /= 2)
        value = larger(value, __shfl_xor_sync(~0u, value, distance));
    if (threadIdx.x % 32 == 0)
        warps[threadIdx.x / 32] = value;
    __syncthreads();
    value = threadIdx.x % 32 < blockDim.x / 32 ? warps[threadIdx.x % 32] : 0;
    for (int distance = 16; distance > 0; distance /= 2)
        value = larger(value, __shfl_xor_sync(~0u, value, distance));
    return value;
}

__device__ void writeToken(const SampleParams& params, int sequence, int id)
{
    const int position = params.positions[sequence] + 1;
    params.positions[sequence] = position;
    params.ids[sequence] = id;
    if (params.history && position >= 0 && position < params.historyStride)
        params.history[sequence * params.historyStride + position] = id;
}

__global__ void partKernel(const SampleParams params, std::uint64_t* best)
{
    waitForPrevious();
    releaseNext();
    const float* logits = params.logits + static_cast<std::int64_t>(blockIdx.y) * params.vocab;
    const int first = blockIdx.x * kPartLogits, end = min(params.vocab, first + kPartLogits);
    std::uint64_t mine = 0;
#pragma unroll 8
    for (int id = first + threadIdx.x; id < end; id += kPartThreads)
        mine = larger(mine, candidate(logits[id], id));
    mine = blockLargest(mine);
    if (threadIdx.x == 0)
        best[blockIdx.y * gridDim.x + blockIdx.x] = mine;
}

__global__ void bestKernel(const SampleParams params, const std::uint64_t* best, int parts)
{
    waitForPrevious();
    releaseNext();
    std::uint64_t mine = 0;
    for (int part = threadIdx.x; part < parts; part += 32)
        mine = larger(mine, best[blockIdx.x * parts + part]);
    mine = blockLargest(mine);
    if (threadIdx.x == 0)
        writeToken(params, blockIdx.x, idOf(mine));
}

/// What the block shares while it draws.
struct DrawShared {
    unsigned counts[kDigits];
    unsigned long long weights[kDigits];
    unsigned long long warpWeights[kWarps];
    std::uint32_t key;          ///< digits of the limit that are found
    unsigned long long above;   ///< count or weight of the keys above those digits
    unsigned long long total;
    float largest;
};

/// One row of logits and what is asked of it.
struct Row {
    const float* logits;
    int vocab;
    float largest, temperature;

    __device__ std::uint64_t weight(int id) const { return logitWeight(logits[id], largest, temperature); }
};

/// The greatest key such that keys from it upwards reach `wanted`, in number or in weight; keys below `least` are
/// left out. One pass over the row for each of the four digits.
template <bool ByWeight>
__device__ std::uint32_t limitKey(DrawShared& shared, const Row& row, std::uint64_t wanted, std::uint32_t least)
{
    if (threadIdx.x == 0) {
        shared.key = 0;
        shared.above = 0;
    }
    for (int shift = 24; shift >= 0; shift -= 8) {
        for (int digit = threadIdx.x; digit < kDigits; digit += kThreads) {
            shared.counts[digit] = 0;
            shared.weights[digit] = 0;
        }
        __syncthreads();
        const std::uint64_t prefix = shared.key;
        for (int id = threadIdx.x; id < row.vocab; id += kThreads) {
            const std::uint32_t key = logitKey(row.logits[id]);
            if (key < least || (static_cast<std::uint64_t>(key) >> (shift + 8)) != prefix >> (shift + 8))
                continue;
            const unsigned digit = key >> shift & 255;
            if (ByWeight)
                atomicAdd(&shared.weights[digit], static_cast<unsigned long long>(row.weight(id)));
            else
                atomicAdd(&shared.counts[digit], 1u);
        }
        __syncthreads();
        if (threadIdx.x == 0) {
            int digit = kDigits - 1;
            std::uint64_t above = shared.above;
            for (; digit > 0; --digit) {
                const std::uint64_t here = ByWeight ? shared.weights[digit] : shared.counts[digit];
                if (above + here >= wanted)
                    break;
                above += here;
            }
            shared.key |= static_cast<std::uint32_t>(digit) << shift;
            shared.above = above;
        }
        __syncthreads();
    }
    return shared.key > least ? shared.key : least;
}

/// Sums of the weights of ids [first, end) with keys from `limit`, over one warp.
__device__ std::uint64_t warpWeight(const Row& row, int first, int end, std::uint32_t limit)
{
    std::uint64_t sum = 0;
    for (int id = first + threadIdx.x % 32; id < end; id += 32)
        if (logitKey(row.logits[id]) >= limit)
            sum += row.weight(id);
    for (int distance = 16; distance > 0; distance /= 2)
        sum += __shfl_xor_sync(~0u, sum, distance);
    return sum;
}

/// The id at which the running sum of weights, in the order of ids, passes `drawn`; by one warp.
__device__ int walk(const Row& row, int first, int end, std::uint32_t limit, std::uint64_t drawn)
{
    const int lane = threadIdx.x % 32;
    std::uint64_t before = 0;
    for (int base = first; base < end; base += 32) {
        const int id = base + lane;
        std::uint64_t sum = id < end && logitKey(row.logits[id]) >= limit ? row.weight(id) : 0;
        for (int distance = 1; distance < 32; distance *= 2) {
            const std::uint64_t left = __shfl_up_sync(~0u, sum, distance);
            if (lane >= distance)
                sum += left;
        }
        const unsigned passed = __ballot_sync(~0u, before + sum > drawn);
        if (passed)
            return base + __ffs(static_cast<int>(passed)) - 1;
        before += __shfl_sync(~0u, sum, 31);
    }
    return first;
}

__global__ void __launch_bounds__(kThreads, 1) drawKernel(const SampleParams params)
{
    __shared__ DrawShared shared;
    waitForPrevious();
    releaseNext();
    const int sequence = blockIdx.x, warp = threadIdx.x / 32;
    Row row{params.logits + static_cast<std::int64_t>(sequence) * params.vocab, params.vocab, 0, params.temperature};

    // Step 1: the largest; where no logit is a number, that is all.
    std::uint64_t best = 0;
    for (int id = threadIdx.x; id < row.vocab; id += kThreads)
        best = larger(best, candidate(row.logits[id], id));
    best = blockLargest(best);
    const auto bestKey = static_cast<std::uint32_t>(best >> 32);
    if (bestKey <= kLeastNumberKey) {
        if (threadIdx.x == 0)
            writeToken(params, sequence, idOf(best));
        return;
    }
    row.largest = logitOfKey(bestKey);

    // Step 2: the least key that stays.
    std::uint32_t limit = kLeastNumberKey;
    if (params.topK > 0 && params.topK < row.vocab)
        limit = limitKey<false>(shared, row, static_cast<std::uint64_t>(params.topK), limit);
    const int share = ceilDivide(row.vocab, kWarps), first = warp * share, end = min(row.vocab, first + share);
    const auto totalFrom = [&](std::uint32_t key) {
        const std::uint64_t sum = warpWeight(row, first, end, key);
        __syncthreads();
        if (threadIdx.x % 32 == 0)
            shared.warpWeights[warp] = sum;
        __syncthreads();
        std::uint64_t total = 0;
        for (int w = 0; w < kWarps; ++w)
            total += shared.warpWeights[w];
        return total;
    };
    std::uint64_t total = totalFrom(limit);
    if (params.topP < 1) {
        limit = limitKey<true>(shared, row, wantedWeight(total, params.topP), limit);
        total = totalFrom(limit);
    }

    // Step 3: the warp whose ids hold the drawn weight walks through them.
    std::uint64_t drawn = belowTotal(
        randomBits(params.seed, static_cast<std::uint32_t>(sequence),
                   static_cast<std::uint32_t>(params.positions[sequence] + 1)),
        total);
    __syncthreads(); // the position is read by all before one thread raises it
    for (int w = 0; w < warp; ++w) {
        if (drawn < shared.warpWeights[w])
            return;
        drawn -= shared.warpWeights[w];
    }
    if (drawn >= shared.warpWeights[warp])
        return;
    const int id = walk(row, first, end, limit, drawn);
    if (threadIdx.x % 32 == 0)
        writeToken(params, sequence, id);
}

} // namespace

std::size_t sampleWorkspaceBytes(int sequences, int vocab)
{
    return sizeof(std::uint64_t) * static_cast<std::size_t>(sequences) * static_cast<std::size_t>(partsOf(vocab));
}

void sample(const SampleParams& params, Stream stream)
{
    if (params.sequences < 1)
        return;
    const auto sequences = static_cast<unsigned>(params.sequences);
    if (params.temperature > 0) {
        launch("drawing a token", drawKernel, dim3(sequences), dim3(kThreads), 0, stream, params);
        return;
    }
    const int parts = partsOf(params.vocab);
    auto* best = static_cast<std::uint64_t*>(params.workspace);
    launch("best logits of parts", partKernel, dim3(static_cast<unsigned>(parts), sequences), dim3(kPartThreads), 0,
           stream, params, best);
    launch("best logit", bestKernel, dim3(sequences), dim3(32), 0, stream, params, best, parts);
}

} // namespace eigenquant::kernels
