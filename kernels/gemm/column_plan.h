// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/gpu.h"
#include "kernels/layout/column_layout.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

/// What a block of the column kernels is, and where things lie in its shared memory. Pure functions of layout,
/// batch and GPU.
///
/// A block is 128 threads times `teams`. A team is four warps, one for each strip of a group of 256 rows; teams
/// split the columns among them and add up at the end. Every stage of a team's pipeline holds what 16 columns
/// need:
///
///   stage: x [batch tile][16] elements | codes, up to four tiles | codebooks [16] | outliers [strip 4][36] words
///   shared memory: levels | stages [team][stage] | patches [warp][1024] elements
namespace eigenquant::kernels::columns {

inline constexpr int kTeamThreads = 128;
inline constexpr int kMaxStages = 7;
inline constexpr int kLargestBatchTile = 64;
/// Sixteen copies of levels, [row][copy 16][4], the window 4r + s in slot s of row (136r + 34s)/128: that is bits
/// 1 and 2, and 7 to 17, of 34 times the window, an address by one multiplication and one mask. No two r share a
/// row, some rows have an empty slot. Before them a gap, so that they begin at an address known to the compiler.
inline constexpr int kCopyFactor = 34;
inline constexpr int kCopyRows = (kLevels - 1) * kCopyFactor / 128 + 1;
inline constexpr int kCopiesGap = 2048;
inline constexpr int kCopiedLevelBytes = kCopiesGap + kCopyRows * 128;
inline constexpr int kPatchBytes = kTileRows * kTileColumns * 2;
inline constexpr int kListWords =
    36; ///< 32 outliers of a tile, then where its list begins, its length, two unused

struct Plan {
    int batchTile = 0;
    int teams = 0;
    int blocks = 0; ///< of the grid
    int stages = 0;
    int copiedWidth = 0; ///< whose levels have sixteen copies; 0 for none
    int stageBytes = 0;
    int levelBytes = 0;
    int patchBytes = 0;
    /// Teams hand their sums over through the stages, a fragment at a time.
    constexpr int handoverBytes() const { return (teams - 1) * kTeamThreads * batchTile / 8 * 16; }
    constexpr int stagesBytes() const { return std::max(teams * stages * stageBytes, handoverBytes()); }
    constexpr int sharedBytes() const { return levelBytes + stagesBytes() + patchBytes; }
    bool operator==(const Plan&) const = default;
};

constexpr int listOffset(const ColumnLayout& layout, int batchTile)
{
    const int widest = layout.widest();
    return batchTile * kTileColumns * 2 + kGroupStrips * layout.tileBytes(widest) +
           kTileColumns * layout.tableBytes(widest);
}

/// The width that most columns have; of equals the narrower.
constexpr int commonestWidth(const ColumnLayout& layout)
{
    return static_cast<int>(std::max_element(layout.counts.begin(), layout.counts.end()) - layout.counts.begin());
}

/// As deep a pipeline as fits, 2 at least: at 3 bits, six stages of four teams are 36 KiB on their way from
/// memory, and an SM of an H100 needs some 20 to be served at full speed.
constexpr int stagesThatFit(const Plan& plan, std::size_t sharedBytes)
{
    const auto left = static_cast<std::int64_t>(sharedBytes) - plan.levelBytes - plan.patchBytes;
    return static_cast<int>(std::clamp<std::int64_t>(left / (plan.teams * plan.stageBytes), 2, kMaxStages));
}

constexpr Plan planColumns(const ColumnLayout& layout, int batch, const GpuTraits& gpu)
{
    Plan plan;
    plan.batchTile = batch <= 8 ? 8 : batch <= 16 ? 16 : batch <= 32 ? 32 : kLargestBatchTile;
    plan.teams =
        plan.batchTile <= 16 ? 4 : 2; // 128 or 255 registers a thread: sums take twice the batch tile of them
    plan.blocks = std::min(gpu.multiprocessors, layout.groups() * layout.blocks());
    plan.stageBytes = listOffset(layout, plan.batchTile);
    if (layout.coding == ColumnCoding::Codebooks) {
        plan.stageBytes += kGroupStrips * kListWords * 4;
        plan.patchBytes = plan.teams * kGroupStrips * kPatchBytes;
    } else {
        const int tables = layout.levelTable(kMaxColumnWidth + 1);
        plan.levelBytes = kCopiedLevelBytes + (tables - 1) * kLevels * 2;
        plan.copiedWidth = commonestWidth(layout);
        const auto least =
            static_cast<std::size_t>(plan.levelBytes) + static_cast<std::size_t>(3 * plan.teams * plan.stageBytes);
        if (least > gpu.sharedBytes) { // a pipeline comes first
            plan.levelBytes = tables * kLevels * 2;
            plan.copiedWidth = 0;
        }
    }
    plan.stages = stagesThatFit(plan, gpu.sharedBytes);
    return plan;
}

/// The grid's blocks share the (group, block of columns) units evenly, each a run of them: where block i's begins.
constexpr std::int64_t firstUnit(int i, int blocks, std::int64_t units)
{
    return i * units / blocks;
}
/// The block that computes a unit.
constexpr int ownerOf(std::int64_t unit, int blocks, std::int64_t units)
{
    return static_cast<int>(((unit + 1) * blocks - 1) / units);
}

} // namespace eigenquant::kernels::columns
