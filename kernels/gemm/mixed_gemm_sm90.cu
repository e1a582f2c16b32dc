// SPDX-License-Identifier: GPL-3.0-or-later
//
// The mixed product on Hopper. D = W·xᵀ: rows of W are the rows of the tensor cores' tiles and the batch their columns,
// so that weights, decoded in registers, are the A operand, and x, in shared memory as the copy engine laid it, is B.
//
// A block has two warpgroups that compute and one thread that copies. The tile is 128 or 256 rows (each
// warpgroup has one or two strips of 64) by n rows of x. A unit of work is one block of columns of the layout: 128
// columns of codes or 32 salient ones, about as many bytes either way. Each stage of the pipeline holds a unit:
//
//   x:       two boxes of 64 columns, [n][64] elements in the 128-byte swizzle, n·128 bytes each
//   weights: one layout block a strip, one behind the other
//
// Bytes of a stage at n = 64 and 4 bits in groups of 128: 16384 + 4·4288. Weights do not depend on the kernel before,
// so the first stages' are on their way before it has ended.
#include "kernels/common/bulk_copy.cuh"
#include "kernels/common/launch.cuh"
#include "kernels/common/wgmma.cuh"
#include "kernels/gemm/decode_codes.cuh"
#include "kernels/gemm/mixed_gemm.h"
#include "kernels/gemm/paths.h"
#include "kernels/gemm/sm90_work.cuh"

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace eigenquant::kernels {
namespace {

constexpr int kWarpgroups = 2, kComputeThreads = 128 * kWarpgroups;
constexpr int kThreads = kComputeThreads + 128; ///< registers go to warpgroups, so the copier is a whole one
constexpr int kBoxColumns = 64;
constexpr int kSalientBlockBytes = kStripRows * kSalientColumns * 2;
constexpr std::uint32_t kBarrierBytes = 1024;

struct Params {
    StreamK work;
    const std::uint8_t* blocks;
    const float* rowScales;
    const std::uint16_t* codebook;
    const float* bias;
    std::uint16_t* y;
    std::int64_t yStride;
    std::int64_t stripBytes;
    int rows, strips, salient, salientBlocks; ///< of the layout
    int codeBlockBytes;
    int groupsPerBlock;
    int zerosOffset;                    ///< within a code block; 0: a symmetric grid
    int batch, batchTiles;
    int stages, stageBytes, stripPitch; ///< stripPitch: bytes from one strip's block to the next within a stage
    uint4* mail;                        ///< [blocks][2][quads][kComputeThreads], all 0
    bool pairsAligned;                  ///< two neighbouring elements of y can be written as one word
};

template <Element element_, int bits_, Coding coding_, int rowTiles_, int n_>
struct Config {
    static constexpr Element element = element_;
    static constexpr int bits = bits_;
    static constexpr Coding coding = coding_;
    static constexpr int rowTiles = rowTiles_; ///< strips of a warpgroup
    static constexpr int n = n_;
    static constexpr int strips = kWarpgroups * rowTiles;
    static constexpr int boxBytes = n * kBoxColumns * 2;
    static constexpr int sums = n / 2;                ///< of a thread and row tile
    static constexpr int quads = rowTiles * sums / 4; ///< float4s of a thread
    /// Narrow tiles leave room for a second block on a multiprocessor: the next product's, whose first weights are on
    /// their way while this one ends.
    static constexpr int residents = sm90Residents(strips * kStripRows, n);
    /// A launch gives every thread 168 registers, or 80 where two blocks are resident; the copier hands most of its own
    /// to those that compute.
    static constexpr int copyRegisters = residents == 2 ? 32 : 40;
    static constexpr int computeRegisters = residents == 2 ? 104 : 232;
};

struct Tile {
    int firstStrip, firstBatch;
};

template <class C>
__device__ Tile tileOf(const Params& p, int tile)
{
    return {tile / p.batchTiles * C::strips, tile % p.batchTiles * C::n};
}

/// The stages in turn: their barriers, full and empty, and their data, by shared address.
struct Pipeline {
    std::uint32_t barriers, data; ///< of stage 0: [kMostBulkStages] full barriers, then as many empty ones
    int stages, stageBytes;
    int stage = 0;
    std::uint32_t phase = 0, stageData = data;

    __device__ void advance()
    {
        stageData += static_cast<std::uint32_t>(stageBytes);
        if (++stage == stages) {
            stage = 0;
            phase ^= 1;
            stageData = data;
        }
    }
    __device__ std::uint32_t fullBarrier() const { return barriers + 8 * static_cast<std::uint32_t>(stage); }
    __device__ std::uint32_t emptyBarrier() const { return fullBarrier() + 8 * kMostBulkStages; }
};

// --- the copying thread -----------------------------------------------------------------------------------------

/// A place in a run: the unit and what follows from it, brought forward without divisions.
template <class C>
struct Cursor {
    int tile, block;
    int firstBatch, strips;   ///< of the tile
    const std::uint8_t* from; ///< the block of the tile's first strip

    __device__ Cursor(const Params& p, int unit) : tile(unit / p.work.depth), block(unit - tile * p.work.depth)
    {
        enterTile(p);
        const int codes = max(0, block - p.salientBlocks);
        from += static_cast<std::int64_t>(block - codes) * kSalientBlockBytes +
                static_cast<std::int64_t>(codes) * p.codeBlockBytes;
    }

    __device__ void enterTile(const Params& p)
    {
        const Tile where = tileOf<C>(p, tile);
        firstBatch = where.firstBatch;
        strips = min(C::strips, p.strips - where.firstStrip);
        from = p.blocks + static_cast<std::int64_t>(where.firstStrip) * p.stripBytes;
    }

    __device__ bool salient(const Params& p) const { return block < p.salientBlocks; }
    __device__ int bytes(const Params& p) const { return salient(p) ? kSalientBlockBytes : p.codeBlockBytes; }

    __device__ void advance(const Params& p)
    {
        from += bytes(p);
        if (++block == p.work.depth) {
            block = 0;
            ++tile;
            enterTile(p);
        }
    }
};

template <class C>
__device__ void copyWeights(const Params& p, const Cursor<C>& at, const Pipeline& pipe, std::uint64_t policy)
{
    const auto bytes = static_cast<std::uint32_t>(at.bytes(p));
    const std::uint32_t barrier = pipe.fullBarrier();
    arriveExpecting(barrier, static_cast<std::uint32_t>(at.strips) * bytes + (at.salient(p) ? 1 : 2) * C::boxBytes);
    std::uint32_t to = pipe.stageData + 2 * C::boxBytes;
    const std::uint8_t* from = at.from;
#pragma unroll
    for (int strip = 0; strip < C::strips; ++strip) {
        if (strip < at.strips)
            bulkCopy(to, from, bytes, barrier, policy);
        to += static_cast<std::uint32_t>(p.stripPitch);
        from += p.stripBytes;
    }
}

template <class C>
__device__ void copyX(const Params& p, const CUtensorMap* map, const Cursor<C>& at, const Pipeline& pipe)
{
    const std::uint32_t to = pipe.stageData, barrier = pipe.fullBarrier();
    if (at.salient(p)) {
        tensorCopy(to, map, at.block * kSalientColumns, at.firstBatch, barrier);
        return;
    }
    const int column = p.salient + (at.block - p.salientBlocks) * kCodeColumns;
    tensorCopy(to, map, column, at.firstBatch, barrier);
    tensorCopy(to + C::boxBytes, map, column + kBoxColumns, at.firstBatch, barrier);
}

/// The units of the block's run, in order.
template <class C>
__device__ void copyRun(const Params& p, const CUtensorMap* map, Pipeline pipe, int begin, int end)
{
    const std::uint64_t policy = evictFirst();
    const int early = min(end, begin + p.stages);
    Cursor<C> weights(p, begin), x(p, begin);
    Pipeline ahead = pipe;
    for (int unit = begin; unit < early; ++unit, ahead.advance(), weights.advance(p))
        copyWeights(p, weights, ahead, policy);
    waitForPrevious();
    for (int unit = begin; unit < early; ++unit, pipe.advance(), x.advance(p))
        copyX(p, map, x, pipe);
    for (int unit = early; unit < end; ++unit, pipe.advance(), x.advance(p)) {
        waitBarrier(pipe.emptyBarrier(), pipe.phase ^ 1);
        copyWeights(p, x, pipe, policy);
        copyX(p, map, x, pipe);
    }
}

// --- the computing warpgroups -----------------------------------------------------------------------------------

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

template <class C>
__global__ void __launch_bounds__(kThreads, C::residents)
    mixedGemmKernel(const __grid_constant__ CUtensorMap x, const __grid_constant__ Params p)
{
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
    extern __shared__ std::uint8_t shared[];
    const std::uint32_t base = (sharedAddress(shared) + 1023) / 1024 * 1024;
    const Pipeline pipe{base, base + kBarrierBytes, p.stages, p.stageBytes};
        if (threadIdx.x == 0) {
        for (int stage = 0; stage < p.stages; ++stage) {
            initBarrier(base + 8u * stage, 1);
            initBarrier(base + 8u * (kMostBulkStages + stage), 4 * kWarpgroups); // one lane of each computing warp
        }
        fenceBarrierInit();
        prefetchMap(&x);
    }
    __syncthreads();
    releaseNext();

    const int block = static_cast<int>(blockIdx.x);
    const int begin = p.work.runBegin(block), end = p.work.runBegin(block + 1);
    if (threadIdx.x >= kComputeThreads) {
        asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(C::copyRegisters));
        if (threadIdx.x == kComputeThreads)
            copyRun<C>(p, &x, pipe, begin, end);
    } else {
        asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(C::computeRegisters));
        waitForPrevious();
        Computer<C> computer(p, pipe, static_cast<int>(threadIdx.x));
        if constexpr (C::coding == Coding::Codebook)
            computer.codebook.load(p.codebook);
        computer.computeRun(begin, end);
    }
#endif
}

// --- the host ---------------------------------------------------------------------------------------------------

using EncodeTiled = CUresult (*)(CUtensorMap*, CUtensorMapDataType, cuuint32_t, void*, const cuuint64_t*,
                                 const cuuint64_t*, const cuuint32_t*, const cuuint32_t*, CUtensorMapInterleave,
                                 CUtensorMapSwizzle, CUtensorMapL2promotion, CUtensorMapFloatOOBfill);

/// The driver's function, found at run time so that programs start without a driver.
EncodeTiled encodeTiled()
{
    static const EncodeTiled function = [] {
        void* found = nullptr;
        cudaDriverEntryPointQueryResult result{};
        check(cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &found, 12000, cudaEnableDefault, &result),
              "looking for cuTensorMapEncodeTiled");
        if (result != cudaDriverEntryPointSuccess || !found)
            throw GpuError(GpuError::Kind::Unavailable, "the NVIDIA driver knows no tensor maps");
        return reinterpret_cast<EncodeTiled>(found);
    }();
    return function;
}

/// x [batch, columns] as boxes of n rows and 64 columns.
CUtensorMap mapOfX(const MixedGemm& gemm, int n)
{
    CUtensorMap map{};
    const cuuint64_t sizes[2] = {static_cast<cuuint64_t>(gemm.weights.layout.columns),
                                 static_cast<cuuint64_t>(gemm.batch)};
    const cuuint64_t strides[1] = {static_cast<cuuint64_t>(gemm.xStride) * 2};
    const cuuint32_t box[2] = {kBoxColumns, static_cast<cuuint32_t>(n)}, steps[2] = {1, 1};
    const CUresult status = encodeTiled()(
        &map, gemm.element == Element::F16 ? CU_TENSOR_MAP_DATA_TYPE_FLOAT16 : CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, 2,
        const_cast<void*>(gemm.x), sizes, strides, box, steps, CU_TENSOR_MAP_INTERLEAVE_NONE,
        CU_TENSOR_MAP_SWIZZLE_128B, CU_TENSOR_MAP_L2_PROMOTION_L2_256B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
    if (status != CUDA_SUCCESS)
        throw GpuError(GpuError::Kind::Failed, "no tensor map for x: driver error " + std::to_string(status));
    return map;
}

int multiprocessors()
{
    int device = 0, processors = 0;
    check(cudaGetDevice(&device), "asking for the current GPU");
    check(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device), "counting multiprocessors");
    return processors;
}

/// How many blocks run at once: those that share a tile wait for each other, so all of them have to.
template <class C>
int residentBlocks(std::size_t sharedBytes)
{
    int each = 0;
    check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&each, mixedGemmKernel<C>, kThreads, sharedBytes),
          "asking how many blocks fit");
    return each * multiprocessors();
}

template <class C>
void run(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    const MixedLayout& layout = gemm.weights.layout;
    const std::size_t sharedBytes = sm90SharedBytes(layout, tile);
    allowSharedBytes(mixedGemmKernel<C>, sharedBytes);
    const int batchTiles = (gemm.batch + C::n - 1) / C::n;
    const int tiles = (layout.strips() + C::strips - 1) / C::strips * batchTiles;
    const int blocks = std::min({tile.blocks, tiles * layout.blocks(), residentBlocks<C>(sharedBytes)});
    Params p{};
    p.work = StreamK(tiles, layout.blocks(), blocks);
    p.blocks = static_cast<const std::uint8_t*>(gemm.weights.blocks);
    p.rowScales = gemm.weights.rowScales;
    p.codebook = gemm.weights.codebook;
    p.bias = gemm.bias;
    p.y = static_cast<std::uint16_t*>(gemm.y);
    p.yStride = gemm.yStride;
    p.stripBytes = static_cast<std::int64_t>(layout.stripBytes());
    p.rows = layout.rows;
    p.strips = layout.strips();
    p.salient = layout.salient;
    p.salientBlocks = layout.salientBlocks();
    p.codeBlockBytes = layout.codeBlockBytes();
    p.groupsPerBlock = layout.groupsPerBlock();
    p.zerosOffset = layout.hasZeros() ? layout.zerosOffset() : 0;
    p.batch = gemm.batch;
    p.batchTiles = batchTiles;
    p.stages = tile.stages;
    p.stripPitch = blockPitch(layout);
    p.stageBytes = sm90StageBytes(layout, tile);
    p.mail = reinterpret_cast<uint4*>(static_cast<std::uint8_t*>(gemm.workspace) +
                                      mixedGemmMailOffset(multiprocessors()));
    p.pairsAligned = gemm.yStride % 2 == 0 && reinterpret_cast<std::uintptr_t>(gemm.y) % 4 == 0;
    launch("mixedGemmSm90", mixedGemmKernel<C>, dim3(static_cast<unsigned>(blocks)), dim3(kThreads), sharedBytes,
           stream, mapOfX(gemm, C::n), p);
}

/// One case for each of kSm90Tiles.
template <Element element, int bits, Coding coding>
void runTile(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    switch (tile.batch) {
    case 8:
        return run<Config<element, bits, coding, 2, 8>>(gemm, tile, stream);
    case 16:
        return run<Config<element, bits, coding, 1, 16>>(gemm, tile, stream);
    case 32:
        return run<Config<element, bits, coding, 1, 32>>(gemm, tile, stream);
    case 64:
        return run<Config<element, bits, coding, 1, 64>>(gemm, tile, stream);
    default:
        return run<Config<element, bits, coding, 1, 128>>(gemm, tile, stream);
    }
}

template <Element element, int bits>
void runCoding(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    if (gemm.weights.layout.coding == Coding::Grid)
        runTile<element, bits, Coding::Grid>(gemm, tile, stream);
    else
        runTile<element, bits, Coding::Codebook>(gemm, tile, stream);
}

template <Element element>
void runBits(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    if (gemm.weights.layout.bits == 4)
        runCoding<element, 4>(gemm, tile, stream);
    else
        runCoding<element, 3>(gemm, tile, stream);
}

} // namespace

void mixedGemmSm90(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    if (!sm90Takes(gemm.weights.layout))
        throw std::invalid_argument("mixed product: the Hopper kernel takes salient channels by eights, not " +
                                    std::to_string(gemm.weights.layout.salient));
    if (gemm.element == Element::F16)
        runBits<Element::F16>(gemm, tile, stream);
    else
        runBits<Element::BF16>(gemm, tile, stream);
}

} // namespace eigenquant::kernels
