// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/wgmma.cuh"
#include "kernels/gemm/decode_codes.cuh"
#include "kernels/gemm/sm90_pipeline.cuh"

#include <cstdint>

/// What the computing warpgroups of the Hopper product do: decode, multiply, share tiles with other blocks, store.
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
    int warp, lane;  ///< warp 0 … 3 of its warpgroup
    int strip;       ///< of the tile, the warpgroup's first
    std::uint32_t wordsAt, scalesAt, zerosAt, salientAt; ///< this lane's, from the start of a stage
    float sums[C::rowTiles][C::sums];
    std::uint32_t toRelease = 0; ///< the barrier of the stage that the latest products still read; 0: none
    CodebookDecoder<C::bits> codebook;

    __device__ Computer(const Params& params, const Pipeline& pipeline, int thread)
        : p(params), pipe(pipeline), warp(thread / 32 % 4), lane(thread % 32), strip(thread / 128 * C::rowTiles)
    {
        const auto block = static_cast<std::uint32_t>(2 * C::boxBytes + strip * p.stripPitch);
        const auto row = static_cast<std::uint32_t>(16 * warp + lane / 4);
        salientAt = block + static_cast<std::uint32_t>(warp * 1024 + lane * 16);
        wordsAt = C::bits == 4 ? salientAt : block + static_cast<std::uint32_t>(warp * 768 + lane * 4);
        scalesAt = block + kCodeBytes + 2 * row;
        zerosAt = block + static_cast<std::uint32_t>(p.zerosOffset) + row;
    }

    __device__ __forceinline__ void release()
    {
        if (toRelease != 0 && lane == 0)
            arrive(toRelease);
        toRelease = 0;
    }

    /// Queues the products of some steps of 16 columns of a row tile.
    template <int steps>
    __device__ __forceinline__ void multiply(int rowTile, const std::uint32_t (&a)[4][4], std::uint64_t x)
    {
        wgmmaFence();
#pragma unroll
        for (int step = 0; step < steps; ++step)
            Wgmma<C::element, C::n>::run(sums[rowTile], a[step], x + kSwizzledStep * step);
        wgmmaCommit();
    }

    /// The scales of one group of a row tile's block.
    __device__ __forceinline__ void loadScales(int rowTile, int group, GridScales<C::element>& scales) const
    {
        const std::uint32_t at = pipe.stageData + static_cast<std::uint32_t>(rowTile * p.stripPitch);
        const auto skip = static_cast<std::uint32_t>(group * kStripRows);
#pragma unroll
        for (std::uint32_t h = 0; h < 2; ++h)
            scales.set(static_cast<int>(h), loadShared16(at + scalesAt + 2 * skip + 16 * h),
                       p.zerosOffset == 0 ? 1u << (C::bits - 1) : loadShared8(at + zerosAt + skip + 8 * h));
    }

    /// `scales` are those of the half's first group.
    __device__ __forceinline__ void decodeHalf(int rowTile, int half, const std::uint32_t (&words)[C::bits],
                                               GridScales<C::element>& scales, std::uint32_t (&a)[4][4])
    {
        if constexpr (C::coding == Coding::Codebook) {
            codebook.template decode<0>(words, a[0]);
            codebook.template decode<1>(words, a[1]);
            codebook.template decode<2>(words, a[2]);
            codebook.template decode<3>(words, a[3]);
        } else {
            using Decoder = GridDecoder<C::element, C::bits>;
            Decoder::template decode<0>(words, scales, a[0]);
            Decoder::template decode<1>(words, scales, a[1]);
            if (p.groupsPerBlock == 4)
                loadScales(rowTile, half * 2 + 1, scales);
            Decoder::template decode<2>(words, scales, a[2]);
            Decoder::template decode<3>(words, scales, a[3]);
        }
    }

    /// A unit whose halves this warpgroup decodes in turn, into two sets of registers: one is decoded to while the
    /// tensor cores read the other.
    __device__ __forceinline__ void codeUnit(std::uint32_t (&fragments)[2][4][4])
    {
        std::uint32_t words[C::rowTiles][2][C::bits];
        GridScales<C::element> scales[C::rowTiles];
#pragma unroll
        for (int r = 0; r < C::rowTiles; ++r) {
            const std::uint32_t at = pipe.stageData + wordsAt + static_cast<std::uint32_t>(r * p.stripPitch);
            loadWords<C::bits>(at, 0, words[r][0]);
            loadWords<C::bits>(at, 1, words[r][1]);
            if constexpr (C::coding == Coding::Grid)
                loadScales(r, 0, scales[r]);
        }
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            const std::uint64_t x = swizzledTile(pipe.stageData + static_cast<std::uint32_t>(half) * C::boxBytes);
#pragma unroll
            for (int r = 0; r < C::rowTiles; ++r) {
                auto& a = fragments[(half * C::rowTiles + r) % 2];
                if (C::coding == Coding::Grid && half == 1 && p.groupsPerBlock > 1)
                    loadScales(r, p.groupsPerBlock >> 1, scales[r]);
                decodeHalf(r, half, words[r][half], scales[r], a);
                multiply<4>(r, a, x);
                wgmmaWait<1>();
                release();
            }
        }
    }

    __device__ __forceinline__ void salientUnit(std::uint32_t (&fragments)[2][4][4])
    {
        const std::uint64_t x = swizzledTile(pipe.stageData);
#pragma unroll
        for (int step = 0; step < 2; ++step)
#pragma unroll
            for (int r = 0; r < C::rowTiles; ++r) {
                auto& a = fragments[(step * C::rowTiles + r) % 2];
                loadSalient(r, step, a[0]);
                multiply<1>(r, a, x + kSwizzledStep * step);
                wgmmaWait<1>();
                release();
            }
    }

    __device__ __forceinline__ void loadSalient(int rowTile, int step, std::uint32_t (&a)[4]) const
    {
        const uint4 v = loadShared4(pipe.stageData + salientAt +
                                    static_cast<std::uint32_t>(rowTile * p.stripPitch + step * 512));
        a[0] = v.x;
        a[1] = v.y;
        a[2] = v.z;
        a[3] = v.w;
    }

    /// Blocks [begin, end) of the columns of a tile.
    __device__ __forceinline__ void computeSegment(int begin, int end)
    {
        std::uint32_t fragments[2][4][4];
#pragma unroll
        for (int r = 0; r < C::rowTiles; ++r)
#pragma unroll
            for (int i = 0; i < C::sums; ++i)
                sums[r][i] = 0;
        pinSums();
        for (int block = begin; block < end; ++block, pipe.advance()) {
            waitBarrier(pipe.fullBarrier(), pipe.phase);
            if (block < p.salientBlocks)
                salientUnit(fragments);
            else
                codeUnit(fragments);
            toRelease = pipe.emptyBarrier();
        }
        wgmmaWait<0>();
        pinSums();
        release();
    }

    /// Keeps the compiler from moving copies of the sums to where products are still writing them.
    __device__ __forceinline__ void pinSums()
    {
#pragma unroll
        for (int r = 0; r < C::rowTiles; ++r)
#pragma unroll
            for (int i = 0; i < C::sums; ++i)
                asm volatile("" : "+f"(sums[r][i])::"memory");
    }

    /// Writes the quads [begin, end) of the tile. Of quad j of a row tile a lane has rows g and g + 8 of two rows of y,
    /// 8j + 2t and the next. Lanes of neighbouring rows trade, so that each writes two rows of W to one row of y.
    __device__ __forceinline__ void storeTile(int tile, int begin, int end)
    {
        const Tile where = tileOf<C>(p, tile);
        const int odd = lane / 4 % 2, firstBatch = where.firstBatch + 2 * (lane % 4) + odd;
#pragma unroll
        for (int r = 0; r < C::rowTiles; ++r) {
            const int row = (where.firstStrip + strip + r) * kStripRows + 16 * warp + lane / 4;
            scaleRows(r, row);
            std::uint16_t* to = p.y + static_cast<std::int64_t>(firstBatch) * p.yStride + (row - odd);
#pragma unroll
            for (int j = 0; j < C::n / 8; ++j, to += 8 * p.yStride) {
                const int quad = r * (C::n / 8) + j;
                if (quad < begin || quad >= end)
                    continue;
                const float* s = quadSums(quad);
                const std::uint32_t first = tradedPair(odd, s[0], s[1]), second = tradedPair(odd, s[2], s[3]);
                if (firstBatch + 8 * j < p.batch) {
                    storePair(to, row - odd, first);
                    storePair(to + 8, row - odd + 8, second);
                }
            }
        }
    }

    __device__ __forceinline__ void storeTile(int tile) { storeTile(tile, 0, C::quads); }

    /// Scales of rows and biases, where there are any.
    __device__ __forceinline__ void scaleRows(int rowTile, int row)
    {
        if (C::coding == Coding::Grid && !p.bias)
            return;
#pragma unroll
        for (int h = 0; h < 2; ++h) {
            const int at = min(row + 8 * h, p.rows - 1); // what lies beyond is not stored
            const float scale = C::coding == Coding::Codebook ? p.rowScales[at] : 1.0f, bias = p.bias ? p.bias[at] : 0.0f;
#pragma unroll
            for (int j = 0; j < C::n / 8; ++j)
#pragma unroll
                for (int c = 0; c < 2; ++c)
                    sums[rowTile][4 * j + 2 * h + c] = sums[rowTile][4 * j + 2 * h + c] * scale + bias;
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

    /// Where a block leaves sums of a tile that it shares with others: those of the tile that its run ends in at place
    /// 1, those of a tile that its run goes on from at place 0.
    __device__ uint4* mailbox(int block, bool runEnds, int quad) const
    {
        const std::size_t place = static_cast<std::size_t>(block) * 2 + (runEnds ? 1 : 0);
        return p.mail + (place * C::quads + static_cast<std::size_t>(quad)) * kComputeThreads + threadIdx.x;
    }

    __device__ __forceinline__ float* quadSums(int quad)
    {
        return sums[quad / (C::sums / 4)] + quad % (C::sums / 4) * 4;
    }

    /// Adds up a tile with the blocks that share it, and stores this block's part of the result.
    ///
    /// Every block whose run ends in the tile is given some of the quads: it sends the sums of the others, and adds to
    /// its own what is sent, in the order of the blocks. A block whose run goes on only sends. Mail is its own flag: a
    /// sum is sent as its complement, in which no word is 0 (the one float whose complement is 0 is a NaN that no
    /// instruction makes), and a box is left at 0 when it has been read. So no thread waits for a fence, a counter or a
    /// barrier, but only for the numbers that it adds.
    __device__ __forceinline__ void share(int tile)
    {
        const int first = p.work.firstBlock(tile), last = p.work.lastBlock(tile), block = static_cast<int>(blockIdx.x);
        const bool lastGoesOn = p.work.runBegin(last + 1) > (tile + 1) * p.work.depth;
        const int others = last - first, takers = others + (lastGoesOn ? 0 : 1), me = block - first;
        const int begin = me < takers ? C::quads * me / takers : 0;
        const int end = me < takers ? C::quads * (me + 1) / takers : 0;
#pragma unroll
        for (int quad = 0; quad < C::quads; ++quad)
            if (quad < begin || quad >= end)
                send(mailbox(block, me < takers, quad), quadSums(quad));

        constexpr int across = C::quads >= 8 ? 4 : C::quads >= 2 ? 2 : 1, deep = 8 / across; // reads under way at once
#pragma unroll
        for (int chunk = 0; chunk < C::quads; chunk += across) {
            if (chunk >= end || chunk + across <= begin)
                continue;
            unsigned taken = 0; // bit j: quad chunk + j is this block's
#pragma unroll
            for (int j = 0; j < across; ++j)
                taken |= static_cast<unsigned>(chunk + j >= begin && chunk + j < end) << j;
            for (int other = 0; other < others; other += deep) {
                uint4* boxes[deep]; // of quad `chunk`; those of the next ones follow
#pragma unroll
                for (int i = 0; i < deep; ++i) {
                    const int sender = first + other + i + (other + i >= me ? 1 : 0);
                    boxes[i] = other + i < others ? mailbox(sender, sender != last || !lastGoesOn, chunk) : nullptr;
                }
                uint4 mail[deep][across];
                receive(boxes, taken, mail);
#pragma unroll
                for (int i = 0; i < deep; ++i)
#pragma unroll
                    for (int j = 0; j < across; ++j)
                        if (boxes[i] && (taken >> j & 1)) {
                            float* sum = quadSums(chunk + j);
                            sum[0] += __uint_as_float(~mail[i][j].x);
                            sum[1] += __uint_as_float(~mail[i][j].y);
                            sum[2] += __uint_as_float(~mail[i][j].z);
                            sum[3] += __uint_as_float(~mail[i][j].w);
                        }
            }
        }
        storeTile(tile, begin, end);
    }

    __device__ static void send(uint4* box, const float* s)
    {
        asm volatile("st.relaxed.gpu.global.v4.u32 [%0], {%1, %2, %3, %4};" ::"l"(box), "r"(~__float_as_uint(s[0])),
                     "r"(~__float_as_uint(s[1])), "r"(~__float_as_uint(s[2])), "r"(~__float_as_uint(s[3]))
                     : "memory");
    }

    /// Reads the boxes of the quads in the mask until all are full, and empties them; null is no boxes.
    template <int deep, int across>
    __device__ __forceinline__ static void receive(uint4* const (&boxes)[deep], unsigned mask,
                                                   uint4 (&mail)[deep][across])
    {
        for (bool full = false; !full;) {
#pragma unroll
            for (int i = 0; i < deep; ++i)
#pragma unroll
                for (int j = 0; j < across; ++j)
                    fetch(boxes[i] + j * kComputeThreads, boxes[i] && (mask >> j & 1), mail[i][j]);
            full = true;
#pragma unroll
            for (int i = 0; i < deep; ++i)
#pragma unroll
                for (int j = 0; j < across; ++j) {
                    const uint4& v = mail[i][j];
                    full = full && v.x != 0 && v.y != 0 && v.z != 0 && v.w != 0;
                }
        }
#pragma unroll
        for (int i = 0; i < deep; ++i)
#pragma unroll
            for (int j = 0; j < across; ++j)
                empty(boxes[i] + j * kComputeThreads, boxes[i] && (mask >> j & 1));
    }

    /// Predicated by hand, so that a mask of boxes costs no branches.
    __device__ static void fetch(const uint4* box, bool wanted, uint4& mail)
    {
        mail = {1, 1, 1, 1};
        asm volatile("{ .reg .pred wanted; setp.ne.u32 wanted, %5, 0;\n"
                     "@wanted ld.relaxed.gpu.global.v4.u32 {%0, %1, %2, %3}, [%4]; }"
                     : "+r"(mail.x), "+r"(mail.y), "+r"(mail.z), "+r"(mail.w)
                     : "l"(box), "r"(static_cast<unsigned>(wanted))
                     : "memory");
    }

    __device__ static void empty(uint4* box, bool wanted)
    {
        asm volatile("{ .reg .pred wanted; setp.ne.u32 wanted, %2, 0;\n"
                     "@wanted st.relaxed.gpu.global.v4.u32 [%0], {%1, %1, %1, %1}; }" ::"l"(box),
                     "r"(0), "r"(static_cast<unsigned>(wanted))
                     : "memory");
    }

    __device__ __forceinline__ void computeRun(int begin, int end)
    {
        for (int unit = begin; unit < end;) {
            const Segment segment = segmentAt(p.work, unit, end);
            computeSegment(segment.begin, segment.end);
            if (segment.whole(p.work.depth))
                storeTile(segment.tile);
            else
                share(segment.tile);
            unit += segment.end - segment.begin;
        }
    }
};

} // namespace eigenquant::kernels::sm90
