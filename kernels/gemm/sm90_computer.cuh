// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/wgmma.cuh"
#include "kernels/gemm/decode_codes.cuh"
#include "kernels/gemm/sm90_exchange.cuh"

#include <cstdint>

/// What the computing warpgroups of the Hopper product do: decode, multiply, and send their sums.
namespace eigenquant::kernels::sm90 {

__device__ inline std::uint32_t loadShared(std::uint32_t address)
{
    std::uint32_t value;
    asm volatile("ld.shared.u32 %0, [%1];" : "=r"(value) : "r"(address));
    return value;
}

__device__ inline uint4 loadShared4(std::uint32_t address)
{
    uint4 v;
    asm volatile("ld.shared.v4.u32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
                 : "r"(address));
    return v;
}

__device__ inline std::uint16_t loadShared16(std::uint32_t address)
{
    std::uint16_t value;
    asm volatile("ld.shared.u16 %0, [%1];" : "=h"(value) : "r"(address));
    return value;
}

__device__ inline std::uint32_t loadShared8(std::uint32_t address)
{
    std::uint32_t value;
    asm volatile("ld.shared.u8 %0, [%1];" : "=r"(value) : "r"(address));
    return value;
}

/// The words of half a code block that a lane decodes; `at` is where its own of half 0 begin.
template <int bits>
__device__ __forceinline__ void loadWords(std::uint32_t at, std::uint32_t half, std::uint32_t (&words)[bits])
{
    if constexpr (bits == 4) {
        const uint4 v = loadShared4(at + half * 512);
        words[0] = v.x;
        words[1] = v.y;
        words[2] = v.z;
        words[3] = v.w;
    } else {
#pragma unroll
        for (std::uint32_t k = 0; k < 3; ++k)
            words[k] = loadShared(at + half * 384 + k * 128);
    }
}

template <class C>
struct Computer {
    static constexpr std::uint32_t kCodeBytes = kStripRows * kCodeColumns * C::bits / 8;

    const Params& p;
    Pipeline pipe;
    Exchange<C> exchange;
    int warpgroup, warp, lane;                           ///< warp 0 … 3 of its warpgroup
    std::uint32_t wordsAt, scalesAt, zerosAt, salientAt; ///< this lane's of its strip, from the start of a stage
    float sums[C::sums];
    float ofGroup[C::sums];           ///< unscaled: what the products since beginGroup() make
    float groupScale[2];              ///< of its two rows
    GridScales<C::element> scales;    ///< of the group that is decoded
    std::uint32_t words[2][C::bits];  ///< of the unit's halves
    std::uint32_t fragments[2][4][4]; ///< of the halves, decoded
    std::uint32_t toRelease = 0;      ///< the barrier of the stage that the latest products still read; 0: none
    int releaseCount = 1;             ///< for how many warps this one tells that it is done with a stage
    CodebookDecoder<C::bits> codebook;

    __device__ Computer(const Params& params, const SharedPlan& plan, int rank, int ownWarpgroup)
        : p(params), pipe(plan, params), exchange(params, plan, rank), warpgroup(ownWarpgroup),
          warp(static_cast<int>(threadIdx.x / 32 % 4)), lane(static_cast<int>(threadIdx.x % 32))
    {
    }

    /// Where a strip's weights lie for this lane. Kept in registers: the compiler would work them out again for
    /// every unit.
    __device__ __forceinline__ void enterStrip(int strip)
    {
        const auto block = static_cast<std::uint32_t>(2 * C::boxBytes + strip * p.stripPitch);
        const auto row = static_cast<std::uint32_t>(16 * warp + lane / 4);
        salientAt = block + static_cast<std::uint32_t>(warp * 1024 + lane * 16);
        wordsAt = C::bits == 4 ? salientAt : block + static_cast<std::uint32_t>(warp * 768 + lane * 4);
        scalesAt = block + kCodeBytes + 2 * row;
        zerosAt = block + static_cast<std::uint32_t>(p.zerosOffset) + row;
        asm volatile("" : "+r"(salientAt), "+r"(wordsAt), "+r"(scalesAt), "+r"(zerosAt));
    }

    __device__ __forceinline__ void release()
    {
        if (toRelease != 0 && lane == 0)
            arrive(toRelease, releaseCount);
        toRelease = 0;
    }

    /// Queues the products of some steps of 16 columns with one box of x.
    template <int steps, int first, bool begin = false>
    __device__ __forceinline__ void multiply(float (&to)[C::sums], const std::uint32_t (&a)[4][4], int box)
    {
        // The same in all lanes. Reduced, it lies in a uniform register, as descriptors have to.
        const std::uint32_t x = __reduce_or_sync(
            0xffffffff, tileAddress(pipe.stageData + static_cast<std::uint32_t>(box * C::boxBytes)));
        wgmmaFence();
#pragma unroll
        for (int step = first; step < first + steps; ++step) {
            if (begin && step == first)
                Wgmma<C::element, C::n>::template run<false>(to, a[step], swizzledTile(x, step));
            else
                Wgmma<C::element, C::n>::run(to, a[step], swizzledTile(x, step));
        }
        wgmmaCommit();
    }

    /// The scales of one group of columns for this lane's two rows.
    __device__ __forceinline__ void loadScales(int group)
    {
        const auto skip = static_cast<std::uint32_t>(group * kStripRows);
#pragma unroll
        for (std::uint32_t h = 0; h < 2; ++h)
            scales.set(static_cast<int>(h), loadShared16(pipe.stageData + scalesAt + 2 * skip + 16 * h),
                       p.zerosOffset == 0 ? 1u << (C::bits - 1)
                                          : loadShared8(pipe.stageData + zerosAt + skip + 8 * h));
    }

    /// Waits for the products that are under way, and adds what they made of a group of columns to the sums. A
    /// stage that they read is free then.
    __device__ __forceinline__ void drain()
    {
        wgmmaWait<0>();
        pin(sums);
        if constexpr (C::unscaled) {
            pin(ofGroup);
#pragma unroll
            for (int i = 0; i < C::sums; ++i)
                sums[i] += groupScale[i / 2 % 2] * ofGroup[i];
            groupScale[0] = groupScale[1] = 0; // once
        }
        release();
    }

    /// Has the next products begin a group of columns: codes are multiplied as the small integers that they are,
    /// and the sums of every group scaled, a multiplication for each sum, where scaled weights take one for each
    /// two weights.
    __device__ __forceinline__ void beginGroup()
    {
        drain();
        groupScale[0] = __low2float(scales.scale[0]);
        groupScale[1] = __low2float(scales.scale[1]);
    }

    template <int half, int step>
    __device__ __forceinline__ void decodeStep(std::uint32_t (&a)[4])
    {
        if constexpr (C::coding == Coding::Codebook)
            codebook.template decode<step>(words[half], a);
        else
            GridDecoder<C::element, C::bits, !C::unscaled>::template decode<step>(words[half], scales, a);
#pragma unroll
        for (int i = 0; i < 4; ++i)
            asm volatile("" : "+r"(a[i])); // here, not behind the wait for the products before
    }

    /// The group that a quarter of the block's columns lies in. Where weights are scaled one piece of code serves
    /// groups of 64 and of 32: with one for each the compiler finds too few registers to let products overlap.
    template <int groups>
    __device__ __forceinline__ int groupOf(int quarter) const
    {
        return quarter * (C::unscaled ? groups : p.groupsPerBlock) >> 2;
    }

    /// 64 columns. Decoding them goes on while the tensor cores still read the other half's fragments, the last to
    /// have been queued.
    template <int groups, int half>
    __device__ __forceinline__ void codeHalf()
    {
        auto& a = fragments[half];
        constexpr bool begins = C::unscaled && (half == 0 || groups > 1);
        if constexpr (!C::unscaled) {
            wgmmaWait<1>();
            if constexpr (half == 1)
                release();
        }
        if constexpr (C::coding == Coding::Grid && half == 1 && groups > 1)
            loadScales(groupOf<groups>(2));
        decodeStep<half, 0>(a[0]);
        decodeStep<half, 1>(a[1]);
        if constexpr (groups == 4) {
            if constexpr (C::unscaled) {
                beginGroup();
                multiply<2, 0, true>(ofGroup, a, half);
            }
            loadScales(groupOf<groups>(2 * half + 1));
        }
        decodeStep<half, 2>(a[2]);
        decodeStep<half, 3>(a[3]);
        if constexpr (begins)
            beginGroup();
        if constexpr (groups == 4 && C::unscaled)
            multiply<2, 2, true>(ofGroup, a, half);
        else if constexpr (C::unscaled)
            multiply<4, 0, begins>(ofGroup, a, half);
        else
            multiply<4, 0>(sums, a, half);
    }

    __device__ __forceinline__ void salientUnit()
    {
        auto& a = fragments[0];
#pragma unroll
        for (int step = 0; step < 2; ++step) {
            const uint4 v = loadShared4(pipe.stageData + salientAt + static_cast<std::uint32_t>(step * 512));
            a[step][0] = v.x;
            a[step][1] = v.y;
            a[step][2] = v.z;
            a[step][3] = v.w;
        }
        multiply<2, 0>(sums, a, 0);
        wgmmaWait<0>();
        pin(sums);
        toRelease = pipe.emptyBarrier();
        release();
    }

    /// Reads what decoding a unit begins with, so that it does not wait for shared memory then.
    __device__ __forceinline__ void load(int unit)
    {
        if (unit < p.salientBlocks)
            return;
        loadWords<C::bits>(pipe.stageData + wordsAt, 0, words[0]);
        loadWords<C::bits>(pipe.stageData + wordsAt, 1, words[1]);
        if constexpr (C::coding == Coding::Grid)
            loadScales(0);
    }

    /// Keeps the compiler from moving copies of sums to where products are still writing them.
    __device__ __forceinline__ static void pin(float (&values)[C::sums])
    {
#pragma unroll
        for (int i = 0; i < C::sums; ++i)
            asm volatile("" : "+f"(values[i])::"memory");
    }

    __device__ __forceinline__ static void waitForWarpgroups()
    {
        asm volatile("bar.sync 1, %0;" ::"n"(C::computeThreads) : "memory");
    }

    /// The units of a group that this block is dealt, of which this warpgroup takes every `phases`-th.
    struct Turns {
        int count, phases; ///< units of the block
        int own;           ///< the one that is looked at
        int first;         ///< where among all units of the strip the first one is
    };
    __device__ __forceinline__ int unitOf(const Turns& at) const { return at.first + (at.own << p.rankShift); }

    /// Waits for the own unit and reads what it begins with; false: there is none.
    __device__ __forceinline__ bool acquire(const Turns& at)
    {
        if (at.own >= at.count)
            return false;
        waitBarrier(pipe.fullBarrier(), pipe.phase);
        load(unitOf(at));
        return true;
    }

    /// Whether warpgroups that take turns look at each other's units. A barrier tells two phases apart, not three, so
    /// that a stage must not be looked at before what it held last has come. Three warpgroups have a multiple of
    /// three stages, each of them its own; two may share an odd number.
    static constexpr bool seesAll = C::warpgroups == 2;

    /// Another warpgroup's unit.
    __device__ __forceinline__ void passUnit()
    {
        waitBarrier(pipe.fullBarrier(), pipe.phase);
        if (lane == 0)
            arrive(pipe.emptyBarrier());
        pipe.advance();
    }

    __device__ __forceinline__ bool next(Turns& at)
    {
        if constexpr (seesAll) {
            pipe.advance();
            if (at.phases == 2 && at.own + 1 < at.count)
                passUnit();
        } else {
            pipe.advance(at.phases);
        }
        at.own += at.phases;
        return acquire(at);
    }

    /// The units from the one that has been acquired on. While the tensor cores are at the end of one, the next is
    /// waited for and begun.
    template <int groups>
    __device__ __forceinline__ void codeUnits(Turns& at)
    {
        groupScale[0] = groupScale[1] = 0;
#pragma unroll
        for (int i = 0; i < C::sums; ++i)
            ofGroup[i] = 0;
        do {
            codeHalf<groups, 0>();
            codeHalf<groups, 1>();
            toRelease = pipe.emptyBarrier();
            if (p.stages <= 2 * at.phases) // one that is kept until the next turn could keep that from coming
                drain();
        } while (next(at));
        drain();
    }

    /// What this warpgroup has to do of a group of strips, which is nothing if its phase never comes.
    __device__ __forceinline__ void computeGroup(const StripGroup& group, int phases, int phase)
    {
#pragma unroll
        for (int i = 0; i < C::sums; ++i)
            sums[i] = 0;
        pin(sums);
        const int first = group.firstUnit(exchange.rank, p.work.ranks);
        const int count = (p.work.depth - first + p.work.ranks - 1) >> p.rankShift;
        Turns at{count, phases, phase < phases ? phase : count, first};
        const Pipeline begin = pipe;
        if (seesAll && at.own == 1 && count > 0)
            passUnit();
        else
            pipe.move(at.own);
        bool more = acquire(at);
        for (; more && unitOf(at) < p.salientBlocks; more = next(at))
            salientUnit();
        if (more && (C::coding == Coding::Codebook || p.groupsPerBlock == 1))
            codeUnits<1>(at);
        else if (C::unscaled && more && p.groupsPerBlock == 2)
            codeUnits<2>(at);
        else if (more)
            codeUnits<4>(at);
        pipe = begin;
        pipe.move(count);
    }

    __device__ __forceinline__ void computeGroups(const SharedPlan& plan, int cluster)
    {
        bool started = false;
        std::uint32_t freed = 1; // the phase of mailFree before the first group
        for (GroupWalk walk(p.work, cluster, C::warpgroups); !walk.done(); walk.advance()) {
            const StripGroup& group = walk.group;
            const int phases = phasesOf<C>(group), phase = warpgroup / group.count,
                      strip = warpgroup % group.count;
            enterStrip(strip);
            // A stage is free when as many warps as there are have said so, whichever of them read it.
            releaseCount = !seesAll && strip == 0 ? C::warpgroups - group.count + 1 : 1;
            computeGroup(group, phases, phase);
            if (!seesAll && group.count < C::warpgroups && !walk.last())
                waitForWarpgroups(); // see seesAll: what this group had in any stage has come
            if (!started)
                waitForCluster(); // before that, its blocks' barriers may be nothing yet
            started = true;
            waitBarrierOfCluster(plan.mailFree, freed);
            freed ^= 1;
            if (phase < phases)
                exchange.send(group, strip, phase, warp, sums);
            exchange.seal();
            if (walk.last()) {
                waitBarrierOfCluster(plan.mailFull, freed);
                exchange.collect(group, static_cast<int>(threadIdx.x / 32), 4 * C::warpgroups);
            }
        }
    }
};

} // namespace eigenquant::kernels::sm90
