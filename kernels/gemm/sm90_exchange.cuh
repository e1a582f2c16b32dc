// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/gemm/decode_codes.cuh"
#include "kernels/gemm/sm90_pipeline.cuh"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>

/// How the blocks of a cluster add up a group. A piece is what one warp holds of eight rows of x, 16 rows by 8
/// columns of the tile, a float4 a lane; pieces are dealt out to the blocks, and each block is sent, by all of
/// them, what they have of its pieces:
///
///   mail: [slot][contribution: rank·phases + phase][lane] float4,   slot: piece / ranks
///
/// The stores go straight to the other block's shared memory and count on its barrier there (mailFull), as does
/// each of its own computing warps. Collecting warps add the contributions in order, store y, and tell all blocks
/// that the mail is free for the next group; meanwhile the others compute. The last group is collected by the
/// warps that computed it, which have nothing else left to do.
namespace eigenquant::kernels::sm90 {

template <class C>
struct Exchange {
    const Params& p;
    const SharedPlan& plan;
    int rank, lane;

    __device__ Exchange(const Params& params, const SharedPlan& where, int ownRank)
        : p(params), plan(where), rank(ownRank), lane(static_cast<int>(threadIdx.x % 32))
    {
    }

    __device__ int pieces(const StripGroup& group) const { return group.count * 4 * C::quads; }
    /// Pieces of this block.
    __device__ int slots(const StripGroup& group) const
    {
        return (pieces(group) - rank + p.work.ranks - 1) >> p.rankShift;
    }
    __device__ int contributions(const StripGroup& group) const { return phasesOf<C>(group) << p.rankShift; }

    /// Has mailFull wait for a group's mail. By one thread, before anybody can have sent it.
    __device__ void expect(const StripGroup& group) const
    {
        const int fromOthers = contributions(group) - phasesOf<C>(group);
        arriveExpecting(plan.mailFull, static_cast<std::uint32_t>(slots(group) * fromOthers * 512));
    }

    /// Sends a warp's sums of a strip of the group. Sum 4j … 4j+3 are those of the strip's piece j of this warp.
    __device__ __forceinline__ void send(const StripGroup& group, int strip, int phase, int warp,
                                         const float (&sums)[C::sums]) const
    {
        const int count = contributions(group), contribution = rank * phasesOf<C>(group) + phase;
        const int first = (strip * 4 + warp) * C::quads;
#pragma unroll
        for (int j = 0; j < C::quads; ++j) {
            const int piece = first + j, owner = piece & (p.work.ranks - 1), slot = piece >> p.rankShift;
            const std::uint32_t to =
                plan.mail + static_cast<std::uint32_t>(((slot * count + contribution) * 32 + lane) * 16);
            if (owner == rank)
                storeOwn(to, sums + 4 * j);
            else
                storeAsync(inBlock(to, owner), sums + 4 * j, inBlock(plan.mailFull, owner));
        }
    }
    /// Tells that this thread has sent what it has, if anything.
    __device__ void seal() const
    {
        arrive(plan.mailFull);
    }

    /// Adds up and stores the slots first, first + step, … of this block's.
    __device__ __forceinline__ void collect(const StripGroup& group, int first, int step) const
    {
        constexpr int kAtOnce = 2; // slots, and contributions of each, so that reads wait for each other less
        const int count = contributions(group), all = slots(group);
        for (int slot = first; slot < all; slot += kAtOnce * step) {
            float sum[kAtOnce][4] = {};
            for (int i = 0; i < count; i += kAtOnce) {
                float part[kAtOnce][kAtOnce][4];
#pragma unroll
                for (int s = 0; s < kAtOnce; ++s)
#pragma unroll
                    for (int k = 0; k < kAtOnce; ++k) {
                        const int at = slot + s * step;
                        loadMail(plan.mail + static_cast<std::uint32_t>(((at * count + i + k) * 32 + lane) * 16),
                                 at < all && i + k < count, part[s][k]);
                    }
#pragma unroll
                for (int s = 0; s < kAtOnce; ++s)
#pragma unroll
                    for (int k = 0; k < kAtOnce; ++k)
#pragma unroll
                        for (int c = 0; c < 4; ++c)
                            sum[s][c] += part[s][k][c];
            }
#pragma unroll
            for (int s = 0; s < kAtOnce; ++s)
                if (slot + s * step < all)
                    store(group, (slot + s * step) << p.rankShift | rank, sum[s]);
        }
    }

    /// Tells all blocks that this warp has read its share of the mail.
    __device__ void freeMail() const
    {
        __syncwarp();
        if (lane < p.work.ranks)
            arriveHavingRead(inBlock(plan.mailFree, lane));
    }

private:
    __device__ static void storeOwn(std::uint32_t to, const float* v)
    {
        asm volatile("st.shared.v4.f32 [%0], {%1, %2, %3, %4};" ::"r"(to), "f"(v[0]), "f"(v[1]), "f"(v[2]),
                     "f"(v[3])
                     : "memory");
    }
    __device__ static void loadMail(std::uint32_t from, bool there, float (&v)[4])
    {
        v[0] = v[1] = v[2] = v[3] = 0;
        if (there)
            asm volatile("ld.shared.v4.f32 {%0, %1, %2, %3}, [%4];"
                         : "=f"(v[0]), "=f"(v[1]), "=f"(v[2]), "=f"(v[3])
                         : "r"(from));
    }

    /// A lane has rows g and g + 8 of two rows of y, 2t and the next. Lanes of neighbouring rows trade, so that
    /// each writes two rows of W to one row of y.
    __device__ __forceinline__ void store(const StripGroup& group, int piece, float (&sum)[4]) const
    {
        const int quad = piece % C::quads, rows16 = piece / C::quads; // of 16 rows each, from the group's first on
        const int row = group.strip * kStripRows + 16 * rows16 + lane / 4, odd = lane / 4 % 2;
        const int token = group.batchTile * C::n + 8 * quad + 2 * (lane % 4) + odd;
        scaleRows(row, sum);
        const std::uint32_t first = tradedPair(odd, sum[0], sum[1]), second = tradedPair(odd, sum[2], sum[3]);
        if (token >= p.batch)
            return;
        std::uint16_t* to = p.y + token * p.yStride + (row - odd);
        storePair(to, row - odd, first);
        storePair(to + 8, row - odd + 8, second);
    }

    /// Scales of rows and biases, where there are any.
    __device__ void scaleRows(int row, float (&sum)[4]) const
    {
        if (C::coding == Coding::Grid && !p.bias)
            return;
#pragma unroll
        for (int h = 0; h < 2; ++h) {
            const int at = min(row + 8 * h, p.rows - 1); // what lies beyond is not stored
            const float scale = C::coding == Coding::Codebook ? p.rowScales[at] : 1.0f,
                        bias = p.bias ? p.bias[at] : 0.0f;
            sum[2 * h] = sum[2 * h] * scale + bias;
            sum[2 * h + 1] = sum[2 * h + 1] * scale + bias;
        }
    }

    /// Of an even lane its row and the next of the first row of y, of an odd one those of the second.
    __device__ static std::uint32_t tradedPair(int odd, float first, float second)
    {
        const float traded = __shfl_xor_sync(0xffffffff, odd ? first : second, 4);
        const float low = odd ? traded : first, high = odd ? second : traded;
        if constexpr (C::element == Element::F16)
            return asBits(__floats2half2_rn(low, high));
        else
            return asBits(__floats2bfloat162_rn(low, high));
    }

    __device__ void storePair(std::uint16_t* to, int row, std::uint32_t pair) const
    {
        if (p.pairsAligned && row + 1 < p.rows) {
            *reinterpret_cast<std::uint32_t*>(to) = pair;
            return;
        }
        if (row < p.rows)
            to[0] = static_cast<std::uint16_t>(pair);
        if (row + 1 < p.rows)
            to[1] = static_cast<std::uint16_t>(pair >> 16);
    }
};

/// The collecting warps' run: every group but the last one. Warp 0 … kCollectors - 1.
template <class C>
__device__ void collectGroups(const Params& p, const SharedPlan& plan, const Place& place, int warp)
{
    const Exchange<C> exchange(p, plan, place.rank);
    waitForPrevious();
    std::uint32_t phase = 0;
    for (GroupWalk walk(p.work, place.cluster, C::warpgroups); !walk.last(); phase ^= 1) {
        const StripGroup group = walk.group;
        waitBarrierOfCluster(plan.mailFull, phase);
        walk.advance();
        if (warp == 0 && exchange.lane == 0)
            exchange.expect(walk.group);
        exchange.collect(group, warp, kCollectors);
        exchange.freeMail();
    }
}

} // namespace eigenquant::kernels::sm90
