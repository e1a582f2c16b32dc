// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#if defined(__CUDACC__)
#define EIGENQUANT_BOTH __host__ __device__
#else
#define EIGENQUANT_BOTH
#endif

/// How the Hopper product is split. Strips of W, one behind the other and again for every tile of x's rows, are
/// cut into runs of equal length, one a cluster. A cluster takes a few strips at a time, a group, and its blocks
/// deal the units of the group, blocks of columns, out among themselves: each adds up what it was dealt, and the
/// cluster adds up what its blocks have, in each other's shared memory. Nothing ever passes between clusters.
namespace eigenquant::kernels {

struct ClusterSplit {
    int strips = 0, batchTiles = 1, depth = 1; ///< depth: units of a strip
    int clusters = 1, ranks = 1;               ///< ranks: blocks of a cluster, a power of two
    int base = 0, extra = 0;                   ///< strips of a run; the first `extra` runs have one more

    ClusterSplit() = default;
    EIGENQUANT_BOTH ClusterSplit(int stripCount, int batchTileCount, int stripDepth, int clusterCount,
                                 int blocksOfEach)
        : strips(stripCount), batchTiles(batchTileCount), depth(stripDepth), clusters(clusterCount),
          ranks(blocksOfEach), base(stripCount * batchTileCount / clusterCount),
          extra(stripCount * batchTileCount % clusterCount)
    {
    }
    /// Counted in strips of all batch tiles; that of cluster + 1 is where the run ends.
    EIGENQUANT_BOTH int runBegin(int cluster) const { return cluster * base + (cluster < extra ? cluster : extra); }
};

/// Neighbouring strips of one batch tile.
struct StripGroup {
    int strip = 0, batchTile = 0, count = 0;
    int turn = 0; ///< the rank that its first unit is dealt to

    /// The first unit of a rank; its others follow `ranks` apart.
    EIGENQUANT_BOTH int firstUnit(int rank, int ranks) const { return (rank - turn) & (ranks - 1); }
};

/// The groups of a cluster's run, of at most `most` strips, in order.
struct GroupWalk {
    const ClusterSplit& split;
    int most, left; ///< strips of the run that lie behind the group
    StripGroup group;

    EIGENQUANT_BOTH GroupWalk(const ClusterSplit& all, int cluster, int mostStrips)
        : split(all), most(mostStrips), left(all.runBegin(cluster + 1) - all.runBegin(cluster))
    {
        const int begin = all.runBegin(cluster);
        group.batchTile = begin / all.strips;
        group.strip = begin - group.batchTile * all.strips;
        choose();
    }
    EIGENQUANT_BOTH bool done() const { return group.count == 0; }
    EIGENQUANT_BOTH bool last() const { return left == 0; }
    EIGENQUANT_BOTH void advance()
    {
        group.strip += group.count;
        group.turn = (group.turn + split.depth) & (split.ranks - 1);
        if (group.strip == split.strips) {
            group.strip = 0;
            ++group.batchTile;
        }
        choose();
    }

private:
    EIGENQUANT_BOTH void choose()
    {
        const int ofTile = split.strips - group.strip, room = ofTile < left ? ofTile : left;
        group.count = room < most ? room : most;
        left -= group.count;
    }
};

} // namespace eigenquant::kernels

#undef EIGENQUANT_BOTH
