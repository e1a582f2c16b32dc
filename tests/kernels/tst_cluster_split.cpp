// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/gemm/cluster_split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace eigenquant::kernels {
namespace {

/// How often each unit of each strip is dealt, and how many units each block has.
struct Dealt {
    std::vector<int> units;
    int mostOfRank = 0, leastOfRank = 1 << 30;
};

Dealt deal(const ClusterSplit& split, int most)
{
    Dealt dealt;
    dealt.units.assign(static_cast<std::size_t>(split.strips * split.batchTiles * split.depth), 0);
    for (int cluster = 0; cluster < split.clusters; ++cluster)
        for (int rank = 0; rank < split.ranks; ++rank) {
            int ofRank = 0;
            for (GroupWalk walk(split, cluster, most); !walk.done(); walk.advance()) {
                const StripGroup& group = walk.group;
                EXPECT_LE(group.count, most);
                EXPECT_LE(group.strip + group.count, split.strips) << "a group spans two batch tiles";
                for (int unit = group.firstUnit(rank, split.ranks); unit < split.depth; unit += split.ranks, ++ofRank)
                    for (int strip = 0; strip < group.count; ++strip)
                        ++dealt.units[static_cast<std::size_t>(
                            (group.batchTile * split.strips + group.strip + strip) * split.depth + unit)];
            }
            dealt.mostOfRank = std::max(dealt.mostOfRank, ofRank);
            dealt.leastOfRank = std::min(dealt.leastOfRank, ofRank);
        }
    return dealt;
}

TEST(ClusterSplit, DealsEveryUnitOnce)
{
    for (const int strips : {1, 2, 9, 64, 344})
        for (const int batchTiles : {1, 3})
            for (const int depth : {1, 5, 35, 89})
                for (const int clusters : {1, 2, 16, 33})
                    for (const int ranks : {1, 2, 4, 8}) {
                        if (clusters > strips * batchTiles)
                            continue;
                        for (const int most : {1, 2, 3}) {
                            const Dealt dealt = deal({strips, batchTiles, depth, clusters, ranks}, most);
                            EXPECT_TRUE(
                                std::all_of(dealt.units.begin(), dealt.units.end(), [](int n) { return n == 1; }))
                                << strips << " strips, " << batchTiles << " batch tiles, " << depth << " units, "
                                << clusters << " clusters of " << ranks << ", groups of " << most;
                        }
                    }
}

TEST(ClusterSplit, LeavesNoBlockOfAClusterFarBehind)
{
    // Groups take turns in which rank begins, so that what does not divide adds up to one unit, not to one a group.
    const Dealt dealt = deal({344, 1, 35, 1, 8}, 3);
    EXPECT_LE(dealt.mostOfRank - dealt.leastOfRank, 1);
}

TEST(ClusterSplit, TheLastGroupIsToldFromTheOthers)
{
    const ClusterSplit split(11, 1, 3, 1, 4);
    std::vector<int> counts, last;
    for (GroupWalk walk(split, 0, 3); !walk.done(); walk.advance()) {
        counts.push_back(walk.group.count);
        last.push_back(walk.last());
    }
    EXPECT_EQ(counts, (std::vector<int>{3, 3, 3, 2}));
    EXPECT_EQ(last, (std::vector<int>{0, 0, 0, 1}));
}

} // namespace
} // namespace eigenquant::kernels
