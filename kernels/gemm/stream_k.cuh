// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// How a product is split over blocks ("stream-K", Osama et al., arXiv 2301.03598). A tile is a number of rows of W by
/// a number of rows of x; it takes `depth` units of work, one block of columns each. All units of all tiles, one tile
/// behind the other, are cut into `blocks` runs of equal length, so that every block has the same to do whatever the
/// shape. A tile whose units lie in several runs is summed in the end by the blocks that share it, in the order of the
/// blocks, so that a result never depends on which came first.
namespace eigenquant::kernels {

struct StreamK {
    int tiles = 0, depth = 1, blocks = 1;
    int base = 0, extra = 0; ///< the first `extra` blocks have one unit more than base: no division where kernels wait

    StreamK() = default;
    /// blocks is at most tiles·depth, and that an int.
    __host__ __device__ StreamK(int tileCount, int tileDepth, int blockCount)
        : tiles(tileCount), depth(tileDepth), blocks(blockCount), base(tileCount * tileDepth / blockCount),
          extra(tileCount * tileDepth % blockCount)
    {
    }

    __host__ __device__ int units() const { return tiles * depth; }
    /// Where the run of a block begins; that of block + 1 is where it ends.
    __host__ __device__ int runBegin(int block) const { return block * base + (block < extra ? block : extra); }
    /// The block whose run holds a unit.
    __host__ __device__ int blockOf(int unit) const
    {
        const int ofLonger = extra * (base + 1);
        return unit < ofLonger ? unit / (base + 1) : extra + (unit - ofLonger) / base;
    }
    /// The blocks that share a tile are firstBlock … lastBlock.
    __host__ __device__ int firstBlock(int tile) const { return blockOf(tile * depth); }
    __host__ __device__ int lastBlock(int tile) const { return blockOf((tile + 1) * depth - 1); }
};

/// A run of units within one tile.
struct Segment {
    int tile, begin, end; ///< units [begin, end) of the tile's depth
    __host__ __device__ bool whole(int depth) const { return begin == 0 && end == depth; }
};

/// The segment that begins at a unit, in a run that ends at `runEnd`.
__host__ __device__ inline Segment segmentAt(const StreamK& work, int unit, int runEnd)
{
    const int tile = unit / work.depth, begin = unit - tile * work.depth, left = runEnd - unit;
    return {tile, begin, left < work.depth - begin ? begin + left : work.depth};
}

} // namespace eigenquant::kernels
