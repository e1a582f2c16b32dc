// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/decoding_engine.h"
#include "core/model/decoder.h"
#include "core/session/model_assets.h"
#include "core/session/session.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace eigenquant::test {

/// Ids below the tiny models' vocabulary that look like nothing.
std::vector<std::int32_t> someIds(int count, int seed = 0);

std::shared_ptr<const Decoder> decoderOf(const WeightSource& source);

/// logits of every position, F32 [tokens, vocab], from one pass over all of them.
at::Tensor fullLogits(const Decoder& decoder, std::span<const std::int32_t> ids);

/// The likeliest token behind each prefix, one full pass after the other.
std::vector<std::int32_t> greedyByFullPasses(const Decoder& decoder, std::vector<std::int32_t> ids, int tokens);

/// The largest difference over the largest magnitude.
double relativeError(const at::Tensor& found, const at::Tensor& expected);

/// A tiny model, and packed checkpoints of it. Group sizes and head widths are those that the kernels know.
class TinyCheckpoints {
public:
    TinyCheckpoints();
    struct Variant {
        std::string name;
        PlanOptions options;
        std::vector<std::string> rules; ///< of the plan, such as another K for one linear
    };
    /// Methods and bases that differ in what an engine has to do.
    static std::vector<Variant> variants();
    std::filesystem::path quantized(const Variant& variant) const;
    const std::filesystem::path& model() const { return m_model; }
    const std::filesystem::path& text() const { return m_text; }

private:
    TemporaryFolder m_folder;
    std::filesystem::path m_model, m_text, m_stats;
    std::shared_ptr<const ModelStatistics> m_statistics;
};

/// A shape's random model in float32, with biases if the shape has them.
ModelConfig tinyConfig(int heads, int kvHeads, bool tied, bool bias);

} // namespace eigenquant::test
