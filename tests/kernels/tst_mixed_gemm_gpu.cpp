// SPDX-License-Identifier: GPL-3.0-or-later
//
// Every path of the mixed product against its CPU twin, on a GPU: over shapes that force each branch, every tile
// that a path is built for, several numbers of stages and of blocks. One failure is one line, and the others go
// on.
#include "kernels/common/gpu.h"
#include "kernels/gemm/mixed_gemm.h"
#include "kernels/gemm/paths.h"
#include "tests/kernels/random_mixed.h"
#include "tests/kernels/tolerance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>

namespace eigenquant::kernels {
namespace {

using tests::describe;
using tests::RandomMixed;

constexpr std::uint16_t kPoison = 0x5a5a;
constexpr int kGuard = 64; ///< elements before and behind y

const char* nameOf(Element element)
{
    return element == Element::F16 ? "F16" : "BF16";
}

GpuBuffer onGpu(const void* data, std::size_t bytes, Stream stream)
{
    GpuBuffer buffer(std::max<std::size_t>(bytes, 16));
    if (bytes > 0)
        copyToGpu(buffer.data(), data, bytes, stream);
    return buffer;
}

template <class T>
GpuBuffer onGpu(const std::vector<T>& data, Stream stream)
{
    return onGpu(data.data(), data.size() * sizeof(T), stream);
}

class MixedGemmGpu : public testing::Test {
protected:
    void SetUp() override
    {
        try {
            gpu = findGpu();
        } catch (const GpuError& error) {
            GTEST_SKIP() << "not tested, no GPU: " << error.what();
        }
        queue = std::make_unique<GpuQueue>();
        workspace = GpuBuffer(mixedGemmWorkspaceBytes(gpu.traits));
        zeroOnGpu(workspace.data(), workspace.size(), queue->stream());
        queue->wait();
    }

    GpuInfo gpu;
    std::unique_ptr<GpuQueue> queue;
    GpuBuffer workspace; ///< zeroed once for all products of a test, of whatever shape
};

/// A linear in GPU memory.
struct Uploaded {
    GpuBuffer blocks, rowScales, codebook, bias;
    MixedWeights weights;

    Uploaded(const RandomMixed& linear, Stream stream)
        : blocks(onGpu(linear.weights().blocks, linear.layout.bytes(), stream)),
          rowScales(onGpu(linear.rowScales, stream)), codebook(onGpu(linear.codebook, stream)),
          bias(onGpu(linear.bias, stream)), weights{linear.layout, blocks.data(), rowScales.as<float>(),
                                                    codebook.as<std::uint16_t>()}
    {
    }
};

/// One product with the twin's answer, and where a kernel writes its own.
class Case {
public:
    Case(const MixedLayout& layout, Element element, int batch, bool bias, Stream stream)
        : linear(layout, element, static_cast<unsigned>(layout.rows + 7 * batch)), uploaded(linear, stream),
          stream(stream)
    {
        const int odd = batch % 2; // of these, y can only be written one element at a time
        gemm.weights = linear.weights();
        gemm.element = element;
        gemm.batch = batch;
        gemm.bias = bias ? linear.bias.data() : nullptr;
        gemm.xStride = (layout.columns + 7) / 8 * 8 + 8 * odd;
        gemm.yStride = layout.rows + layout.rows % 2 + odd;
        x = tests::randomActivations(batch, layout.columns, gemm.xStride, element, 29);
        poisoned.assign(static_cast<std::size_t>(batch * gemm.yStride + 2 * kGuard), kPoison);
        gemm.x = x.data();
        measure();

        gpuX = onGpu(x, stream);
        gpuY = onGpu(poisoned, stream);
        gpuGemm = gemm;
        gpuGemm.weights = uploaded.weights;
        gpuGemm.bias = bias ? uploaded.bias.as<float>() : nullptr;
        gpuGemm.x = gpuX.data();
        gpuGemm.y = gpuY.as<std::uint16_t>() + kGuard;
    }

    std::string name() const
    {
        return describe(linear.layout) + ", " + nameOf(linear.element) + ", batch " + std::to_string(gemm.batch) +
               (gemm.bias ? ", bias" : "");
    }

    /// y as a kernel leaves it where there was poison.
    std::vector<std::uint16_t> run(const TileChoice& tile, const GpuBuffer& workspace)
    {
        copyToGpu(gpuY.data(), poisoned.data(), poisoned.size() * 2, stream);
        gpuGemm.workspace = workspace.data();
        mixedGemm(gpuGemm, tile, stream);
        std::vector<std::uint16_t> y(poisoned.size());
        copyFromGpu(y.data(), gpuY.data(), y.size() * 2, stream);
        return y;
    }

    /// What is wrong with a y, or nothing.
    std::string faultOf(const std::vector<std::uint16_t>& y, GridWeights grid)
    {
        const std::vector<std::uint16_t>& expected = twinOf(grid);
        const int rows = linear.layout.rows;
        std::vector<bool> inside(y.size());
        double worst = 0;
        std::string fault;
        int faults = 0;
        for (int b = 0; b < gemm.batch; ++b)
            for (int row = 0; row < rows; ++row) {
                const auto at = static_cast<std::size_t>(kGuard + b * gemm.yStride + row);
                inside[at] = true;
                const double want = fromElement(expected[at], linear.element);
                const double got = fromElement(y[at], linear.element);
                const double allowed = tests::productTolerance(linear.element, want,
                                                               wNorms[static_cast<std::size_t>(row)] *
                                                                   xNorms[static_cast<std::size_t>(b)]);
                const double error = std::isfinite(got) ? std::fabs(got - want) / allowed : HUGE_VAL;
                faults += error > 1;
                if (error > std::max(worst, 1.0)) {
                    worst = error;
                    fault = "row " + std::to_string(row) + ", batch " + std::to_string(b) + " is " +
                            std::to_string(got) + ", expected " + std::to_string(want) + ", error " +
                            std::to_string(error) + " times what is allowed";
                }
            }
        if (faults > 0)
            return std::to_string(faults) + " of " + std::to_string(rows * gemm.batch) + " wrong, the worst " +
                   fault;
        for (std::size_t at = 0; at < y.size(); ++at)
            if (!inside[at] && y[at] != kPoison)
                return "written beyond y, at element " + std::to_string(static_cast<long>(at) - kGuard) +
                       " of rows of " + std::to_string(gemm.yStride);
        return {};
    }

    RandomMixed linear;
    Uploaded uploaded;
    MixedGemm gemm, gpuGemm; ///< the host's and the GPU's

private:
    const std::vector<std::uint16_t>& twinOf(GridWeights grid)
    {
        std::vector<std::uint16_t>& y = twins[static_cast<std::size_t>(grid)];
        if (y.empty()) {
            y = poisoned;
            MixedGemm twin = gemm;
            twin.y = y.data() + kGuard;
            mixedGemmCpu(twin, grid);
        }
        return y;
    }

    /// ‖w‖ of each row and ‖x‖ of each batch row: their product bounds Σ |wx|.
    void measure()
    {
        const MixedLayout& layout = linear.layout;
        for (int row = 0; row < layout.rows; ++row) {
            double sum = 0;
            for (int c = 0; c < layout.columns; ++c)
                sum += std::pow(mixedWeight(gemm.weights, linear.element, row, c), 2);
            wNorms.push_back(std::sqrt(sum));
        }
        for (int b = 0; b < gemm.batch; ++b) {
            double sum = 0;
            for (int c = 0; c < layout.columns; ++c)
                sum += std::pow(fromElement(x[static_cast<std::size_t>(b * gemm.xStride + c)], linear.element), 2);
            xNorms.push_back(std::sqrt(sum));
        }
    }

    Stream stream;
    std::vector<std::uint16_t> x, poisoned;
    std::array<std::vector<std::uint16_t>, 2> twins; ///< what is expected, by GridWeights; empty: not needed yet
    std::vector<double> wNorms, xNorms;
    GpuBuffer gpuX, gpuY;
};

/// Layouts that force every branch: ragged rows and columns, short last groups, salient columns from none to all
/// and in numbers that leave x's other columns unaligned, strips that a tile of two or four lacks.
std::vector<MixedLayout> layouts()
{
    const auto grid = [](int rows, int columns, int salient, int bits, int groupSize, bool symmetric) {
        return MixedLayout{rows, columns, salient, bits, Coding::Grid, groupSize, symmetric};
    };
    const auto codebook = [](int rows, int columns, int bits) {
        return MixedLayout{rows, columns, 0, bits, Coding::Codebook, 128, true};
    };
    return {
        grid(64, 128, 0, 4, 128, false),
        grid(64, 128, 0, 3, 128, false),
        codebook(64, 128, 4),
        codebook(64, 128, 3),
        grid(1, 8, 0, 4, 128, true),
        grid(5, 40, 40, 4, 128, true),
        grid(200, 517, 0, 4, 32, false),
        grid(200, 517, 0, 3, 32, false),
        grid(333, 1000, 24, 4, 64, false),
        grid(333, 1000, 24, 3, 64, true),
        grid(129, 1024, 40, 4, 128, true),
        grid(129, 1024, 40, 3, 128, false),
        grid(257, 1500, 5, 4, 32, false),
        grid(257, 1500, 5, 3, 32, false),
        grid(320, 2304, 128, 4, 256, false),
        grid(320, 2304, 128, 3, 256, true),
        grid(192, 777, 777, 4, 128, true),
        codebook(333, 1000, 4),
        codebook(200, 517, 3),
        grid(65, 4096, 8, 4, 64, true),
    };
}

/// The tile with different numbers of blocks: whole tiles for one, tiles in many parts, runs that begin anywhere;
/// and with two stages, three, and the most that fit.
std::vector<TileChoice> variants(GemmPath path, const PathTile& tile, const MixedLayout& layout, int batch,
                                 const GpuTraits& gpu)
{
    const int mostStages = path == GemmPath::Sm90 ? kMostBulkStages : kMostCopyStages;
    std::vector<TileChoice> all;
    const int processors = gpu.multiprocessors;
    for (const auto& [stages, blocks, cluster] : {std::tuple{2, 1, 1},
                                                  {3, 7, 8},
                                                  {2, processors, 4},
                                                  {mostStages, processors, 2},
                                                  {3, 2 * processors, 1}}) {
        TileChoice choice{path, tile.rows, tile.batch, stages, blocks};
        if (path == GemmPath::Sm90) {
            choice.cluster = cluster;
            choice.blocks = std::max(1, blocks / cluster) * cluster;
        }
        choice.stages = fittingStages(layout, batch, choice, stages, gpu.sharedBytes);
        if (sharedBytes(layout, batch, choice) <= gpu.sharedBytes)
            all.push_back(choice);
    }
    return all;
}

void expectTwin(Case& test, const TileChoice& tile, const GpuBuffer& workspace)
{
    const std::string where = test.name() + ": " + tile.name() + ", " + std::to_string(tile.stages) + " stages, " +
                              std::to_string(tile.blocks) + " blocks in clusters of " +
                              std::to_string(tile.cluster) + ": ";
    try {
        const std::vector<std::uint16_t> first = test.run(tile, workspace), second = test.run(tile, workspace);
        if (const std::string fault = test.faultOf(first, gridWeightsOf(tile)); !fault.empty())
            ADD_FAILURE() << where << fault;
        if (first != second)
            ADD_FAILURE() << where << "a second run gives other bits";
    } catch (const GpuError& error) {
        if (error.kind() == GpuError::Kind::Lost)
            throw std::runtime_error(where + error.what()); // nothing runs on this GPU any more
        ADD_FAILURE() << where << error.what();
    }
}

/// Products leave the counters of the workspace as they need them.
void expectCountersAreZero(const GpuBuffer& workspace, Stream stream, const std::string& after)
{
    std::vector<std::uint32_t> counters(static_cast<std::size_t>(kWorkspaceCounters));
    copyFromGpu(counters.data(), workspace.data(), kWorkspaceCounterBytes, stream);
    const auto bad =
        std::find_if(counters.begin(), counters.end(), [](std::uint32_t count) { return count != 0; });
    EXPECT_TRUE(bad == counters.end()) << "after " << after << ", counter " << bad - counters.begin()
                                       << " is not zero";
}

/// All tiles of a path over all layouts and both types, each layout with some of the batches in turn.
template <std::size_t count>
void expectPath(GemmPath path, const PathTile (&tiles)[count], const std::vector<int>& batches, const GpuInfo& gpu,
                const GpuBuffer& workspace, Stream stream)
{
    std::size_t turn = 0;
    for (const MixedLayout& layout : layouts()) {
        if (path == GemmPath::Sm90 && !sm90Takes(layout))
            continue;
        for (const Element element : {Element::F16, Element::BF16})
            for (int i = 0; i < 2; ++i, ++turn) {
                Case test(layout, element, batches[turn % batches.size()], turn % 3 == 0, stream);
                for (const PathTile& tile : tiles)
                    for (const TileChoice& choice : variants(path, tile, layout, test.gemm.batch, gpu.traits))
                        if (isMixedGemmTile(choice, test.gemm.batch))
                            expectTwin(test, choice, workspace);
                expectCountersAreZero(workspace, stream, test.name());
            }
    }
}

TEST_F(MixedGemmGpu, SimtIsTheTwin)
{
    expectPath(GemmPath::Simt, kSimtTiles, {1, 2, 3, 5, 8, 4, 7}, gpu, workspace, queue->stream());
}

TEST_F(MixedGemmGpu, Sm80IsTheTwin)
{
    expectPath(GemmPath::Sm80, kSm80Tiles, {1, 17, 64, 16, 100, 33, 257, 8, 128}, gpu, workspace, queue->stream());
}

TEST_F(MixedGemmGpu, Sm90IsTheTwin)
{
    if (gpu.traits.major != 9)
        GTEST_SKIP() << "not tested: " << gpu.name << " is no Hopper";
    expectPath(GemmPath::Sm90, kSm90Tiles, {1, 17, 64, 16, 100, 33, 257, 8, 128}, gpu, workspace, queue->stream());
}

TEST_F(MixedGemmGpu, ChosenTilesAreTheTwinOnTheShapesOfModels)
{
    const MixedLayout shapes[] = {{4096, 4096, 128, 4, Coding::Grid, 128, false},
                                  {4096, 2816, 128, 3, Coding::Grid, 128, false},
                                  {2048, 11008, 0, 4, Coding::Codebook, 128, true}};
    for (const MixedLayout& layout : shapes)
        for (const int batch : {1, 16, 64}) {
            Case test(layout, Element::F16, batch, false, queue->stream());
            const TileChoice tile = chooseTile(layout, batch, gpu.traits);
            ASSERT_NE(tile.path, GemmPath::Dequant);
            expectTwin(test, tile, workspace);
            const TileChoice elsewhere = chooseTile(
                layout, batch, {8, 0, gpu.traits.multiprocessors, gpu.traits.sharedBytes, gpu.traits.l2Bytes});
            expectTwin(test, elsewhere, workspace);
        }
}

/// A product on the result of another, again and again: `steps` of them, with `afterEach` between.
std::vector<std::uint16_t> runChain(Case& there, Case& back, const TileChoice& tile, const GpuBuffer& workspace,
                                    GpuBuffer& a, GpuBuffer& b, Stream stream,
                                    const std::function<void()>& afterEach)
{
    const auto batch = static_cast<std::size_t>(there.gemm.batch);
    const auto width = static_cast<std::size_t>(there.linear.layout.columns);
    const std::vector<std::uint16_t> x = tests::randomActivations(
        there.gemm.batch, static_cast<int>(width), static_cast<std::int64_t>(width), Element::F16, 31);
    copyToGpu(a.data(), x.data(), x.size() * 2, stream);
    MixedGemm forth = there.gpuGemm, home = back.gpuGemm;
    forth.workspace = home.workspace = workspace.data();
    forth.x = a.data();
    forth.y = b.data();
    home.x = b.data();
    home.y = a.data();
    forth.xStride = home.yStride = there.linear.layout.columns;
    forth.yStride = home.xStride = there.linear.layout.rows;
    for (int step = 0; step < 6; ++step) {
        mixedGemm(step % 2 == 0 ? forth : home, tile, stream);
        afterEach();
    }
    std::vector<std::uint16_t> result(batch * width);
    copyFromGpu(result.data(), a.data(), result.size() * 2, stream);
    return result;
}

std::vector<TileChoice> oneTileAPath(const GpuInfo& gpu)
{
    std::vector<TileChoice> tiles{{GemmPath::Simt, 64, 8, 2, gpu.traits.multiprocessors},
                                  {GemmPath::Sm80, 128, 16, 2, gpu.traits.multiprocessors}};
    if (gpu.traits.major == 9)
        tiles.push_back({GemmPath::Sm90, 192, 16, 3, gpu.traits.multiprocessors / 4 * 4, 4});
    return tiles;
}

TEST_F(MixedGemmGpu, WaitsForTheProductBefore)
{
    const Stream stream = queue->stream();
    Case there({1024, 512, 0, 4, Coding::Grid, 128, false}, Element::F16, 8, false, stream);
    Case back({512, 1024, 0, 3, Coding::Grid, 64, true}, Element::F16, 8, false, stream);
    GpuBuffer a(8 * 512 * 2), b(8 * 1024 * 2);
    for (const TileChoice& tile : oneTileAPath(gpu)) {
        const auto apart = runChain(there, back, tile, workspace, a, b, stream, [&] { queue->wait(); });
        for (int repetition = 0; repetition < 10; ++repetition) {
            const auto together = runChain(there, back, tile, workspace, a, b, stream, [] {});
            EXPECT_EQ(apart, together) << tile.name() << ": a product read what was not there yet";
        }
    }
}

TEST_F(MixedGemmGpu, CanBeRecordedAndReplayed)
{
    const Stream stream = queue->stream();
    Case test({333, 1000, 24, 4, Coding::Grid, 64, false}, Element::BF16, 7, true, stream);
    for (const TileChoice& tile : oneTileAPath(gpu)) {
        const auto direct = test.run(tile, workspace);
        GpuGraph::begin(stream);
        mixedGemm(test.gpuGemm, tile, stream);
        const GpuGraph graph = GpuGraph::end(stream);
        for (int replay = 0; replay < 3; ++replay) {
            zeroOnGpu(test.gpuGemm.y, static_cast<std::size_t>(test.gemm.batch * test.gemm.yStride) * 2, stream);
            graph.launch(stream);
            std::vector<std::uint16_t> y(static_cast<std::size_t>(test.gemm.batch * test.gemm.yStride));
            copyFromGpu(y.data(), test.gpuGemm.y, y.size() * 2, stream);
            for (int b = 0; b < test.gemm.batch; ++b) {
                const auto at = static_cast<std::size_t>(b * test.gemm.yStride);
                EXPECT_EQ(std::memcmp(&y[at], &direct[at + kGuard], 333 * 2), 0)
                    << tile.name() << ", batch row " << b;
            }
        }
    }
}

TEST_F(MixedGemmGpu, DequantizesToTheBitsOfTheTwin)
{
    const Stream stream = queue->stream();
    for (const MixedLayout& layout : layouts())
        for (const Element element : {Element::F16, Element::BF16})
            for (const int stride : {(layout.columns + 7) / 8 * 8, layout.columns + 1}) {
                const RandomMixed linear(layout, element, 37);
                const Uploaded uploaded(linear, stream);
                std::vector<std::uint16_t> expected(static_cast<std::size_t>(layout.rows * stride) + kGuard,
                                                    kPoison);
                std::vector<std::uint16_t> got = expected;
                const GpuBuffer out = onGpu(expected, stream);
                dequantizeMixedCpu(linear.weights(), element, expected.data(), stride);
                dequantizeMixed(uploaded.weights, element, out.data(), stride, stream);
                copyFromGpu(got.data(), out.data(), got.size() * 2, stream);
                const auto differ = std::mismatch(got.begin(), got.end(), expected.begin());
                const auto at = differ.first - got.begin();
                if (differ.first != got.end())
                    ADD_FAILURE() << describe(layout) << ", " << nameOf(element) << ", stride " << stride
                                  << ": row " << at / stride << ", column " << at % stride << " is "
                                  << fromElement(*differ.first, element) << ", expected "
                                  << fromElement(*differ.second, element);
            }
}

TEST(MixedGemmParameters, AreRefusedBeforeAnythingIsLaunched)
{
    const RandomMixed linear({64, 128, 8, 4, Coding::Grid, 64, false}, Element::F16, 5);
    alignas(16) std::uint16_t x[128] = {}, y[64] = {}, workspace[8] = {};
    const MixedGemm gemm{linear.weights(), Element::F16, x, 128, y, 64, nullptr, 1, workspace};
    const TileChoice simt{GemmPath::Simt, 64, 8, 3, 4};
    const auto refused = [&](const MixedGemm& changed, const TileChoice& tile) {
        EXPECT_THROW(mixedGemm(changed, tile, nullptr), std::invalid_argument) << tile.name();
    };
    refused(gemm, {GemmPath::Dequant, 0, 0, 0, 0});
    refused(gemm, {GemmPath::Simt, 128, 8, 3, 4});
    refused(gemm, {GemmPath::Sm80, 128, 128, 3, 4});
    refused(gemm, {GemmPath::Sm90, 64, 8, 3, 4});
    refused(gemm, {GemmPath::Sm90, 192, 8, 3, 6, 3});
    refused(gemm, {GemmPath::Sm90, 192, 8, 4, 6, 2});
    refused(gemm, {GemmPath::Sm90, 192, 8, 3, 16, 16});
    MixedGemm changed = gemm;
    changed.workspace = nullptr;
    refused(changed, simt);
    changed = gemm;
    changed.batch = 9;
    refused(changed, simt);
    changed = gemm;
    changed.xStride = 100;
    refused(changed, simt);
}

} // namespace
} // namespace eigenquant::kernels
