// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/site.h"

#include <cstdint>
#include <string>
#include <vector>

namespace eigenquant {

/// Perplexity over non-overlapping windows, each scored alone on its tokens 2..context.
struct PerplexityResult {
    double perplexity = 0;
    double standardError = 0;    ///< of the perplexity, from the spread of the windows' means
    int windows = 0;
    int context = 0;
    std::int64_t tokensScored = 0;
    std::int64_t tokensTotal = 0; ///< tokens of the whole text
    double seconds = 0;
    double tokensPerSecond = 0;
    std::string device;           ///< "cpu", "cuda:0"
    std::string dtype;            ///< "f32", …
    std::string kernels;          ///< what computed the linears: "sm90 128x128"; empty for libtorch
    std::string textHash;
    std::vector<double> windowNll; ///< mean negative log-likelihood of each window, nats
};

/// What quantizing one linear did.
struct LinearOutcome {
    LinearId id;
    double effectiveBits = 0;
    double rotationBits = 0;
    std::uint64_t bytes = 0;
    double predictedError = 0;
    double outputError = 0;       ///< ‖XΔW‖² / ‖XW‖² on the calibration text, of what is stored
};

/// What `quantize` wrote.
struct QuantizeResult {
    std::string directory;
    double effectiveBits = 0;     ///< over all quantized linears, rotations included
    double rotationBits = 0;
    std::uint64_t bytes = 0;      ///< of the quantized linears and their rotations, as stored
    std::uint64_t fileBytes = 0;  ///< of the whole checkpoint on disk
    double seconds = 0;
    std::uint64_t peakRssBytes = 0;
    std::vector<LinearOutcome> linears;
};

/// What `export` wrote, and who can load it.
struct ExportResult {
    std::string directory;
    std::vector<std::string> files;
    std::vector<std::string> loadsIn; ///< e.g. "transformers", "vLLM"
    std::uint64_t bytes = 0;
};

} // namespace eigenquant
