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
//   sm90       71.1   73.3   78.5   88.4  117.4  194.3   with these tiles
//   cuBLAS      156    159    160    164    168    197
//
// The narrowest tile that holds the batch computes the fewest columns that nobody needs; of 128 and 256 rows these were
// the faster. Far beyond 256 rows of x products are bound by arithmetic, where cuBLAS is at home: 180 us of dequantizing
// (377 in all at batch 256) are made up for above about 1024.
constexpr Range kHopper[] = {
    {8, GemmPath::Sm90, 256, 8},   {16, GemmPath::Sm90, 128, 16},     {32, GemmPath::Sm90, 128, 32},
    {64, GemmPath::Sm90, 128, 64}, {1024, GemmPath::Sm90, 128, 128},
};
// Not measured yet, but from the arithmetic: above about 192 rows of x (an A100, 310 TFLOP/s by 1.5 TB/s) a product is
// bound by arithmetic.
// The tile 64x128 is left to shapes of few rows and many batches: there a fragment of x is used by 16 rows only,
// and shared memory, not the tensor cores, sets the pace.
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

/// Blocks of a tile that a multiprocessor's registers hold.
int mostResidents(const TileChoice& tile)
{
    switch (tile.path) {
    case GemmPath::Simt:
        return kSimtResidents;
    case GemmPath::Sm80:
        return sm80Residents(tile.rows, tile.batch);
    default:
        return sm90Residents(tile.rows, tile.batch);
    }
}

/// Weights, bytes, that have to be on their way to a multiprocessor for memory to be busy: an H100's 3.35 TB/s
/// times 0.8 µs of latency are 20 KiB each; half as much again bears with blocks that begin and end.
constexpr int kEnoughOnTheWay = 30 << 10;

/// Sets the stages, and with them the blocks: enough on the way, then as many blocks a multiprocessor as there can
/// be, which hide each other's arithmetic and ends, then as many stages. A block takes 1 KiB that the system
/// keeps.
void fillProcessors(TileChoice& tile, const MixedLayout& layout, int batch, const GpuTraits& gpu)
{
    const int idle = tile.path == GemmPath::Sm80 ? 1 : 0; // the stage that is read there is not on its way
    const int strips = tile.path == GemmPath::Simt ? kSimtWarps : tile.rows / kStripRows;
    const int mostStages = tile.path == GemmPath::Sm90 ? kMostBulkStages : kMostCopyStages;
    std::tuple<int, int, int> best{0, 1, 2};
    for (tile.stages = 2; tile.stages <= mostStages; ++tile.stages) {
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

/// The Hopper kernel: one block a multiprocessor, and so much of its shared memory that no second one fits. Two blocks of
/// one product on a multiprocessor, while others have none, are what it costs to leave room for the next product's: a
/// row of linears alone is faster with half of the memory each (59.8, 65.2, 83.6 us at batch 1, 16, 64 against 71.1,
/// 73.3, 88.4), but in a decoder, where other kernels lie between them, a step of LLaMA-2-7B is slower: 3.60, 4.42 and
/// 5.2 ms against 3.38, 3.47 and 4.7.
void fillHopper(TileChoice& tile, const MixedLayout& layout, int batch, const GpuTraits& gpu)
{
    tile.stages = kMostBulkStages;
    while (tile.stages > 2 && sm90SharedBytes(layout, tile) > gpu.sharedBytes)
        --tile.stages;
    tile.blocks = static_cast<int>(std::min<std::int64_t>(gpu.multiprocessors, unitsOf(layout, batch, tile)));
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
