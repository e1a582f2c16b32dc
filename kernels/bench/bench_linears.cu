// SPDX-License-Identifier: GPL-3.0-or-later
//
// The four linears of a LLaMA-2-7B layer: mixed products beside cuBLAS FP16, weights cold, replayed from graphs that
// take turns, medians in microseconds. First every tile is checked against weights read back on the host.
//
//   bench_linears [--bits 3|4] [--group N] [--salient K] [--batch 1,16,…] [--tune] [--symmetric] [--codebook]
//                 [--cluster 1,2,4,8] [--half]
//
// --tune times every tile of every path for each linear, and prints the best few. --cluster and --half change the tiles
// of the Hopper kernel: blocks of a cluster, and half of the shared memory, which leaves room for the next linear's.
#include "kernels/bench/bench_support.h"
#include "kernels/decode/decode_kernels.h"
#include "kernels/gemm/mixed_gemm.h"
#include "kernels/gemm/paths.h"
#include "kernels/layout/pack_mixed.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

using namespace eigenquant::kernels;

namespace {

struct Options {
    int bits = 4, group = 128, salient = 128;
    int cluster = 0; ///< 0: as chosen
    std::vector<int> clusters{0};
    bool tune = false, symmetric = false, codebook = false, half = false;
    std::vector<int> batches{1, 2, 4, 8, 16, 32, 64, 128, 256};
};

struct Shape {
    const char* name;
    int in, out;
};
constexpr Shape kShapes[] = {{"qkv", 4096, 12288}, {"o", 4096, 4096}, {"gate_up", 4096, 22016}, {"down", 11008, 4096}};
constexpr std::size_t kColdBytes = std::size_t{400} << 20; // several times what the L2 holds
constexpr int kLargestBatch = 256;

/// A linear with random weights, in as many copies as it takes to find none of them in the L2.
struct Linear {
    Shape shape;
    MixedLayout layout;
    std::vector<std::uint8_t> host;
    std::vector<float> hostRowScales;
    std::vector<std::uint16_t> hostCodebook;
    GpuBuffer blocks, dense, rowScales, codebook;
    int copies = 1, denseCopies = 1;

    MixedWeights weights(int copy) const
    {
        return {layout, blocks.as<std::uint8_t>() + static_cast<std::size_t>(copy) * layout.bytes(),
                layout.coding == Coding::Codebook ? rowScales.as<float>() : nullptr,
                layout.coding == Coding::Codebook ? codebook.as<std::uint16_t>() : nullptr};
    }
    MixedWeights hostWeights() const { return {layout, host.data(), hostRowScales.data(), hostCodebook.data()}; }
    const void* denseWeights(int copy) const
    {
        return dense.as<std::uint16_t>() + static_cast<std::size_t>(copy) * static_cast<std::size_t>(shape.in) *
                                               static_cast<std::size_t>(shape.out);
    }
};

Linear makeLinear(const Shape& shape, const Options& options, Stream stream)
{
    Linear linear;
    linear.shape = shape;
    const bool book = options.codebook;
    linear.layout = {shape.out, shape.in,      book ? 0 : options.salient,           options.bits,
                     book ? Coding::Codebook : Coding::Grid, options.group, options.symmetric};
    const MixedLayout& layout = linear.layout;
    bench::Random random(7);
    const auto rows = static_cast<std::size_t>(layout.rows);
    std::vector<std::uint8_t> codes(rows * static_cast<std::size_t>(layout.codeColumns()));
    for (auto& code : codes)
        code = static_cast<std::uint8_t>(random.next() & ((1u << options.bits) - 1));
    const std::size_t groups = rows * static_cast<std::size_t>(codeGroups(layout));
    std::vector<std::uint16_t> scales(groups), salient(rows * static_cast<std::size_t>(layout.salient));
    std::vector<std::uint8_t> zeros(groups);
    for (auto& scale : scales)
        scale = toF16(0.002f + 0.002f * random.uniform());
    for (auto& zero : zeros)
        zero = static_cast<std::uint8_t>(random.next() & ((1u << options.bits) - 1));
    for (auto& weight : salient)
        weight = toF16(0.04f * (random.uniform() - 0.5f));
    linear.host.resize(layout.bytes());
    const MixedSource source{layout, codes.data(), scales.data(), zeros.data(), salient.data()};
    bench::parallel(layout.strips(),
                    [&](int begin, int end) { packMixedStrips(source, begin, end, linear.host.data()); });
    linear.hostRowScales.assign(static_cast<std::size_t>(layout.strips()) * kStripRows, 0.003f);
    linear.hostCodebook.resize(std::size_t{1} << options.bits);
    for (auto& value : linear.hostCodebook)
        value = toF16(4 * (random.uniform() - 0.5f));

    linear.copies = static_cast<int>(kColdBytes / layout.bytes()) + 1;
    linear.blocks = GpuBuffer(layout.bytes() * static_cast<std::size_t>(linear.copies));
    copyToGpu(linear.blocks.data(), linear.host.data(), linear.host.size(), stream);
    for (int copy = 1; copy < linear.copies; ++copy)
        copyOnGpu(linear.blocks.as<std::uint8_t>() + static_cast<std::size_t>(copy) * layout.bytes(),
                  linear.blocks.data(), layout.bytes(), stream);
    linear.rowScales = GpuBuffer(linear.hostRowScales.size() * 4);
    copyToGpu(linear.rowScales.data(), linear.hostRowScales.data(), linear.rowScales.size(), stream);
    linear.codebook = GpuBuffer(linear.hostCodebook.size() * 2);
    copyToGpu(linear.codebook.data(), linear.hostCodebook.data(), linear.codebook.size(), stream);

    const std::size_t denseBytes = rows * static_cast<std::size_t>(shape.in) * 2;
    linear.denseCopies = static_cast<int>(kColdBytes / denseBytes) + 1;
    linear.dense = GpuBuffer(denseBytes * static_cast<std::size_t>(linear.denseCopies));
    for (int copy = 0; copy < linear.denseCopies; ++copy)
        dequantizeMixed(linear.weights(0), Element::F16, const_cast<void*>(linear.denseWeights(copy)), shape.in,
                        stream);
    return linear;
}

struct Bench {
    Options options;
    GpuInfo gpu;
    GpuQueue queue;
    std::vector<Linear> linears;
    std::vector<std::uint16_t> hostX;
    GpuBuffer x, y, workspace, scratch; ///< scratch: a linear's dequantized weights
    std::int64_t xStride = 11008, yStride = 22016;

    MixedGemm gemm(const Linear& linear, int copy, int batch) const
    {
        MixedGemm g;
        g.weights = linear.weights(copy);
        g.x = x.data();
        g.xStride = xStride;
        g.y = y.data();
        g.yStride = yStride;
        g.batch = batch;
        g.workspace = workspace.data();
        return g;
    }
    /// What chooseTile() gives, but for what the flags change.
    TileChoice tileFor(const Linear& linear, int batch) const
    {
        TileChoice tile = chooseTile(linear.layout, batch, gpu.traits);
        if (tile.path != GemmPath::Sm90)
            return tile;
        if (options.cluster > 0) {
            tile.cluster = options.cluster;
            tile.blocks = gpu.traits.multiprocessors / tile.cluster * tile.cluster;
        }
        const std::size_t room = options.half ? gpu.traits.sharedBytes / 2 - 2048 : gpu.traits.sharedBytes;
        tile.stages = fittingStages(linear.layout, batch, tile, tile.stages, room);
        return tile;
    }
    void runMixed(const Linear& linear, int copy, int batch, const TileChoice& tile) const
    {
        if (tile.path != GemmPath::Dequant)
            return mixedGemm(gemm(linear, copy, batch), tile, queue.stream());
        dequantizeMixed(linear.weights(copy), Element::F16, scratch.data(), linear.shape.in, queue.stream());
        denseGemm({x.data(), xStride, scratch.data(), linear.shape.in, y.data(), yStride, batch, linear.shape.out,
                   linear.shape.in, Element::F16, false},
                  queue.stream());
    }
    void runDense(const Linear& linear, int copy, int batch) const
    {
        denseGemm({x.data(), xStride, linear.denseWeights(copy), linear.shape.in, y.data(), yStride, batch,
                   linear.shape.out, linear.shape.in, Element::F16, false},
                  queue.stream());
    }
};

/// The largest error of sampled results, relative to the spread of all of them.
double worstError(const Bench& bench, const Linear& linear, int batch)
{
    std::vector<std::uint16_t> y(static_cast<std::size_t>(bench.yStride) * static_cast<std::size_t>(batch));
    copyFromGpu(y.data(), bench.y.data(), y.size() * 2, bench.queue.stream());
    const MixedWeights weights = linear.hostWeights();
    bench::Random random(11);
    double worst = 0, squares = 0;
    constexpr int kSamples = 96;
    for (int sample = 0; sample < kSamples; ++sample) {
        const int row = static_cast<int>(random.next() % static_cast<std::uint32_t>(linear.shape.out));
        const int token = static_cast<int>(random.next() % static_cast<std::uint32_t>(batch));
        double sum = 0;
        for (int column = 0; column < linear.shape.in; ++column)
            sum += static_cast<double>(mixedWeight(weights, Element::F16, row, column)) *
                   fromF16(bench.hostX[static_cast<std::size_t>(token) * static_cast<std::size_t>(bench.xStride) +
                                       static_cast<std::size_t>(column)]);
        const double got = fromF16(y[static_cast<std::size_t>(token) * static_cast<std::size_t>(bench.yStride) +
                                     static_cast<std::size_t>(row)]);
        worst = std::max(worst, std::isfinite(got) ? std::fabs(got - sum) : 1e9);
        squares += sum * sum;
    }
    return worst / std::sqrt(squares / kSamples);
}

/// Adds a tile with as many stages as fit the shared memory, or the half of it that leaves room for a second block.
void addTiles(std::vector<TileChoice>& tiles, TileChoice tile, int mostStages, const MixedLayout& layout, int batch,
              const GpuTraits& gpu)
{
    for (int blocks = 1; blocks <= (tile.path == GemmPath::Sm90 ? 1 : 4); ++blocks)
        for (const int share : {1, 2}) {
            tile.blocks = blocks * gpu.multiprocessors / tile.cluster * tile.cluster;
            const std::size_t room = gpu.sharedBytes / share - 2048;
            tile.stages = fittingStages(layout, batch, tile, mostStages, room);
            if (sharedBytes(layout, batch, tile) <= room)
                tiles.push_back(tile);
        }
}

/// Every tile that can do the batch without being far too wide for it.
std::vector<TileChoice> candidates(const MixedLayout& layout, int batch, const GpuTraits& gpu)
{
    std::vector<TileChoice> tiles;
    const auto suits = [&](const PathTile& shape) {
        return (shape.batch / 2 < batch || shape.batch <= 16) && (shape.batch >= batch || shape.batch >= 64);
    };
    for (const PathTile& shape : kSimtTiles)
        if (batch <= shape.batch)
            addTiles(tiles, {GemmPath::Simt, shape.rows, shape.batch, 0, 0}, kMostCopyStages, layout, batch, gpu);
    for (const PathTile& shape : kSm80Tiles)
        if (suits(shape))
            addTiles(tiles, {GemmPath::Sm80, shape.rows, shape.batch, 0, 0}, kMostCopyStages, layout, batch, gpu);
    if (gpu.major == 9)
        for (const PathTile& shape : kSm90Tiles)
            if (suits(shape))
                for (const int cluster : {1, 2, 4, 8})
                    addTiles(tiles, {GemmPath::Sm90, shape.rows, shape.batch, 0, 0, cluster}, kMostBulkStages, layout,
                             batch, gpu);
    return tiles;
}

double timeLinear(const Bench& bench, const Linear& linear, int batch, const TileChoice& tile)
{
    const auto graph = bench::record(bench.queue.stream(), [&] {
        for (int copy = 0; copy < linear.copies; ++copy)
            bench.runMixed(linear, copy, batch, tile);
    });
    return bench::medianMicroseconds({&graph}, bench.queue.stream(), 7).front() / linear.copies;
}

void tune(const Bench& bench, const Linear& linear, int batch)
{
    struct Timed {
        TileChoice tile;
        double microseconds, error;
    };
    std::vector<Timed> timed;
    for (const TileChoice& tile : candidates(linear.layout, batch, bench.gpu.traits)) {
        zeroOnGpu(bench.y.data(), bench.y.size(), bench.queue.stream());
        bench.runMixed(linear, 0, batch, tile);
        const double error = worstError(bench, linear, batch);
        timed.push_back({tile, timeLinear(bench, linear, batch, tile), error});
        if (!(error < 5e-3))
            std::printf("WRONG %s batch %d %s cluster %d stages %d blocks %d: error %.3g\n",
                        linear.shape.name, batch, tile.name().c_str(), tile.cluster, tile.stages, tile.blocks, error);
    }
    std::sort(timed.begin(), timed.end(),
              [](const Timed& a, const Timed& b) { return a.microseconds < b.microseconds; });
    for (std::size_t i = 0; i < std::min<std::size_t>(6, timed.size()); ++i)
        std::printf("%-8s batch %3d  %-12s cluster %d stages %2d blocks %3d  %7.2f us  %5.2f TB/s  error %.1e\n",
                    linear.shape.name, batch, timed[i].tile.name().c_str(), timed[i].tile.cluster,
                    timed[i].tile.stages, timed[i].tile.blocks, timed[i].microseconds,
                    static_cast<double>(linear.layout.bytes()) / timed[i].microseconds / 1e6, timed[i].error);
    std::fflush(stdout);
}

/// All four linears, layer after layer, as a decoder runs them: mixed and dense in turn.
void compareLayer(const Bench& bench, int batch)
{
    int copies = 1 << 30, denseCopies = 1 << 30;
    std::size_t bytes = 0;
    double error = 0;
    for (const Linear& linear : bench.linears) {
        copies = std::min(copies, linear.copies);
        denseCopies = std::min(denseCopies, linear.denseCopies);
        bytes += linear.layout.bytes();
        bench.runMixed(linear, 0, batch, bench.tileFor(linear, batch));
        error = std::max(error, worstError(bench, linear, batch));
    }
    const auto mixed = bench::record(bench.queue.stream(), [&] {
        for (int copy = 0; copy < copies; ++copy)
            for (const Linear& linear : bench.linears)
                bench.runMixed(linear, copy, batch, bench.tileFor(linear, batch));
    });
    const auto dense = bench::record(bench.queue.stream(), [&] {
        for (int copy = 0; copy < denseCopies; ++copy)
            for (const Linear& linear : bench.linears)
                bench.runDense(linear, copy, batch);
    });
    const auto times = bench::medianMicroseconds({&mixed, &dense}, bench.queue.stream(), 31);
    const double ours = times[0] / copies, theirs = times[1] / denseCopies;
    const double memory = static_cast<double>(bytes) / bench.gpu.memoryBytesPerSecond * 1e6;
    std::string tiles;
    for (const Linear& linear : bench.linears) {
        const TileChoice tile = bench.tileFor(linear, batch);
        tiles += " " + tile.name() + " /" + std::to_string(tile.cluster) + " s" + std::to_string(tile.stages);
        tiles += " " + std::to_string(timeLinear(bench, linear, batch, tile)).substr(0, 5);
    }
    std::printf("batch %3d  mixed %7.1f us  cuBLAS %7.1f us  %5.2fx  memory limit %5.1f us (%3.0f %%)  error %.1e %s\n",
                batch, ours, theirs, theirs / ours, memory, 100 * memory / ours, error, tiles.c_str());
    std::fflush(stdout);
}

Options parse(int argc, char** argv)
{
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string flag = argv[i];
        const auto value = [&] { return i + 1 < argc ? std::string(argv[++i]) : std::string(); };
        if (flag == "--tune")
            options.tune = true;
        else if (flag == "--symmetric")
            options.symmetric = true;
        else if (flag == "--half")
            options.half = true;
        else if (flag == "--cluster")
            options.clusters = bench::numbers(value());
        else if (flag == "--codebook")
            options.codebook = true;
        else if (flag == "--bits")
            options.bits = std::stoi(value());
        else if (flag == "--group")
            options.group = std::stoi(value());
        else if (flag == "--salient")
            options.salient = std::stoi(value());
        else if (flag == "--batch")
            options.batches = bench::numbers(value());
        else
            throw std::invalid_argument("unknown flag " + flag);
    }
    return options;
}

int run(int argc, char** argv)
{
    Bench bench;
    bench.options = parse(argc, argv);
    bench.gpu = findGpu();
    std::printf("%s, %.0f GB/s by the data sheet; %d bits, groups of %d, %d salient channels%s\n",
                bench.gpu.name.c_str(), bench.gpu.memoryBytesPerSecond / 1e9, bench.options.bits, bench.options.group,
                bench.options.salient, bench.options.codebook ? ", one codebook" : "");
    const Stream stream = bench.queue.stream();
    for (const Shape& shape : kShapes)
        bench.linears.push_back(makeLinear(shape, bench.options, stream));
    bench::Random random(3);
    bench.hostX.resize(static_cast<std::size_t>(bench.xStride) * kLargestBatch);
    for (auto& value : bench.hostX)
        value = toF16(2 * (random.uniform() - 0.5f));
    bench.x = GpuBuffer(bench.hostX.size() * 2);
    copyToGpu(bench.x.data(), bench.hostX.data(), bench.x.size(), stream);
    bench.y = GpuBuffer(static_cast<std::size_t>(bench.yStride) * kLargestBatch * 2);
    bench.scratch = GpuBuffer(std::size_t{4096} * 22016 * 2);
    bench.workspace = GpuBuffer(mixedGemmWorkspaceBytes(bench.gpu.traits));
    zeroOnGpu(bench.workspace.data(), bench.workspace.size(), stream);
    bench.queue.wait();
    for (const int batch : bench.options.batches) {
        if (bench.options.tune)
            for (const Linear& linear : bench.linears)
                tune(bench, linear, batch);
        else
            for (const int cluster : bench.options.clusters) {
                bench.options.cluster = cluster;
                compareLayer(bench, batch);
            }
    }
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_linears: %s\n", error.what());
        return 1;
    }
}
