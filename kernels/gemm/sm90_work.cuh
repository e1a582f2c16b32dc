// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

/// How a product is split over blocks ("stream-K", Osama et al., arXiv 2301.03598). A tile is a number of rows of W by
/// a number of rows of x; it takes `depth` units of work, one block of columns each. All units of all tiles, one tile
/// behind the other, are cut into `blocks` runs of equal length, so that every block has the same to do whatever the
/// shape. A tile whose units lie in several runs is summed in the end by the blocks that share it, in the order of the
/// blocks, so that a result never depends on which came first.
namespace eigenquant::kernels {

struct StreamK {
    int tiles, depth, blocks; ///< blocks is at most tiles·depth

    __host__ __device__ std::int64_t units() const { return static_cast<std::int64_t>(tiles) * depth; }
    /// Where the run of a block begins; that of block + 1 is where it ends.
    __host__ __device__ std::int64_t runBegin(int block) const { return units() * block / blocks; }
    /// The block whose run holds a unit.
    __host__ __device__ int blockOf(std::int64_t unit) const
    {
        // The largest b with floor(units·b / blocks) ≤ unit.
        return static_cast<int>(((unit + 1) * blocks - 1) / units());
    }
    /// The blocks that share a tile are firstBlock … lastBlock.
    __host__ __device__ int firstBlock(int tile) const { return blockOf(static_cast<std::int64_t>(tile) * depth); }
    __host__ __device__ int lastBlock(int tile) const
    {
        return blockOf(static_cast<std::int64_t>(tile + 1) * depth - 1);
    }
    /// Where a block keeps its part of a tile, of 2·blocks places: a block has at most one part that begins within a
    /// tile, its first, and one that begins with the tile but ends within it, its last.
    __host__ __device__ int partOf(int block, int tile) const
    {
        return 2 * block + (runBegin(block) <= static_cast<std::int64_t>(tile) * depth ? 1 : 0);
    }
};

/// A run of units within one tile.
struct Segment {
    int tile, begin, end; ///< units [begin, end) of the tile's depth
    __host__ __device__ bool whole(int depth) const { return begin == 0 && end == depth; }
};

/// The segment that begins at a unit, in a run that ends at `runEnd`.
__host__ __device__ inline Segment segmentAt(const StreamK& work, std::int64_t unit, std::int64_t runEnd)
{
    const int tile = static_cast<int>(unit / work.depth);
    const int begin = static_cast<int>(unit - static_cast<std::int64_t>(tile) * work.depth);
    const std::int64_t left = runEnd - unit;
    const int end = left < work.depth - begin ? begin + static_cast<int>(left) : work.depth;
    return {tile, begin, end};
}

} // namespace eigenquant::kernels
