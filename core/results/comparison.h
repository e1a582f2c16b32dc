// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/results/model_info.h"
#include "core/results/plan.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace eigenquant {

/// One way to store the model that a comparison tries.
struct ComparisonVariant {
    std::string name; ///< for tables, plots and file names
    PlanOptions options;
};

/// Why a variant came to nothing.
struct ComparisonFailure {
    ErrorCode code = ErrorCode::Internal;
    std::string message; ///< the whole sentence
};

/// What one variant came to. A figure that was not found is NaN.
struct ComparisonRow {
    static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

    std::string name;
    std::string method;                ///< "float" for the model as it is, else the plan's
    bool control = false;              ///< uniform round to nearest with one bit more than a variant that was asked for
    double bits = kUnknown;            ///< of a code, as the plan's settings say; 16 for the model as it is
    double salient = 0;                ///< K, or the fraction of the channels, as set; 0 where nothing stays FP16
    double effectiveBits = kUnknown;   ///< over all quantized linears, run-time rotations included
    double rotationBits = kUnknown;    ///< of these, the run-time rotations
    double perplexity = kUnknown;
    double standardError = kUnknown;   ///< of the perplexity, from the spread of the windows
    double kl = kUnknown;              ///< mean over tokens of KL(float ‖ variant), nats
    double sameTop = kUnknown;         ///< share of tokens whose most likely next one is the float model's, 0..1
    std::uint64_t bytes = 0;           ///< of the linears and their rotations, as stored
    double seconds = kUnknown;         ///< the whole row: plan, quantize, read back and score
    double quantizeSeconds = kUnknown;
    std::uint64_t peakRssBytes = 0;    ///< highest resident set size while the row was made, the float model included
    std::string device;                ///< where it was scored
    std::string settings;              ///< the plan's settings, a JSON object; empty for the model as it is
    std::string key;                   ///< 32 hex digits of all that the figures depend on
    bool reused = false;               ///< found in the folder, not done again
    std::optional<ComparisonFailure> failure;
};

/// A text, and how much of it was used.
struct ComparisonText {
    std::string name;
    std::string hash; ///< XXH3-128, 32 hex digits
    std::int64_t tokensUsed = 0;  ///< calibrated with, or scored
    int context = 0;
    int windows = 0;
};

/// One table of all variants, and what a reader has to know of how it was made.
struct Comparison {
    ModelInfo model;                          ///< without its tensor table
    std::vector<std::string> quantizedBefore; ///< types that the file's weights had been quantized to, such as "Q4_1"
    ComparisonText calibration;
    std::string statsFingerprint;
    ComparisonText evaluation;
    std::int64_t evaluationTokens = 0; ///< of the whole text
    int klWindows = 0;                 ///< KL and the share of same top tokens are over the first so many windows
    std::string device, dtype;
    std::string folder;
    std::vector<ComparisonRow> rows; ///< the model as it is, the controls by rising bits, then as asked for
};

} // namespace eigenquant
