// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/bench/bench_support.h"
#include "kernels/decode/decode_kernels.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

/// Times what a decoding step computes besides its linears, at the shape of LLaMA-2-7B: attention per layer with
/// caches that rotate over more memory than the L2 holds, and the small kernels. Every figure is the median over
/// replays of a graph of many calls, divided by their number, so that launches overlap as they do in a step.
///
///     bench_attention [--batch 1,16,64] [--context 32,136,264,1024] [--rounds 30]
namespace {

using namespace eigenquant::kernels;
using namespace eigenquant::kernels::bench;

constexpr int kHeads = 32, kHeadDim = 128, kWidth = 4096, kInner = 11008, kInnerOrder = 43;
constexpr std::size_t kColdBytes = std::size_t{400} << 20; ///< many times the L2 of any GPU so far

template <class T>
GpuBuffer filled(std::size_t count, Stream stream, const std::vector<T>& pattern)
{
    std::vector<T> piece(std::min(count, std::size_t{1} << 22));
    for (std::size_t i = 0; i < piece.size(); ++i)
        piece[i] = pattern[i % pattern.size()];
    GpuBuffer buffer(count * sizeof(T));
    for (std::size_t done = 0; done < count; done += piece.size())
        copyToGpu(buffer.as<T>() + done, piece.data(), std::min(count - done, piece.size()) * sizeof(T), stream);
    return buffer;
}

/// 16-bit floats between -1 and 1; as bytes, codes of an INT8 cache.
GpuBuffer elements(std::size_t count, Stream stream)
{
    Random random(count);
    std::vector<std::uint16_t> pattern(65521);
    for (std::uint16_t& bits : pattern)
        bits = toF16(2 * random.uniform() - 1);
    return filled(count, stream, pattern);
}

double perCall(const GpuGraph& graph, Stream stream, int calls, int rounds)
{
    return medianMicroseconds({&graph}, stream, rounds)[0] / calls;
}

/// Microseconds that a copy on the GPU takes for reading `bytes`: it writes as many, so half of the time is the reads'.
double copyMicroseconds(std::size_t bytes, Stream stream, int rounds)
{
    const std::size_t total = std::max(bytes, kColdBytes);
    const GpuBuffer from(total), to(total);
    const GpuGraph graph = record(stream, [&] { copyOnGpu(to.data(), from.data(), total, stream); });
    return perCall(graph, stream, 1, rounds) / 2 * static_cast<double>(bytes) / static_cast<double>(total);
}

void timeAttention(const GpuInfo& gpu, Stream stream, int batch, int context, KvType type, int rounds)
{
    const std::size_t values = std::size_t(batch) * kHeads * static_cast<std::size_t>(context) * kHeadDim;
    const std::size_t bytes = 2 * values * (type == KvType::Int8 ? 1 : 2) +
                              (type == KvType::Int8 ? 2 * values / kHeadDim * sizeof(float) : 0);
    const int layers = static_cast<int>(std::max<std::size_t>(kColdBytes / bytes + 1, 2));
    const std::size_t rows = values / kHeadDim, layerValues = type == KvType::Int8 ? (values + 1) / 2 : values;
    const GpuBuffer keys = elements(layerValues * static_cast<std::size_t>(layers), stream);
    const GpuBuffer cached = elements(layerValues * static_cast<std::size_t>(layers), stream);
    const GpuBuffer scales = filled<float>(rows * static_cast<std::size_t>(layers), stream, {0.005f, 0.01f});
    const GpuBuffer qkv = elements(std::size_t(batch) * 3 * kWidth, stream), out(std::size_t(batch) * kWidth * 2);
    const GpuBuffer angles = filled<float>(static_cast<std::size_t>(context) * kHeadDim / 2, stream, {0.6f, 0.8f});
    const GpuBuffer positions = filled<std::int32_t>(static_cast<std::size_t>(batch), stream, {context - 1});
    const GpuBuffer workspace(attentionWorkspaceBytes(batch, 1, kHeads, kHeadDim, context, gpu.traits));
    zeroOnGpu(workspace.data(), workspace.size(), stream);
    const GpuGraph graph = record(stream, [&] {
        for (std::size_t layer = 0; layer < static_cast<std::size_t>(layers); ++layer) {
            AttentionParams params{};
            params.qkv = qkv.data();
            params.stride = 3 * kWidth;
            params.cosine = params.sine = angles.as<float>();
            params.cache = {keys.as<std::uint16_t>() + layer * layerValues,
                            cached.as<std::uint16_t>() + layer * layerValues,
                            scales.as<float>() + layer * rows,
                            scales.as<float>() + layer * rows,
                            type,
                            kHeads,
                            kHeadDim,
                            context};
            params.positions = positions.as<std::int32_t>();
            params.out = out.data();
            params.outStride = kWidth;
            params.sequences = batch;
            params.tokens = 1;
            params.heads = kHeads;
            params.longest = context;
            params.workspace = workspace.data();
            params.element = Element::F16;
            attention(params, gpu.traits, stream);
        }
    });
    const double time = perCall(graph, stream, layers, rounds);
    const double perSecond = static_cast<double>(bytes) / time * 1e-3;
    std::printf("%5d %8d  %-5s %9.2f %8.0f %7.0f %% %10.2f\n", batch, context, type == KvType::Int8 ? "INT8" : "FP16",
                time, perSecond, 1e11 * perSecond / gpu.memoryBytesPerSecond,
                copyMicroseconds(bytes, stream, rounds));
}

/// A small kernel, a hundred calls in a graph.
template <class Call>
void timeSmall(const char* name, int tokens, Stream stream, int rounds, const Call& call)
{
    constexpr int kCalls = 100;
    const GpuGraph graph = record(stream, [&] {
        for (int i = 0; i < kCalls; ++i)
            call();
    });
    std::printf("%-28s %6d %9.2f\n", name, tokens, perCall(graph, stream, kCalls, rounds));
}

void timeSmallKernels(Stream stream, int tokens, int rounds)
{
    const std::size_t rows = static_cast<std::size_t>(tokens);
    const GpuBuffer x = elements(rows * 2 * kInner, stream), y = elements(rows * 2 * kInner, stream);
    const GpuBuffer out(rows * kInner * 2), gain = filled<float>(kWidth, stream, {1.0f});
    const GpuBuffer factor = filled<float>(kInnerOrder * kInnerOrder, stream, {0.1f, -0.2f, 0.15f});
    const GpuBuffer signs = filled<std::uint8_t>(kInner, stream, {0x5a, 0x33, 0x0f});
    std::vector<std::int32_t> scattered(kInner), within(kWidth);
    for (int i = 0; i < kInner; ++i)
        scattered[static_cast<std::size_t>(i)] = static_cast<int>(std::int64_t{i} * 4999 % kInner);
    for (int i = 0; i < kWidth; ++i)
        within[static_cast<std::size_t>(i)] = static_cast<int>(std::int64_t{i} * 2777 % kWidth);
    const GpuBuffer wideOrder = filled(kInner, stream, scattered), order = filled(kWidth, stream, within);
    const auto addNormWith = [&](const std::int32_t* channels) {
        addNorm({x.data(), y.data(), gain.as<float>(), channels, out.data(), kWidth, tokens, kWidth, 1e-5f,
                 Element::F16},
                stream);
    };
    const auto siluMulWith = [&](const std::int32_t* channels) {
        siluMul({x.data(), x.as<std::uint16_t>() + kInner, 2 * kInner, channels, out.data(), kInner, tokens, kInner,
                 Element::F16},
                stream);
    };
    timeSmall("addNorm 4096", tokens, stream, rounds, [&] { addNormWith(nullptr); });
    timeSmall("addNorm 4096, ordered", tokens, stream, rounds, [&] { addNormWith(order.as<std::int32_t>()); });
    timeSmall("siluMul 11008", tokens, stream, rounds, [&] { siluMulWith(nullptr); });
    timeSmall("siluMul 11008, ordered", tokens, stream, rounds, [&] { siluMulWith(wideOrder.as<std::int32_t>()); });
    timeSmall("hadamard 4096", tokens, stream, rounds, [&] {
        hadamard({x.data(), kWidth, signs.as<std::uint8_t>(), nullptr, 1, nullptr, out.data(), kWidth, tokens, kWidth,
                  Element::F16},
                 stream);
    });
    timeSmall("hadamard 11008 = 43 x 256", tokens, stream, rounds, [&] {
        hadamard({x.data(), kInner, signs.as<std::uint8_t>(), factor.as<float>(), kInnerOrder,
                  wideOrder.as<std::int32_t>(), out.data(), kInner, tokens, kInner, Element::F16},
                 stream);
    });
}

int run(int argc, char** argv)
{
    std::vector<int> batches{1, 16, 64}, contexts{32, 136, 264, 1024};
    int rounds = 30;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!std::strcmp(argv[i], "--batch"))
            batches = numbers(argv[i + 1]);
        else if (!std::strcmp(argv[i], "--context"))
            contexts = numbers(argv[i + 1]);
        else if (!std::strcmp(argv[i], "--rounds"))
            rounds = std::atoi(argv[i + 1]);
    }
    const GpuInfo gpu = findGpu();
    const GpuQueue queue;
    std::printf("%s, %.0f GB/s by its data sheet; LLaMA-2-7B's shape, one layer\n\n", gpu.name.c_str(),
                1e-9 * gpu.memoryBytesPerSecond);
    std::printf("batch  context  cache        us     GB/s  of peak    copy us\n");
    for (const int batch : batches)
        for (const int context : contexts)
            for (const KvType type : {KvType::Same, KvType::Int8})
                timeAttention(gpu, queue.stream(), batch, context, type, rounds);
    std::printf("\nkernel                       tokens        us\n");
    for (const int tokens : {1, 64})
        timeSmallKernels(queue.stream(), tokens, rounds);
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    try {
        return run(argc, argv);
    } catch (const GpuError& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return error.kind() == GpuError::Kind::Unavailable ? 77 : 1;
    }
}
