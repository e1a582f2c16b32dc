// SPDX-License-Identifier: GPL-3.0-or-later
//
// The four linears of a LLaMA-2-7B layer with columns of their own width, beside cuBLAS FP16: CMPQ with 3 bits and
// half a percent of outliers, ETQ with 3.05 and with 4 bits. Weights are cold, products are replayed from graphs
// that take turns, times are medians in microseconds. First, samples of every product are checked against weights
// read back on the host.
//
//   bench_columns [--batch 1,16,64] [--only cmpq3|etq3|etq4] [--each] [--dequantize]
//
// --each times the linears one by one as well, --dequantize what large batches go through before cuBLAS.
#include "kernels/bench/bench_support.h"
#include "kernels/decode/decode_kernels.h"
#include "kernels/gemm/column_gemm.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

using namespace eigenquant::kernels;

namespace {

struct Shape {
    const char* name;
    int in, out;
};
constexpr Shape kShapes[] = {
    {"qkv", 4096, 12288}, {"o", 4096, 4096}, {"gate_up", 4096, 22016}, {"down", 11008, 4096}};
constexpr std::size_t kColdBytes = std::size_t{400} << 20; // several times what the L2 holds
constexpr int kMostFillers = 128;                          ///< columns that fill up blocks, seven widths at most
constexpr std::int64_t kXStride = 11008 + kMostFillers, kYStride = 22016;

std::size_t denseElements(const Shape& shape)
{
    return static_cast<std::size_t>(shape.in + kMostFillers) * static_cast<std::size_t>(shape.out);
}

/// How many of a hundred columns have each width.
struct Method {
    const char* name;
    ColumnCoding coding;
    double outliers;
    std::array<int, 9> percent;
};
constexpr Method kMethods[] = {
    {"cmpq3", ColumnCoding::Codebooks, 0.005, {0, 0, 10, 80, 10, 0, 0, 0, 0}},
    {"etq3", ColumnCoding::Trellis, 0, {0, 0, 10, 75, 15, 0, 0, 0, 0}},
    {"etq4", ColumnCoding::Trellis, 0, {0, 0, 0, 10, 80, 10, 0, 0, 0}},
};

struct Options {
    std::vector<int> batches{1, 16, 64};
    std::string only;
    bool each = false, dequantize = false;
};

/// A linear of random codes, in as many copies as it takes to find none of them in the L2.
struct Linear {
    Shape shape{};
    PackedColumns packed;
    std::size_t bytes = 0; ///< of a copy
    GpuBuffer copies;

    ColumnWeights weights(int copy) const
    {
        return packed.weights(copies.as<std::uint8_t>() + static_cast<std::size_t>(copy) * bytes);
    }
};

/// The memory behind a ColumnSource.
struct Source {
    std::vector<std::uint8_t> widths, codes;
    std::vector<std::uint64_t> codeBits;
    ColumnStarts starts;
    std::vector<std::uint16_t> codebooks;
    std::vector<float> levels, rowScales;
    std::vector<ColumnOutlier> outliers;
};

void drawOutliers(Source& source, const Shape& shape, double share, bench::Random& random)
{
    // At random distances, so that no place comes twice.
    const auto weights = static_cast<std::int64_t>(shape.in) * shape.out;
    const auto spread = static_cast<std::uint32_t>(2 / share) - 1;
    for (std::int64_t at = random.next() % spread; at < weights; at += 1 + random.next() % spread)
        source.outliers.push_back({static_cast<std::int32_t>(at % shape.in),
                                   static_cast<std::int32_t>(at / shape.in),
                                   toF16(0.2f * (random.uniform() - 0.5f))});
}

PackedColumns makePacked(const Shape& shape, const Method& method)
{
    bench::Random random(static_cast<std::uint64_t>(shape.out) + 5);
    Source source;
    for (int j = 0; j < shape.in; ++j) {
        int width = 0;
        for (int left = static_cast<int>(random.next() % 100); left >= 0;
             left -= method.percent[static_cast<std::size_t>(width)])
            ++width;
        source.widths.push_back(static_cast<std::uint8_t>(width));
    }
    const bool trellis = method.coding == ColumnCoding::Trellis;
    source.starts = codebookStarts(shape.out, source.widths);
    source.codeBits = trellis ? trellisStarts(shape.out, source.widths) : source.starts.codeBits;
    source.codes.resize(static_cast<std::size_t>(shape.in) *
                        static_cast<std::size_t>(shape.out)); // more than enough
    for (auto& byte : source.codes)
        byte = static_cast<std::uint8_t>(random.next());
    source.codebooks.resize(static_cast<std::size_t>(shape.in) * 32);
    for (auto& value : source.codebooks)
        value = toF16(0.08f * (random.uniform() - 0.5f));
    source.levels.resize(kLevels);
    for (float& level : source.levels)
        level = fromF16(toF16(4 * (random.uniform() - 0.5f)));
    source.rowScales.assign(static_cast<std::size_t>(shape.out), 0.02f);
    if (method.outliers > 0)
        drawOutliers(source, shape, method.outliers, random);
    ColumnSource view{shape.out,
                      method.coding,
                      source.widths,
                      source.codes,
                      source.codeBits,
                      source.codebooks,
                      source.starts.codebookAt,
                      {},
                      {},
                      source.outliers};
    if (trellis) {
        view.levels.fill(source.levels);
        view.rowScales = source.rowScales;
    }
    return packColumns(view, Element::F16);
}

struct Bench {
    GpuInfo gpu;
    GpuQueue queue;
    std::vector<Linear> linears;
    int copies = 0;
    std::vector<GpuBuffer> dense; ///< one of all four linears' weights a copy
    std::vector<std::uint16_t> hostX;
    GpuBuffer x, y, workspace;

    void runColumns(const Linear& linear, int copy, int batch) const
    {
        ColumnGemm gemm{linear.weights(copy), x.data(), kXStride, y.data(), kYStride, nullptr, batch,
                        workspace.data()};
        columnGemm(gemm, gpu.traits, queue.stream());
    }
    void runDense(int copy, int batch) const
    {
        const std::uint16_t* weights = dense[static_cast<std::size_t>(copy)].as<std::uint16_t>();
        for (const Shape& shape : kShapes) {
            denseGemm({x.data(), kXStride, weights, shape.in + kMostFillers, y.data(), kYStride, batch, shape.out,
                       shape.in, Element::F16, false},
                      queue.stream());
            weights += denseElements(shape);
        }
    }
};

/// The largest error of sampled results, relative to the spread of all of them.
double worstError(const Bench& bench, const Linear& linear, int batch)
{
    std::vector<std::uint16_t> y(static_cast<std::size_t>(kYStride * batch));
    copyFromGpu(y.data(), bench.y.data(), y.size() * 2, bench.queue.stream());
    const ColumnWeights weights = linear.packed.weights(linear.packed.bytes.data());
    bench::Random random(11);
    double worst = 0, squares = 0;
    constexpr int kSamples = 64;
    for (int sample = 0; sample < kSamples; ++sample) {
        const int row = static_cast<int>(random.next() % static_cast<std::uint32_t>(linear.shape.out));
        const int token = static_cast<int>(random.next() % static_cast<std::uint32_t>(batch));
        const std::uint16_t* x = bench.hostX.data() + token * kXStride;
        double sum = 0;
        for (int position = 0; position < weights.layout.paddedColumns(); ++position)
            sum += static_cast<double>(fromF16(columnWeightBits(weights, row, position))) *
                   static_cast<double>(fromF16(x[position]));
        sum *= weights.rowScales != nullptr ? static_cast<double>(weights.rowScales[row]) : 1.0;
        const auto got = static_cast<double>(fromF16(y[static_cast<std::size_t>(token * kYStride + row)]));
        worst = std::max(worst, std::isfinite(got) ? std::fabs(got - sum) : 1e9);
        squares += sum * sum;
    }
    return worst / std::sqrt(squares / kSamples);
}

void uploadLinears(Bench& bench, const Method& method)
{
    bench.linears.clear();
    bench.linears.resize(std::size(kShapes));
    bench::parallel(static_cast<int>(bench.linears.size()), [&](int begin, int end) {
        for (int i = begin; i < end; ++i)
            bench.linears[static_cast<std::size_t>(i)].packed = makePacked(kShapes[i], method);
    });
    std::size_t layerBytes = 0, workspace = 0;
    for (std::size_t i = 0; i < bench.linears.size(); ++i) {
        Linear& linear = bench.linears[i];
        linear.shape = kShapes[i];
        linear.bytes = linear.packed.bytes.size();
        layerBytes += linear.bytes;
        workspace = std::max(workspace, columnGemmWorkspaceBytes(linear.packed.layout, 64, bench.gpu.traits));
    }
    bench.copies = static_cast<int>(kColdBytes / layerBytes) + 1;
    bench.workspace = GpuBuffer(workspace);
    for (Linear& linear : bench.linears) {
        linear.copies = GpuBuffer(linear.bytes * static_cast<std::size_t>(bench.copies));
        copyToGpu(linear.copies.data(), linear.packed.bytes.data(), linear.bytes, bench.queue.stream());
        for (int copy = 1; copy < bench.copies; ++copy)
            copyOnGpu(linear.copies.as<std::uint8_t>() + static_cast<std::size_t>(copy) * linear.bytes,
                      linear.copies.data(), linear.bytes, bench.queue.stream());
    }
    bench.queue.wait();
}

void compareLayer(const Bench& bench, const Method& method, int batch)
{
    std::size_t bytes = 0;
    double error = 0;
    for (const Linear& linear : bench.linears) {
        bytes += linear.bytes;
        bench.runColumns(linear, 0, batch);
        error = std::max(error, worstError(bench, linear, batch));
    }
    const auto columns = bench::record(bench.queue.stream(), [&] {
        for (int copy = 0; copy < bench.copies; ++copy)
            for (const Linear& linear : bench.linears)
                bench.runColumns(linear, copy, batch);
    });
    const auto dense = bench::record(bench.queue.stream(), [&] {
        for (std::size_t copy = 0; copy < bench.dense.size(); ++copy)
            bench.runDense(static_cast<int>(copy), batch);
    });
    const auto times = bench::medianMicroseconds({&columns, &dense}, bench.queue.stream(), 31);
    const double ours = times[0] / bench.copies, theirs = times[1] / static_cast<double>(bench.dense.size());
    const double memory = static_cast<double>(bytes) / bench.gpu.memoryBytesPerSecond * 1e6;
    std::printf(
        "%-6s batch %3d  columns %7.1f us  cuBLAS %7.1f us  %5.2fx  %5.1f MB, memory limit %5.1f us (%3.0f %%)  "
        "error %.1e%s  %s\n",
        method.name, batch, ours, theirs, theirs / ours, static_cast<double>(bytes) / 1e6, memory,
        100 * memory / ours, error, error < 5e-3 ? "" : " WRONG",
        columnGemmName(bench.linears.front().packed.layout, batch).c_str());
    std::fflush(stdout);
}

/// Each linear alone, cold.
template <class Work>
void timeEach(const Bench& bench, const char* what, const Work& work)
{
    for (const Linear& linear : bench.linears) {
        const auto graph = bench::record(bench.queue.stream(), [&] {
            for (int copy = 0; copy < bench.copies; ++copy)
                work(linear, copy);
        });
        const std::vector<const GpuGraph*> graphs{&graph};
        const double time = bench::medianMicroseconds(graphs, bench.queue.stream(), 15).front() / bench.copies;
        std::printf("    %-12s %-8s %7.2f us  %5.2f TB/s\n", what, linear.shape.name, time,
                    static_cast<double>(linear.bytes) / time / 1e6);
    }
    std::fflush(stdout);
}

Options parse(int argc, char** argv)
{
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string flag = argv[i];
        const auto value = [&] { return i + 1 < argc ? std::string(argv[++i]) : std::string(); };
        if (flag == "--batch")
            options.batches = bench::numbers(value());
        else if (flag == "--only")
            options.only = value();
        else if (flag == "--each")
            options.each = true;
        else if (flag == "--dequantize")
            options.dequantize = true;
        else
            throw std::invalid_argument("unknown flag " + flag);
    }
    return options;
}

void prepare(Bench& bench, const std::vector<int>& batches)
{
    const int most = *std::max_element(batches.begin(), batches.end());
    bench::Random random(3);
    bench.hostX.resize(static_cast<std::size_t>(kXStride * most));
    for (auto& value : bench.hostX)
        value = toF16(2 * (random.uniform() - 0.5f));
    bench.x = GpuBuffer(bench.hostX.size() * 2);
    copyToGpu(bench.x.data(), bench.hostX.data(), bench.x.size(), bench.queue.stream());
    bench.y = GpuBuffer(static_cast<std::size_t>(kYStride * most) * 2);
}

/// The weights for cuBLAS: zeros would cost less power, and so less time.
void fillDense(Bench& bench)
{
    std::size_t elements = 0;
    for (const Shape& shape : kShapes)
        elements += denseElements(shape);
    for (std::size_t bytes = 0; bytes < kColdBytes; bytes += 2 * elements) {
        bench.dense.emplace_back(2 * elements);
        std::uint16_t* to = bench.dense.back().as<std::uint16_t>();
        for (const Linear& linear : bench.linears) {
            dequantizeColumns(linear.weights(0), to, linear.shape.in + kMostFillers, bench.queue.stream());
            to += denseElements(linear.shape);
        }
    }
    bench.queue.wait();
}

int run(int argc, char** argv)
{
    const Options options = parse(argc, argv);
    Bench bench;
    bench.gpu = findGpu();
    std::printf("%s, %.0f GB/s by the data sheet\n", bench.gpu.name.c_str(), bench.gpu.memoryBytesPerSecond / 1e9);
    prepare(bench, options.batches);
    for (const Method& method : kMethods) {
        if (!options.only.empty() && options.only != method.name)
            continue;
        uploadLinears(bench, method);
        if (bench.dense.empty())
            fillDense(bench);
        for (const int batch : options.batches) {
            compareLayer(bench, method, batch);
            if (options.each)
                timeEach(bench, "product",
                         [&](const Linear& linear, int copy) { bench.runColumns(linear, copy, batch); });
        }
        if (!options.dequantize)
            continue;
        const GpuBuffer out(static_cast<std::size_t>(22016 * kXStride) * 2);
        timeEach(bench, "dequantize", [&](const Linear& linear, int copy) {
            dequantizeColumns(linear.weights(copy), out.data(), linear.packed.layout.paddedColumns(),
                              bench.queue.stream());
        });
    }
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_columns: %s\n", error.what());
        return 1;
    }
}
