// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/gemm/mixed_gemm.h"

#include <cstddef>

/// What mixedGemm() dispatches to: one function a path, and the tiles each is built for.
namespace eigenquant::kernels {

/// A tile that a path is built for. Stages may be any number from 2 to the path's most that fits the shared
/// memory.
struct PathTile {
    int rows, batch;
};

inline constexpr int kMostCopyStages = 6;  ///< Simt and Sm80
inline constexpr int kMostBulkStages = 16; ///< Sm90

inline constexpr PathTile kSimtTiles[] = {{64, 8}};
inline constexpr PathTile kSm80Tiles[] = {{64, 16}, {128, 16}, {64, 32}, {128, 32}, {64, 64}, {128, 64}};
inline constexpr PathTile kSm90Tiles[] = {{192, 8}, {192, 16}, {192, 32}, {192, 64}, {128, 128}};
inline constexpr int kMostClusterBlocks = 8; ///< that every GPU with clusters has room for

template <std::size_t count>
constexpr bool isTileOf(const PathTile (&tiles)[count], const TileChoice& tile, int mostStages)
{
    for (const PathTile& one : tiles)
        if (one.rows == tile.rows && one.batch == tile.batch)
            return tile.stages >= 2 && tile.stages <= mostStages && tile.blocks >= 1;
    return false;
}

/// Whether the Hopper kernel takes a layout: its copies of x begin behind the salient channels, and have to begin at a
/// multiple of 16 bytes.
constexpr bool sm90Takes(const MixedLayout& layout) { return layout.salient % 8 == 0; }

/// Up to this many rows of x a tile, the Hopper kernel multiplies codes and scales their sums.
inline constexpr int kMostUnscaledBatch = 32;
constexpr GridWeights gridWeightsOf(const TileChoice& tile)
{
    return tile.path == GemmPath::Sm90 && tile.batch <= kMostUnscaledBatch ? GridWeights::Exact : GridWeights::Rounded;
}

/// The stages of the Hopper kernel are a multiple of this: three warpgroups that take turns keep to stages of
/// their own.
constexpr int sm90StageStep(const TileChoice& tile) { return tile.rows == 192 ? 3 : 1; }

/// Whether mixedGemm() has a kernel for that tile and batch; Dequant has none of its own.
constexpr bool isMixedGemmTile(const TileChoice& tile, int batch)
{
    switch (tile.path) {
    case GemmPath::Simt:
        return isTileOf(kSimtTiles, tile, kMostCopyStages) && batch <= tile.batch;
    case GemmPath::Sm80:
        return isTileOf(kSm80Tiles, tile, kMostCopyStages);
    case GemmPath::Sm90:
        return isTileOf(kSm90Tiles, tile, kMostBulkStages) && tile.stages % sm90StageStep(tile) == 0 &&
               tile.cluster >= 1 && tile.cluster <= kMostClusterBlocks && (tile.cluster & (tile.cluster - 1)) == 0 &&
               tile.blocks % tile.cluster == 0;
    case GemmPath::Dequant:
        return false;
    }
    return false;
}

/// The workspace: counters of arrivals, zero between kernels, then float32 partial sums.
inline constexpr std::size_t kWorkspaceCounterBytes = 1 << 20;
inline constexpr int kWorkspaceCounters = static_cast<int>(kWorkspaceCounterBytes / 4);
/// A multiprocessor's share of the partial sums: two tiles of 256 x 128.
inline constexpr std::size_t kPartialBytesPerProcessor = 2 * std::size_t{256} * 128 * 4;

/// Throws std::invalid_argument where parameters of a product contradict each other. Those of the GPU alone, the
/// workspace and the tile, are mixedGemm()'s to check.
void checkMixedGemm(const MixedGemm& gemm);

/// Throws std::invalid_argument where a grid of that many blocks needs more of the workspace than there is.
void checkWorkspace(std::int64_t tiles, int blocks, std::size_t partialBytes);

/// The most bytes that a layout block takes in a pipeline's stage.
constexpr int blockPitch(const MixedLayout& layout)
{
    const int codes = layout.codeBlocks() > 0 ? layout.codeBlockBytes() : 0;
    const int salient = layout.salientBlocks() > 0 ? layout.salientBlockBytes() : 0;
    return codes > salient ? codes : salient;
}

inline constexpr int kSimtWarps = 4;
inline constexpr int kSimtSumPitch = kStripRows + 4; ///< floats; four apart, two batch rows share no bank

/// Rows of x lie in a stage as 128 columns each, of a salient block 32.
inline constexpr int kStagedRowBytes = 2 * kCodeColumns;

/// Shared memory of a block, bytes: what decides whether a number of stages fits.
constexpr std::size_t simtSharedBytes(const MixedLayout& layout, int batch, int stages)
{
    const int sums = kSimtWarps * batch * kSimtSumPitch * 4;
    return static_cast<std::size_t>(kSimtWarps * stages * (blockPitch(layout) + batch * kStagedRowBytes) + sums +
                                    16);
}
constexpr std::size_t sm80SharedBytes(const MixedLayout& layout, const TileChoice& tile)
{
    const int stage = tile.rows / kStripRows * blockPitch(layout) + tile.batch * kStagedRowBytes;
    return static_cast<std::size_t>(tile.stages * stage);
}
constexpr int sm90StageBytes(const MixedLayout& layout, const TileChoice& tile)
{
    const int stage = tile.rows / kStripRows * blockPitch(layout) + tile.batch * kStagedRowBytes;
    return (stage + 1023) / 1024 * 1024;
}
inline constexpr int kSm90BarrierBytes = 1024; ///< a multiple of it, because stages begin at such
/// What the blocks of a cluster send each other of a group: 512 bytes a piece and contribution. A group of as many
/// strips as warpgroups has rows/64·batch/2 pieces a cluster and one contribution of each block; one of fewer
/// strips has fewer pieces and as many times more contributions, but no block gets less than a whole piece.
constexpr int sm90MailBytes(const TileChoice& tile)
{
    const int warpgroups = tile.rows / kStripRows, all = warpgroups * tile.batch * 256,
              least = tile.cluster * warpgroups * 512;
    return all > least ? all : least;
}
constexpr std::size_t sm90SharedBytes(const MixedLayout& layout, const TileChoice& tile)
{
    constexpr int alignment = 1024;
    return static_cast<std::size_t>(alignment + kSm90BarrierBytes + tile.stages * sm90StageBytes(layout, tile) +
                                    sm90MailBytes(tile));
}

/// Of a path's kernels, whichever it is; Dequant has none.
constexpr std::size_t sharedBytes(const MixedLayout& layout, int batch, const TileChoice& tile)
{
    switch (tile.path) {
    case GemmPath::Simt:
        return simtSharedBytes(layout, batch, tile.stages);
    case GemmPath::Sm80:
        return sm80SharedBytes(layout, tile);
    case GemmPath::Sm90:
        return sm90SharedBytes(layout, tile);
    case GemmPath::Dequant:
        return 0;
    }
    return 0;
}

/// The most stages, up to `most`, that so much shared memory holds; never fewer than a kernel takes.
constexpr int fittingStages(const MixedLayout& layout, int batch, TileChoice tile, int most, std::size_t bytes)
{
    const int step = tile.path == GemmPath::Sm90 ? sm90StageStep(tile) : 1, least = step > 2 ? step : 2;
    tile.stages = most / step * step > least ? most / step * step : least;
    while (tile.stages > least && sharedBytes(layout, batch, tile) > bytes)
        tile.stages -= step;
    return tile.stages;
}

/// Blocks that a multiprocessor's registers are shared out to: sums take most of a thread's.
inline constexpr int kSimtResidents = 4;
constexpr int sm80Residents(int rows, int batch)
{
    const int columns = rows / kStripRows * batch;
    return columns > 64 ? 2 : 4;
}

void mixedGemmSimt(const MixedGemm& gemm, const TileChoice& tile, Stream stream);
void mixedGemmSm80(const MixedGemm& gemm, const TileChoice& tile, Stream stream);
void mixedGemmSm90(const MixedGemm& gemm, const TileChoice& tile, Stream stream);

} // namespace eigenquant::kernels
