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
    asm volatile("ld.shared.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "r"(address));
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
    std::uint32_t toRelease = 0; ///< the barrier of the stage that the latest products still read; 0: none
    CodebookDecoder<C::bits> codebook;

    __device__ Computer(const Params& params, const SharedPlan& plan, int rank, int ownWarpgroup)
        : p(params), pipe(plan, params), exchange(params, plan, rank), warpgroup(ownWarpgroup),
          warp(static_cast<int>(threadIdx.x / 32 % 4)), lane(static_cast<int>(threadIdx.x % 32))
    {
    }

    /// Where a strip's weights lie for this lane. Kept in registers: the compiler would work them out again for every unit.
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
            arrive(toRelease);
        toRelease = 0;
    }

    /// Queues the products of some steps of 16 columns with the box of x at an address.
    template <int steps>
    __device__ __forceinline__ void multiply(float (&to)[C::sums], const std::uint32_t (&a)[steps][4], std::uint32_t x,
                                             int firstStep = 0)
    {
        wgmmaFence();
#pragma unroll
        for (int step = 0; step < steps; ++step)
            Wgmma<C::element, C::n>::run(to, a[step], swizzledTile(x, firstStep + step));
        wgmmaCommit();
    }

    /// The scales of one group of columns for this lane's two rows.
    __device__ __forceinline__ void loadScales(int group, GridScales<C::element>& scales) const
    {
        const auto skip = static_cast<std::uint32_t>(group * kStripRows);
#pragma unroll
        for (std::uint32_t h = 0; h < 2; ++h)
            scales.set(static_cast<int>(h), loadShared16(pipe.stageData + scalesAt + 2 * skip + 16 * h),
                       p.zerosOffset == 0 ? 1u << (C::bits - 1) : loadShared8(pipe.stageData + zerosAt + skip + 8 * h));
    }

    /// Multiplies codes as the small integers that they are, and scales the sums of every group of columns: a
    /// multiplication for each sum, where scaled weights take one for each two weights.
    __device__ __forceinline__ void unscaledUnit()
    {
        std::uint32_t words[2][C::bits];
        std::uint32_t fragments[4][2][4];
        GridScales<C::element> scales;
        float ofGroup[C::sums];
        loadWords<C::bits>(pipe.stageData + wordsAt, 0, words[0]);
        loadWords<C::bits>(pipe.stageData + wordsAt, 1, words[1]);
        const bool halves = p.groupsPerBlock >= 2, quarters = p.groupsPerBlock == 4;
        beginGroup(0, scales, ofGroup);
        multiplyQuarter<0>(words, scales, fragments[0], ofGroup);
        if (quarters) {
            endGroup(scales, ofGroup);
            beginGroup(1, scales, ofGroup);
        }
        multiplyQuarter<1>(words, scales, fragments[1], ofGroup);
        if (halves) {
            endGroup(scales, ofGroup);
            beginGroup(p.groupsPerBlock >> 1, scales, ofGroup);
        }
        multiplyQuarter<2>(words, scales, fragments[2], ofGroup);
        if (quarters) {
            endGroup(scales, ofGroup);
            beginGroup(3, scales, ofGroup);
        }
        multiplyQuarter<3>(words, scales, fragments[3], ofGroup);
        endGroup(scales, ofGroup);
    }

    __device__ __forceinline__ void beginGroup(int group, GridScales<C::element>& scales, float (&ofGroup)[C::sums]) const
    {
        loadScales(group, scales);
#pragma unroll
        for (int i = 0; i < C::sums; ++i)
            ofGroup[i] = 0;
        pin(ofGroup);
    }

    /// 32 columns.
    template <int quarter>
    __device__ __forceinline__ void multiplyQuarter(const std::uint32_t (&words)[2][C::bits],
                                                    const GridScales<C::element>& scales, std::uint32_t (&a)[2][4],
                                                    float (&ofGroup)[C::sums])
    {
        using Decoder = GridDecoder<C::element, C::bits, false>;
        constexpr int half = quarter / 2, step = quarter % 2 * 2;
        Decoder::template decode<step>(words[half], scales, a[0]);
        Decoder::template decode<step + 1>(words[half], scales, a[1]);
        multiply(ofGroup, a, pipe.stageData + static_cast<std::uint32_t>(half) * C::boxBytes, step);
    }

    __device__ __forceinline__ void endGroup(const GridScales<C::element>& scales, float (&ofGroup)[C::sums])
    {
        wgmmaWait<0>();
        pin(ofGroup);
#pragma unroll
        for (int i = 0; i < C::sums; ++i)
            sums[i] += __low2float(scales.scale[i / 2 % 2]) * ofGroup[i];
    }

    /// A unit whose halves this warpgroup decodes in turn, into two sets of registers: one is decoded to while the
    /// tensor cores read the other.
    __device__ __forceinline__ void codeUnit(std::uint32_t (&fragments)[2][4][4])
    {
        std::uint32_t words[2][C::bits];
        GridScales<C::element> scales;
        loadWords<C::bits>(pipe.stageData + wordsAt, 0, words[0]);
        loadWords<C::bits>(pipe.stageData + wordsAt, 1, words[1]);
        if constexpr (C::coding == Coding::Grid)
            loadScales(0, scales);
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            auto& a = fragments[half];
            if constexpr (C::coding == Coding::Codebook) {
                codebook.template decode<0>(words[half], a[0]);
                codebook.template decode<1>(words[half], a[1]);
                codebook.template decode<2>(words[half], a[2]);
                codebook.template decode<3>(words[half], a[3]);
            } else {
                using Decoder = GridDecoder<C::element, C::bits>;
                if (half == 1 && p.groupsPerBlock > 1)
                    loadScales(p.groupsPerBlock >> 1, scales);
                Decoder::template decode<0>(words[half], scales, a[0]);
                Decoder::template decode<1>(words[half], scales, a[1]);
                if (p.groupsPerBlock == 4)
                    loadScales(2 * half + 1, scales);
                Decoder::template decode<2>(words[half], scales, a[2]);
                Decoder::template decode<3>(words[half], scales, a[3]);
            }
            multiply(sums, a, pipe.stageData + static_cast<std::uint32_t>(half) * C::boxBytes);
            wgmmaWait<1>();
            release();
        }
    }

    __device__ __forceinline__ void salientUnit()
    {
        std::uint32_t a[2][4];
#pragma unroll
        for (int step = 0; step < 2; ++step) {
            const uint4 v = loadShared4(pipe.stageData + salientAt + static_cast<std::uint32_t>(step * 512));
            a[step][0] = v.x;
            a[step][1] = v.y;
            a[step][2] = v.z;
            a[step][3] = v.w;
        }
        multiply(sums, a, pipe.stageData);
        wgmmaWait<0>();
        release();
        pin(sums);
    }

    __device__ __forceinline__ void computeUnit(int unit, std::uint32_t (&fragments)[2][4][4])
    {
        if (unit < p.salientBlocks)
            salientUnit();
        else if constexpr (C::unscaled)
            unscaledUnit();
        else
            codeUnit(fragments);
    }

    /// Keeps the compiler from moving copies of sums to where products are still writing them.
    __device__ __forceinline__ static void pin(float (&values)[C::sums])
    {
#pragma unroll
        for (int i = 0; i < C::sums; ++i)
            asm volatile("" : "+f"(values[i])::"memory");
    }

    /// What this warpgroup has to do of a group: one unit of `phases` that come, and nothing if its phase never comes.
    __device__ __forceinline__ void computeGroup(const StripGroup& group, int phases, int phase)
    {
        std::uint32_t fragments[2][4][4];
#pragma unroll
        for (int i = 0; i < C::sums; ++i)
            sums[i] = 0;
        pin(sums);
        int turn = 0;
        for (int unit = group.firstUnit(exchange.rank, p.work.ranks); unit < p.work.depth;
             unit += p.work.ranks, turn = turn + 1 == phases ? 0 : turn + 1, pipe.advance()) {
            if (!C::unscaled && phases > 1) { // a stage that is kept until the next turn could keep that from coming
                wgmmaWait<0>();
                release();
            }
            waitBarrier(pipe.fullBarrier(), pipe.phase); // in turn or not: a barrier tells two phases apart, not three
            const bool own = turn == phase;
            if (own)
                computeUnit(unit, fragments);
            toRelease = pipe.emptyBarrier();
            if (C::unscaled || !own)
                release(); // nothing reads it any more
        }
        wgmmaWait<0>();
        pin(sums);
        release();
    }

    __device__ __forceinline__ void computeGroups(const SharedPlan& plan, int cluster)
    {
        bool started = false;
        std::uint32_t freed = 1; // the phase of mailFree before the first group
        for (GroupWalk walk(p.work, cluster, C::warpgroups); !walk.done(); walk.advance()) {
            const StripGroup& group = walk.group;
            const int phases = phasesOf<C>(group), phase = warpgroup / group.count, strip = warpgroup % group.count;
            enterStrip(strip);
            computeGroup(group, phases, phase);
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
