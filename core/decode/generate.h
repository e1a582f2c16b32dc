// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/decode/decoding_engine.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace eigenquant {

/// Prompts that are gone on with, all of one length.
struct GenerationRequest {
    std::vector<std::vector<std::int32_t>> prompts;
    int tokens = 0;                          ///< at most so many a prompt
    std::optional<std::int64_t> endToken;    ///< ends a sequence, and is not part of it
    KvPrecision kv = KvPrecision::F16;
    Sampling sampling;
};

struct Generation {
    std::vector<std::vector<std::int32_t>> ids; ///< of each prompt, without it and without the end token
    double promptSeconds = 0, stepSeconds = 0;
    std::int64_t steppedTokens = 0;             ///< tokens that the steps made, of all sequences
};

/// Told of the new tokens of a sequence, some steps at a time.
using TokenListener = std::function<void(int sequence, std::span<const std::int32_t> ids)>;

/// Stops early when all sequences have ended. Stoppable.
Generation generateTokens(DecodingEngine& engine, const GenerationRequest& request, const TokenListener& onTokens,
                          const RunContext& context);

} // namespace eigenquant
