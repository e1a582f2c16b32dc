// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/decoding_engine.h"
#include "core/session/session.h"
#include "core/tokenizer/tokenizer.h"

namespace eigenquant {

/// Runs the prompts, those of one length side by side. `tokenizer` may be null: then there is no text, and prompts are
/// ids.
GenerateResult generateWith(DecodingEngine& engine, const Tokenizer* tokenizer, const GenerateOptions& options,
                            const GenerationListener& onTokens, const RunContext& context);

} // namespace eigenquant
