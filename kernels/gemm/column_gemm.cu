// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/gemm/column_gemm.h"

#include "kernels/common/launch.cuh"
#include "kernels/common/mma_sync.cuh"
#include "kernels/gemm/column_decode.cuh"
#include "kernels/gemm/column_kernels.cuh"
#include "kernels/gemm/column_plan.h"

#include <algorithm>
#include <stdexcept>

/// Two kernels: products of runs of columns into the workspace, then their sum in a fixed order.
///
/// Weights pass from memory through the stages of column_plan.h into registers, where each warp decodes tiles of
/// 64 x 16 and multiplies them, as A operands, with x as B operand: mma m16n8k16 makes no difference between batch 1
/// and 8, so there is no other path for small batches. A decoded tile serves up to 64 rows of x.
namespace eigenquant::kernels {
namespace columns {
namespace {

/// One unit: 16 columns of a group of 256 rows, by one team.
struct Unit {
    int block; ///< of columns
    int width;
};

/// What a thread is in its block.
struct Place {
    int team, strip, lane, thread; ///< strip within the group, thread within the team
};

__device__ Place placeOf(int thread)
{
    return {thread / kTeamThreads, thread % kTeamThreads / 32, thread % 32, thread % kTeamThreads};
}

/// Goes on to a block; widths rise with blocks.
__device__ Unit unitAt(const KernelParams& params, int block, int width)
{
    while (block >= params.firstBlock[width + 1])
        ++width;
    return {block, width};
}

/// The begins of the lists of outliers of one strip, 31 tiles at a time: lane i has that of tile `base` + i. The next
/// 31 are on their way.
class OutlierBegins {
public:
    __device__ OutlierBegins(const KernelParams& params, int strip, int block, int lane)
        : m_list(params.outlierBegins), m_at(strip * params.blocks), m_end(params.strips * params.blocks), m_lane(lane),
          m_base(block)
    {
        m_now = load(m_base);
        m_next = load(m_base + 31);
    }
    /// The list of a block's tile; blocks rise.
    __device__ uint2 listOf(int block)
    {
        if (block - m_base > 30) {
            m_base += 31;
            m_now = m_next;
            m_next = load(m_base + 31);
        }
        const std::uint32_t begin = __shfl_sync(0xffffffffu, m_now, block - m_base);
        return {begin, __shfl_sync(0xffffffffu, m_now, block - m_base + 1) - begin};
    }

private:
    __device__ std::uint32_t load(int block) const
    {
        return m_list != nullptr ? __ldg(m_list + min(m_at + block + m_lane, m_end)) : 0;
    }
    const std::uint32_t* m_list;
    int m_at, m_end, m_lane, m_base;
    std::uint32_t m_now, m_next;
};

/// What one team needs for its part of one segment: a run of column blocks of a group.
template <ColumnCoding kCoding, int kBatchTiles>
class Team {
public:
    __device__ Team(const KernelParams& params, unsigned char* shared, Place place, int group, int begin, int end)
        : m_params(params), m_shared(shared), m_place(place), m_group(group), m_begin(begin), m_end(end),
          m_strips(min(kGroupStrips, params.strips - group * kGroupStrips)),
          m_begins(params, min(group * kGroupStrips + place.strip, params.strips - 1), begin, place.lane)
    {
    }

    /// sums += the team's columns. `first`: earlier kernels may still be writing x.
    __device__ void run(float (&sums)[4][kBatchTiles][4], bool first);

private:
    static constexpr int kXBytes = kBatchTiles * 8 * kTileColumns * 2;

    __device__ bool hasStrip() const { return m_place.strip < m_strips; }
    __device__ unsigned char* stage(int index) const
    {
        const int slot = m_place.team * m_params.stages + index % m_params.stages;
        return m_shared + m_params.stagesAt + slot * m_params.stageBytes;
    }
    __device__ unsigned char* tablesOf(int index) const { return stage(index) + m_params.tablesAt; }
    __device__ std::uint32_t* listOf(int index) const
    {
        return reinterpret_cast<std::uint32_t*>(stage(index) + m_params.listsAt) + m_place.strip * kListWords;
    }
    __device__ void copy(unsigned char* to, const unsigned char* from, int bytes) const
    {
        for (int at = m_place.thread * 16; at < bytes; at += kTeamThreads * 16)
            copyAsync16(to + at, from + at, 16);
    }
    __device__ void fetchWeights(int index);
    __device__ void fetchOutliers(int index, int block);
    __device__ void fetchX(int index) const;
    __device__ void decode(Fragments& weights, int index, Unit unit) const;
    __device__ void multiply(float (&sums)[4][kBatchTiles][4], const Fragments& weights, int index) const;

    const KernelParams& m_params;
    unsigned char* m_shared;
    Place m_place;
    int m_group, m_begin, m_end, m_strips;
    OutlierBegins m_begins;
    int m_fetchWidth = 1;
};

template <ColumnCoding kCoding, int kBatchTiles>
__device__ void Team<kCoding, kBatchTiles>::fetchWeights(int index)
{
    const Unit unit = unitAt(m_params, m_begin + index, m_fetchWidth);
    m_fetchWidth = unit.width;
    const int tileBytes = m_params.tileBytes[unit.width], nth = unit.block - m_params.firstBlock[unit.width];
    const unsigned char* codes = m_params.codes +
                                 static_cast<std::size_t>(m_group * kGroupStrips) * m_params.codeStart[kMaxColumnWidth + 1] +
                                 static_cast<std::size_t>(m_strips) * (m_params.codeStart[unit.width] + nth * tileBytes);
    copy(stage(index) + kXBytes, codes, m_strips * tileBytes);
    if constexpr (kCoding == ColumnCoding::Codebooks) {
        const int bytes = kTileColumns * m_params.tableBytes[unit.width];
        copy(tablesOf(index), m_params.tables + m_params.tableStart[unit.width] + static_cast<std::size_t>(nth) * bytes,
             bytes);
        fetchOutliers(index, unit.block);
    }
}

template <ColumnCoding kCoding, int kBatchTiles>
__device__ void Team<kCoding, kBatchTiles>::fetchOutliers(int index, int block)
{
    if (m_params.outliers == nullptr || !hasStrip())
        return;
    const uint2 list = m_begins.listOf(block); // {begin, length}
    std::uint32_t* to = listOf(index);
    if (m_place.lane < min(list.y, static_cast<std::uint32_t>(kListed)))
        copyAsync4(to + m_place.lane, m_params.outliers + list.x + m_place.lane);
    if (m_place.lane == 0)
        *reinterpret_cast<uint2*>(to + kListed) = list;
}

template <ColumnCoding kCoding, int kBatchTiles>
__device__ void Team<kCoding, kBatchTiles>::fetchX(int index) const
{
    for (int part = m_place.thread; part < kBatchTiles * 16; part += kTeamThreads) { // 16 bytes, two a row
        const int row = part / 2, column = (m_begin + index) * kTileColumns + part % 2 * 8;
        const bool exists = row < m_params.batch;
        const std::uint16_t* from = m_params.x + (exists ? row : 0) * m_params.xStride + column;
        copyAsync16(stage(index) + part * 16, from, exists ? 16 : 0);
    }
}

template <ColumnCoding kCoding, int kBatchTiles>
__device__ void Team<kCoding, kBatchTiles>::decode(Fragments& weights, int index, Unit unit) const
{
    const unsigned char* tile = stage(index) + kXBytes + m_place.strip * m_params.tileBytes[unit.width];
    if constexpr (kCoding == ColumnCoding::Codebooks) {
        decodeCodebooks(weights, unit.width, tile, tablesOf(index), m_place.lane);
        if (m_params.outliers == nullptr)
            return;
        const std::uint32_t* listed = listOf(index);
        const uint2 list = *reinterpret_cast<const uint2*>(listed + kListed);
        const int warp = m_place.team * kGroupStrips + m_place.strip;
        applyOutliers(weights, m_shared + m_params.patchesAt + warp * kPatchBytes, listed, m_params.outliers + list.x,
                      static_cast<int>(list.y), m_place.lane);
    } else {
        const LevelTable table{m_shared + m_params.levelsAt[unit.width], unit.width == m_params.copiedWidth};
        decodeTrellis(weights, unit.width, tile, table, m_place.lane);
        const int columns = m_params.counts[unit.width] - (unit.block - m_params.firstBlock[unit.width]) * kTileColumns;
        if (columns < kTileColumns)
            clearFillers(weights, columns, m_place.lane);
    }
}

template <ColumnCoding kCoding, int kBatchTiles>
__device__ void Team<kCoding, kBatchTiles>::multiply(float (&sums)[4][kBatchTiles][4], const Fragments& weights,
                                                     int index) const
{
    // Row 8·tile + g of x, columns 4t … 4t+3: the warp reads 256 bytes in a row.
    const uint2* x = reinterpret_cast<const uint2*>(stage(index)) + m_place.lane;
#pragma unroll
    for (int tile = 0; tile < kBatchTiles; ++tile) {
        const uint2 b = x[tile * 32];
#pragma unroll
        for (int fragment = 0; fragment < 4; ++fragment)
            if (m_params.bf16)
                multiplyAdd<Element::BF16>(sums[fragment][tile], weights.a[fragment], b.x, b.y);
            else
                multiplyAdd<Element::F16>(sums[fragment][tile], weights.a[fragment], b.x, b.y);
    }
}

template <ColumnCoding kCoding, int kBatchTiles>
__device__ void Team<kCoding, kBatchTiles>::run(float (&sums)[4][kBatchTiles][4], bool first)
{
    const int count = m_end - m_begin, ahead = m_params.stages - 1;
    for (int i = 0; i < min(ahead, count); ++i)
        fetchWeights(i);
    if (first)
        waitForPrevious();
    for (int i = 0; i < ahead; ++i) {
        if (i < count)
            fetchX(i);
        commitCopies();
    }
    int width = 1;
    for (int i = 0; i < count; ++i) {
        waitCopies(ahead - 1);
        joinBarrier(1 + m_place.team, kTeamThreads); // all have what they copied, none still reads the stage before
        if (i + ahead < count) {
            fetchWeights(i + ahead);
            fetchX(i + ahead);
        }
        commitCopies();
        const Unit unit = unitAt(m_params, m_begin + i, width);
        width = unit.width;
        if (!hasStrip())
            continue;
        Fragments weights;
        decode(weights, i, unit);
        multiply(sums, weights, i);
    }
}

/// The teams' sums, in their order, to those of team 0; scratch [team - 1][strip][tile][lane].
template <int kBatchTiles, int kTeams>
__device__ void addTeams(float (&sums)[4][kBatchTiles][4], float4* scratch, Place place)
{
    const auto at = [&](int team, int tile) {
        return (((team - 1) * kGroupStrips + place.strip) * kBatchTiles + tile) * 32 + place.lane;
    };
    __syncthreads(); // the stages are free
#pragma unroll
    for (int fragment = 0; fragment < 4; ++fragment) {
#pragma unroll
        for (int tile = 0; tile < kBatchTiles; ++tile)
            if (place.team > 0) {
                const float(&own)[4] = sums[fragment][tile];
                scratch[at(place.team, tile)] = {own[0], own[1], own[2], own[3]};
            }
        __syncthreads();
#pragma unroll
        for (int tile = 0; tile < kBatchTiles; ++tile)
            if (place.team == 0)
                for (int team = 1; team < kTeams; ++team) {
                    const float4 other = scratch[at(team, tile)];
                    sums[fragment][tile][0] += other.x;
                    sums[fragment][tile][1] += other.y;
                    sums[fragment][tile][2] += other.z;
                    sums[fragment][tile][3] += other.w;
                }
        __syncthreads();
    }
}

/// partial [batch][256]: a lane has eight rows of two rows of x in each tile.
template <int kBatchTiles>
__device__ void storeSums(const float (&sums)[4][kBatchTiles][4], float* partial, int batch, Place place)
{
    const int row = place.strip * kTileRows + place.lane / 4 * 8;
#pragma unroll
    for (int tile = 0; tile < kBatchTiles; ++tile)
#pragma unroll
        for (int i = 0; i < 2; ++i) {
            const int n = tile * 8 + place.lane % 4 * 2 + i;
            if (n >= batch)
                continue;
            auto* to = reinterpret_cast<float4*>(partial + n * kGroupRows + row);
            to[0] = {sums[0][tile][i], sums[0][tile][2 + i], sums[1][tile][i], sums[1][tile][2 + i]};
            to[1] = {sums[2][tile][i], sums[2][tile][2 + i], sums[3][tile][i], sums[3][tile][2 + i]};
        }
}

/// What lies in shared memory for the whole kernel.
template <ColumnCoding kCoding>
__device__ void prepareShared(const KernelParams& params, unsigned char* shared, int threads)
{
    const int thread = static_cast<int>(threadIdx.x);
    if constexpr (kCoding == ColumnCoding::Codebooks) {
        for (int at = thread * 16; at < threads / 32 * kPatchBytes; at += threads * 16)
            *reinterpret_cast<uint4*>(shared + params.patchesAt + at) = {0, 0, 0, 0};
    } else {
        const unsigned char* levels = params.tables;
        for (int width = 1; width <= kMaxColumnWidth; ++width) {
            if (params.counts[width] == 0)
                continue;
            unsigned char* to = shared + params.levelsAt[width];
            if (width == params.copiedWidth)
                copyLevels(to, levels, thread, threads);
            else
                for (int at = thread * 16; at < kLevels * 2; at += threads * 16)
                    *reinterpret_cast<uint4*>(to + at) = *reinterpret_cast<const uint4*>(levels + at);
            levels += kLevels * 2;
        }
    }
    __syncthreads();
}

/// x [batch][columns] elements, codes as column_layout.h says → partials [block + group][batch][256] float32.
template <ColumnCoding kCoding, int kBatchTiles, int kTeams>
__global__ void __launch_bounds__(kTeams* kTeamThreads, 1) multiplyColumns(const __grid_constant__ KernelParams params)
{
    extern __shared__ __align__(16) unsigned char shared[];
    releaseNext();
    prepareShared<kCoding>(params, shared, kTeams * kTeamThreads);
    const Place place = placeOf(static_cast<int>(threadIdx.x));
    const int index = static_cast<int>(blockIdx.x), grid = static_cast<int>(gridDim.x);
    const std::int64_t units = static_cast<std::int64_t>(params.groups) * params.blocks;
    const auto end = static_cast<int>(firstUnit(index + 1, grid, units));
    bool first = true;
    for (auto unit = static_cast<int>(firstUnit(index, grid, units)); unit < end; first = false) {
        const int group = unit / params.blocks, begin = unit % params.blocks;
        const int count = min(params.blocks - begin, end - unit);
        float sums[4][kBatchTiles][4] = {};
        Team<kCoding, kBatchTiles>(params, shared, place, group, begin + count * place.team / kTeams,
                                   begin + count * (place.team + 1) / kTeams)
            .run(sums, first);
        addTeams<kBatchTiles, kTeams>(sums, reinterpret_cast<float4*>(shared + params.stagesAt), place);
        if (place.team == 0)
            storeSums<kBatchTiles>(
                sums, params.partials + static_cast<std::int64_t>(index + group) * params.batch * kGroupRows,
                params.batch, place);
        unit += count;
    }
}

/// y [batch][rows] elements = scale·(the partial sums, by rising column) + bias. A block is a group and one row of x.
__global__ void __launch_bounds__(kGroupRows) addPartials(const __grid_constant__ SumParams params)
{
    releaseNext();
    const int group = static_cast<int>(blockIdx.x), n = static_cast<int>(blockIdx.y);
    const int thread = static_cast<int>(threadIdx.x), row = group * kGroupRows + thread;
    const std::int64_t units = static_cast<std::int64_t>(params.groups) * params.blocks;
    const std::int64_t begin = static_cast<std::int64_t>(group) * params.blocks;
    const int first = ownerOf(begin, params.grid, units), last = ownerOf(begin + params.blocks - 1, params.grid, units);
    const std::int64_t step = static_cast<std::int64_t>(params.batch) * kGroupRows;
    waitForPrevious();
    const float* partial = params.partials + (first + group) * step + n * kGroupRows + thread;
    float sum = 0;
#pragma unroll 4
    for (int i = first; i <= last; ++i, partial += step)
        sum += *partial;
    if (row >= params.rows)
        return;
    sum = sum * (params.rowScales != nullptr ? params.rowScales[row] : 1.0f) +
          (params.bias != nullptr ? params.bias[row] : 0.0f);
    storeElement(params.y + n * params.yStride + row, sum, params.bf16);
}

template <ColumnCoding kCoding, int kBatchTiles, int kTeams>
void launchProduct(const KernelParams& params, const Plan& plan, Stream stream)
{
    const auto kernel = multiplyColumns<kCoding, kBatchTiles, kTeams>;
    const auto sharedBytes = static_cast<std::size_t>(plan.sharedBytes());
    allowSharedBytes(kernel, sharedBytes);
    launch("columns", kernel, dim3(static_cast<unsigned>(plan.blocks)), dim3(kTeams * kTeamThreads), sharedBytes,
           stream, params);
}

template <ColumnCoding kCoding>
void launchProduct(const KernelParams& params, const Plan& plan, Stream stream)
{
    switch (plan.batchTile) {
    case 8:
        return launchProduct<kCoding, 1, 4>(params, plan, stream);
    case 16:
        return launchProduct<kCoding, 2, 4>(params, plan, stream);
    case 32:
        return launchProduct<kCoding, 4, 2>(params, plan, stream);
    default:
        return launchProduct<kCoding, 8, 2>(params, plan, stream);
    }
}

void requireGemm(bool holds, const char* what)
{
    if (!holds)
        throw std::invalid_argument(std::string("a product of columns: ") + what);
}

void checkGemm(const ColumnGemm& gemm, const Plan& plan, const GpuTraits& gpu)
{
    const ColumnLayout& layout = gemm.weights.layout;
    requireGemm(layout.rows > 0 && layout.blocks() > 0, "there are no weights");
    requireGemm(gemm.xStride % 8 == 0 && gemm.xStride >= layout.paddedColumns(),
                "rows of x are not a multiple of 8 apart, or overlap");
    requireGemm(gemm.yStride >= layout.rows, "rows of y overlap");
    requireGemm(gemm.workspace != nullptr, "there is no workspace");
    requireGemm(layout.coding == ColumnCoding::Codebooks || gemm.weights.rowScales != nullptr, "there are no scales");
    requireGemm(static_cast<std::size_t>(plan.sharedBytes()) <= gpu.sharedBytes, "too little shared memory");
}

void queueTile(const ColumnGemm& gemm, int begin, int batch, const GpuTraits& gpu, Stream stream)
{
    const ColumnLayout& layout = gemm.weights.layout;
    const Plan plan = planColumns(layout, batch, gpu);
    checkGemm(gemm, plan, gpu);
    KernelParams params = kernelParams(gemm.weights, plan);
    params.x = static_cast<const std::uint16_t*>(gemm.x) + begin * gemm.xStride;
    params.xStride = gemm.xStride;
    params.partials = static_cast<float*>(gemm.workspace);
    params.batch = batch;
    if (layout.coding == ColumnCoding::Codebooks)
        launchProduct<ColumnCoding::Codebooks>(params, plan, stream);
    else
        launchProduct<ColumnCoding::Trellis>(params, plan, stream);
    const SumParams sum{params.partials,
                        gemm.weights.rowScales,
                        gemm.bias,
                        static_cast<std::uint16_t*>(gemm.y) + begin * gemm.yStride,
                        gemm.yStride,
                        layout.rows,
                        batch,
                        layout.groups(),
                        layout.blocks(),
                        plan.blocks,
                        params.bf16};
    launch("sums of columns", addPartials, dim3(static_cast<unsigned>(layout.groups()), static_cast<unsigned>(batch)),
           dim3(kGroupRows), 0, stream, sum);
}

} // namespace
} // namespace columns

void columnGemm(const ColumnGemm& gemm, const GpuTraits& gpu, Stream stream)
{
    for (int begin = 0; begin < gemm.batch; begin += columns::kLargestBatchTile)
        columns::queueTile(gemm, begin, std::min(columns::kLargestBatchTile, gemm.batch - begin), gpu, stream);
}

} // namespace eigenquant::kernels
