// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/gemm/paths.h"

#include <gtest/gtest.h>

namespace eigenquant::kernels {
namespace {

const GpuTraits kH100{9, 0, 132, 232448, 50 << 20};
const GpuTraits kA100{8, 0, 108, 166912, 40 << 20};
const GpuTraits kRtx4090{8, 9, 128, 101376, 72 << 20};
const GpuTraits kRtx3060{8, 6, 28, 101376, 3 << 20};

MixedLayout shape(int rows, int columns, int salient, int bits = 4, int groupSize = 128)
{
    return {rows, columns, salient, bits, Coding::Grid, groupSize, false};
}

const MixedLayout kShapes[] = {
    shape(4096, 4096, 128),     shape(12288, 4096, 128),     shape(22016, 4096, 0),
    shape(4096, 11008, 128, 3), shape(128256, 4096, 0),      shape(1, 1, 0),
    shape(63, 40, 40),          shape(576, 1536, 24, 4, 32), {4096, 4096, 0, 3, Coding::Codebook, 128, true},
};

TEST(TileChoice, IsATileThatExistsAndFitsForEveryBatchShapeAndGpu)
{
    for (const GpuTraits& gpu : {kH100, kA100, kRtx4090, kRtx3060})
        for (const MixedLayout& layout : kShapes)
            for (int batch = 1; batch <= 4096; ++batch) {
                const TileChoice tile = chooseTile(layout, batch, gpu);
                SCOPED_TRACE(tile.name() + " at batch " + std::to_string(batch) + ", rows " +
                             std::to_string(layout.rows) + ", compute capability " + std::to_string(gpu.major));
                if (tile.path == GemmPath::Dequant)
                    continue;
                ASSERT_TRUE(isMixedGemmTile(tile, batch));
                ASSERT_TRUE(tile.path != GemmPath::Sm90 || gpu.major == 9);
                ASSERT_LE(sharedBytes(layout, batch, tile), gpu.sharedBytes);
                if (tile.path == GemmPath::Sm90) { // every cluster has a strip, every block a unit
                    const int batchTiles = (batch + tile.batch - 1) / tile.batch;
                    ASSERT_LE(tile.blocks / tile.cluster, layout.strips() * batchTiles);
                    ASSERT_LE(tile.cluster, layout.blocks());
                    continue;
                }
                // Parts of tiles fit the workspace, and every block has a unit of work.
                const int columns = tile.path == GemmPath::Simt ? batch : tile.batch;
                ASSERT_LE(2ll * tile.blocks * tile.rows * columns * 4,
                          static_cast<long long>(gpu.multiprocessors) *
                              static_cast<long long>(kPartialBytesPerProcessor));
                const long long tiles = static_cast<long long>((layout.rows + tile.rows - 1) / tile.rows) *
                                        ((batch + tile.batch - 1) / tile.batch);
                ASSERT_LE(tile.blocks, tiles * layout.blocks());
                ASSERT_LE(2 * tiles, kWorkspaceCounters);
            }
}

TEST(TileChoice, LeavesSalientChannelsThatAreNoEightsToOtherPaths)
{
    MixedLayout layout = kShapes[0];
    layout.salient = 8;
    EXPECT_EQ(chooseTile(layout, 16, kH100).path, GemmPath::Sm90);
    layout.salient = 5;
    EXPECT_NE(chooseTile(layout, 16, kH100).path, GemmPath::Sm90);
}

TEST(TileChoice, IsPure)
{
    for (const int batch : {1, 16, 64, 200})
        EXPECT_EQ(chooseTile(kShapes[0], batch, kH100), chooseTile(kShapes[0], batch, kH100));
}

TEST(TileChoice, LeavesLargeBatchesToCublas)
{
    for (const GpuTraits& gpu : {kH100, kA100, kRtx4090}) {
        EXPECT_EQ(chooseTile(kShapes[0], 4096, gpu).path, GemmPath::Dequant);
        EXPECT_EQ(chooseTile(kShapes[0], 4096, gpu).name(), "dequant");
        EXPECT_NE(chooseTile(kShapes[0], 64, gpu).path, GemmPath::Dequant);
    }
}

TEST(TileChoice, FillsTheMultiprocessorsWhereThereIsWork)
{ // but for a few that clusters leave: two blocks for each of 64 strips are 128

    for (const GpuTraits& gpu : {kH100, kA100, kRtx4090})
        for (const int batch : {1, 16, 64, 128})
            EXPECT_GE(chooseTile(shape(4096, 4096, 128), batch, gpu).blocks * 100, gpu.multiprocessors * 95)
                << chooseTile(shape(4096, 4096, 128), batch, gpu).name();
}

TEST(TileChoice, RefusesTilesThatNoKernelIsBuiltFor)
{
    EXPECT_FALSE(isMixedGemmTile({GemmPath::Simt, 64, 8, 3, 1}, 9));
    EXPECT_TRUE(isMixedGemmTile({GemmPath::Simt, 64, 8, 3, 1}, 8));
    EXPECT_FALSE(isMixedGemmTile({GemmPath::Sm80, 128, 128, 3, 1}, 8));
    EXPECT_FALSE(isMixedGemmTile({GemmPath::Sm80, 64, 64, 1, 1}, 8));
    EXPECT_FALSE(isMixedGemmTile({GemmPath::Sm80, 64, 64, 3, 0}, 8));
    EXPECT_FALSE(isMixedGemmTile({GemmPath::Dequant, 0, 0, 0, 0}, 8));
}

} // namespace
} // namespace eigenquant::kernels
