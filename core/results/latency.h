// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace eigenquant {

/// How keys and values of past tokens are kept.
enum class KvPrecision {
    F16,  ///< as the activations
    Int8, ///< symmetric, a scale a token and head
};
/// "f16", "int8"; throws Error::usage for another word.
std::string_view name(KvPrecision precision);
KvPrecision kvPrecisionFromName(std::string_view text);

/// What is timed, and how.
struct LatencyOptions {
    std::string shape;                 ///< empty: the session's model; else a name of modelShapes(), random weights
    std::vector<int> batches{1, 16, 64};
    int prompt = 8;                    ///< tokens that are there before the first step
    int generate = 256;                ///< steps that are timed
    KvPrecision kv = KvPrecision::F16;
    bool baseline = true;              ///< FP16 linears of cuBLAS in the same engine, in turns with the model's own

    // Of a shape: how its random weights are quantized.
    Method method = Method::Rosaq;
    double bits = 4;
    int groupSize = 128;
    int salient = 128;                 ///< for methods that keep salient channels
    bool symmetric = false;
    RotationScope scope = RotationScope::Global; ///< per-site: with rotations at run time
    std::uint64_t seed = 0;
};

/// One linear launch of a decoding step, timed alone over all layers' weights: the mean over the layers.
struct LinearLatency {
    std::string name;   ///< "q+k+v", "o", "gate+up", "down"
    std::string kernel; ///< what ran: "sm90 128x64", "cuBLAS f16", …
    double us = 0;
    double baselineUs = 0; ///< NaN without a baseline
};

/// One batch size. Times and rates of a baseline that was not run are NaN.
struct LatencyRow {
    int batch = 0;
    int askedBatch = 0;              ///< larger than `batch` where that did not fit into memory
    KvPrecision kv = KvPrecision::F16;
    double msPerStep = 0; ///< a whole generation from the prompt on, over its steps: the growing cache included
    double tokensPerSecond = 0;
    double baselineMsPerStep = 0;
    double baselineTokensPerSecond = 0;
    double speedup = 0;              ///< baselineMsPerStep / msPerStep
    double promptMs = 0;             ///< to the first token
    std::string kernel;              ///< of the linears: "sm90 128x64"; several are joined by ", "
    std::uint64_t gpuBytes = 0;      ///< weights, cache and scratch memory; on a CPU the same of main memory
    std::uint64_t baselineGpuBytes = 0;
    double rooflineMs = 0;           ///< what a step must read over the memory's bandwidth, or its arithmetic over the
                                     ///< peak, whichever is larger; 0 where the device's peaks are not known
    double rooflineShare = 0;        ///< rooflineMs / msPerStep
    double baselineRooflineMs = 0;
    double rotationShare = 0;        ///< of a step, spent in run-time rotations, in 0..1
    std::vector<LinearLatency> linears;
};

/// What `bench` measured.
struct LatencyResult {
    std::string device;               ///< "cpu", or the GPU's name
    std::string dtype;                ///< of the activations
    std::string model;                ///< name of the model or shape
    std::string method;               ///< of most linears: "rosaq", "float", …
    double effectiveBits = 0;         ///< over all linears
    int prompt = 0;
    int generate = 0;
    double memoryBytesPerSecond = 0;  ///< peak of the data sheet; 0 if not known
    double flopsPerSecond = 0;        ///< peak of the tensor cores; 0 if not known
    std::vector<LatencyRow> rows;
    std::vector<std::string> warnings; ///< e.g. a batch that did not fit and was halved
    double seconds = 0;
};

/// What is generated, and how.
struct GenerateOptions {
    std::vector<std::vector<std::int32_t>> prompts; ///< ids; or empty, and `text` is the prompt
    std::string text;
    int tokens = 128;          ///< at most so many a prompt; a sequence ends before it at the model's end token
    double temperature = 0;    ///< 0: the likeliest token, the lowest id of equal ones
    int topK = 0;              ///< 0: all
    double topP = 1;           ///< 1: all
    std::uint64_t seed = 0;
    KvPrecision kv = KvPrecision::F16;
};

/// New tokens of one sequence, as they are done.
struct GeneratedPiece {
    int sequence = 0;
    std::vector<std::int32_t> ids;
    std::string text;          ///< what they add; whole UTF-8 characters
};

struct GenerateResult {
    std::vector<std::vector<std::int32_t>> ids; ///< a prompt, without it and without the end token
    std::vector<std::string> text;
    double promptMs = 0;
    double tokensPerSecond = 0;                 ///< of all sequences together, the prompt's time aside
    std::string device;
    std::string dtype;
    std::string kernel;                         ///< of the linears; empty for libtorch
};

} // namespace eigenquant
