// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// How the units of work of a product are split evenly over the blocks of a grid ("stream-K"): tiles one after
/// another, each of as many units as there are blocks of columns, and every block takes an equal run of them, wherever
/// a tile begins. A tile that several blocks share is summed from their parts in the order of the blocks, so that a
/// result never depends on which came first.
namespace eigenquant::kernels {

struct WorkSplit {
    int unitsPerTile = 1;
    int base = 0, extra = 0; ///< the first `extra` blocks have one unit more than base

    WorkSplit() = default;
    /// blocks is at most tiles·unitsPerTile.
    constexpr WorkSplit(int tiles, int perTile, int blocks)
        : unitsPerTile(perTile), base(tiles * perTile / blocks), extra(tiles * perTile % blocks)
    {
    }

    /// The first unit of a block; of the block after the last one, the number of all units.
    constexpr int begin(int block) const { return block * base + (block < extra ? block : extra); }

    constexpr int blockOf(int unit) const
    {
        const int ofLonger = extra * (base + 1);
        return unit < ofLonger ? unit / (base + 1) : extra + (unit - ofLonger) / base;
    }

    constexpr int firstBlock(int tile) const { return blockOf(tile * unitsPerTile); }
    constexpr int lastBlock(int tile) const { return blockOf((tile + 1) * unitsPerTile - 1); }

    /// Where a block keeps its part of a tile, of 2·blocks places: a block has at most one part that begins within a
    /// tile, its first, and one that begins with the tile but ends within it, its last.
    constexpr int partOf(int block, int tile) const { return 2 * block + (begin(block) <= tile * unitsPerTile ? 1 : 0); }
};

} // namespace eigenquant::kernels
