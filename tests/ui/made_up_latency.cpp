// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/made_up_latency.h"

namespace eigenquant::test {

namespace {

constexpr std::uint64_t kGiB = 1ull << 30;

LatencyRow row(int batch, double ms, double baselineMs, double rooflineMs, const char* kernel)
{
    LatencyRow row;
    row.batch = row.askedBatch = batch;
    row.msPerStep = ms;
    row.tokensPerSecond = 1000 * batch / ms;
    row.baselineMsPerStep = baselineMs;
    row.baselineTokensPerSecond = 1000 * batch / baselineMs;
    row.speedup = baselineMs / ms;
    row.promptMs = 11.5;
    row.kernel = kernel;
    row.gpuBytes = 4 * kGiB + std::uint64_t(batch) * (kGiB / 8);
    row.baselineGpuBytes = 13 * kGiB + std::uint64_t(batch) * (kGiB / 8);
    row.rooflineMs = rooflineMs;
    row.rooflineShare = rooflineMs / ms;
    row.baselineRooflineMs = baselineMs * 0.82;
    row.rotationShare = 0.021;
    row.linears = {{"q+k+v", kernel, 18.25, 42.5}, {"down", kernel, 16.5, 36.0}};
    return row;
}

} // namespace

LatencyResult madeUpLatency()
{
    LatencyResult result;
    result.device = "NVIDIA H100 80GB HBM3";
    result.dtype = "f16";
    result.model = "Made-up 7B";
    result.method = "rosaq";
    result.effectiveBits = 4.52;
    result.prompt = 8;
    result.generate = 256;
    result.memoryBytesPerSecond = 3.35e12;
    result.flopsPerSecond = 989e12;
    result.seconds = 31.5;
    result.rows = {row(1, 1.875, 6.25, 1.4, "simt 4x256"), row(16, 2.125, 6.5, 1.6, "sm90 128x16"),
                   row(64, 3.5, 8.4, 2.75, "sm90 128x64, dequantize + cuBLAS f16")};
    result.rows.back().askedBatch = 128;
    result.warnings = {"batch 128 does not fit: 21.4 GiB needed, 14.2 GiB free"};
    return result;
}

} // namespace eigenquant::test
