// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/gemm/tile_choice.h"

#include "kernels/gemm/paths.h"

#include <algorithm>
#include <cstdint>
#include <tuple>

namespace eigenquant::kernels {

namespace {

/// The path and tile for batches up to `upTo`; beyond the last row of a table, weights are dequantized.
struct Range {
    int upTo;
    GemmPath path;
    int rows, batch;
};

// Hopper: measured on an H100, the linears of a LLaMA-2-7B layer in a row, 4 bits in groups of 128, 128 salient
// channels, microseconds (cuBLAS FP16 beside them):
//
//   batch         1     16     32     64    128    256
//   sm90       54.8   56.2   60.4   75.4  111.9  201.9   with these tiles
//   cuBLAS      157    158    159    163    166    195
//
// The narrowest tile that holds the batch computes the fewest columns that nobody needs. Far beyond 256 rows of x
// products are bound by arithmetic, where cuBLAS is at home: 180 us of dequantizing (377 in all at batch 256) are
// made up for above about 1024.
constexpr Range kHopper[] = {
    {8, GemmPath::Sm90, 192, 8},   {16, GemmPath::Sm90, 192, 16},     {32, GemmPath::Sm90, 192, 32},
    {64, GemmPath::Sm90, 192, 64}, {1024, GemmPath::Sm90, 128, 128},
};
// Not measured yet, but from the arithmetic: above about 192 rows of x (an A100, 310 TFLOP/s by 1.5 TB/s) a product is
// bound by arithmetic.
constexpr Range kAnyOther[] = {
    {8, GemmPath::Simt, 64, 8},
    {16, GemmPath::Sm80, 128, 16},
    {32, GemmPath::Sm80, 128, 32},
    {192, GemmPath::Sm80, 128, 64},
};

template <std::size_t count>
const Range* findRange(const Range (&table)[count], int batch)
{
    for (const Range& range : table)
        if (batch <= range.upTo)
            return &range;
    return nullptr;
}

std::int64_t unitsOf(const MixedLayout& layout, int batch, const TileChoice& tile)
{
    const std::int64_t rowTiles = (layout.rows + tile.rows - 1) / tile.rows;
    return rowTiles * ((batch + tile.batch - 1) / tile.batch) * layout.blocks();
}

/// Blocks of a tile, Simt's or Sm80's, that a multiprocessor's registers hold.
int mostResidents(const TileChoice& tile)
{
    return tile.path == GemmPath::Simt ? kSimtResidents : sm80Residents(tile.rows, tile.batch);
}

/// Weights, bytes, that have to be on their way to a multiprocessor for memory to be busy: an H100's 3.35 TB/s
/// times 0.8 µs of latency are 20 KiB each; half as much again bears with blocks that begin and end.
constexpr int kEnoughOnTheWay = 30 << 10;

/// Sets the stages of Simt and Sm80, and with them the blocks: enough on the way, then as many blocks a
/// multiprocessor as there can be, which hide each other's arithmetic and ends, then as many stages. A block takes
/// 1 KiB that the system keeps.
void fillProcessors(TileChoice& tile, const MixedLayout& layout, int batch, const GpuTraits& gpu)
{
    const int idle = tile.path == GemmPath::Sm80 ? 1 : 0; // the stage that is read there is not on its way
    const int strips = tile.path == GemmPath::Simt ? kSimtWarps : tile.rows / kStripRows;
    std::tuple<int, int, int> best{0, 1, 2};
    for (tile.stages = 2; tile.stages <= kMostCopyStages; ++tile.stages) {
        const std::size_t bytes = sharedBytes(layout, batch, tile);
        if (bytes > gpu.sharedBytes)
            break;
        const int fitting = static_cast<int>((gpu.sharedBytes + 1024) / (bytes + 1024));
        const int residents = std::min(fitting, mostResidents(tile));
        const int onTheWay = residents * (tile.stages - idle) * strips * blockPitch(layout);
        best = std::max(best, {std::min(onTheWay, kEnoughOnTheWay), residents, tile.stages});
    }
    tile.stages = std::get<2>(best);
    const std::int64_t blocks = static_cast<std::int64_t>(gpu.multiprocessors) * std::get<1>(best);
    tile.blocks = static_cast<int>(std::min(blocks, unitsOf(layout, batch, tile)));
}

/// How many blocks share the columns of a group of strips: two where the multiprocessors would otherwise have less
/// than a group each, four where they would have next to nothing; microseconds for 1, 2 and 4:
///
///                   batch 1               batch 64              batch 128
///   4096 x 12288    14.1 13.8 14.6        24.3 18.9 26.2        31.3 29.4 38.3
///   4096 x 4096      8.5  6.7  7.1        12.4  9.2 10.9        19.8 12.7 18.8
///   4096 x 22016    20.6 22.0 23.2        31.3 31.4 38.9        52.4 49.2 61.3
///   11008 x 4096    20.7 12.8 12.8        27.9 17.1 20.9        44.2 26.1 33.7
int clusterBlocks(const TileChoice& tile, const MixedLayout& layout, std::int64_t strips, const GpuTraits& gpu)
{
    if (tile.batch == 128)
        return layout.blocks() > 1 ? 2 : 1;
    const int group = tile.rows / kStripRows;
    const auto shared = [&](int blocks, std::int64_t most) {
        return blocks <= layout.blocks() && strips * blocks / 2 <= most;
    };
    if (!shared(2, std::int64_t{group - 1} * gpu.multiprocessors))
        return 1;
    return shared(4, gpu.multiprocessors / 2) ? 4 : 2;
}

/// The Hopper kernel: one block a multiprocessor, with as many stages as its shared memory holds, and no cluster
/// without a strip, nor a block without columns.
void fillHopper(TileChoice& tile, const MixedLayout& layout, int batch, const GpuTraits& gpu)
{
    const std::int64_t strips = static_cast<std::int64_t>(layout.strips()) * ((batch + tile.batch - 1) / tile.batch);
    tile.cluster = clusterBlocks(tile, layout, strips, gpu);
    tile.blocks = static_cast<int>(std::min<std::int64_t>(gpu.multiprocessors / tile.cluster, strips)) * tile.cluster;
    tile.stages = fittingStages(layout, batch, tile, kMostBulkStages, gpu.sharedBytes);
}

} // namespace

std::string TileChoice::name() const
{
    const char* const paths[] = {"simt", "sm80", "sm90", "dequant"};
    std::string name = paths[static_cast<int>(path)];
    if (path != GemmPath::Dequant)
        name += " " + std::to_string(rows) + "x" + std::to_string(batch);
    return name;
}

TileChoice chooseTile(const MixedLayout& layout, int batch, const GpuTraits& gpu)
{
    const Range* range = gpu.major == 9 && sm90Takes(layout) ? findRange(kHopper, batch) : findRange(kAnyOther, batch);
    if (!range)
        return {GemmPath::Dequant, 0, 0, 0, 0};
    TileChoice tile{range->path, range->rows, range->batch, 0, 0};
    // Fewer units than multiprocessors: half as many rows a tile keep twice as many of them busy.
    if (tile.path == GemmPath::Sm80 && unitsOf(layout, batch, tile) < gpu.multiprocessors)
        tile.rows = kStripRows;
    if (tile.path == GemmPath::Sm90)
        fillHopper(tile, layout, batch, gpu);
    else
        fillProcessors(tile, layout, batch, gpu);
    return tile;
}

} // namespace eigenquant::kernels
