// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/decode/decode_test.h"

#include "core/decode/model_shapes.h"

#include <ATen/TensorOperators.h>

namespace eigenquant::test {

std::vector<std::int32_t> someIds(int count, int seed)
{
    std::vector<std::int32_t> ids;
    for (int i = 0; i < count; ++i)
        ids.push_back((i * 37 + i * i * 5 + seed * 91) % tinyVocabularySize());
    return ids;
}

std::shared_ptr<const Decoder> decoderOf(const WeightSource& source)
{
    return std::make_shared<Decoder>(source, resolveComputeTarget("cpu", "f32", 1), RunContext{});
}

at::Tensor fullLogits(const Decoder& decoder, std::span<const std::int32_t> ids)
{
    return decoder.logits(decoder.hidden(ids, {})).to(at::kCPU, at::kFloat);
}

std::vector<std::int32_t> greedyByFullPasses(const Decoder& decoder, std::vector<std::int32_t> ids, int tokens)
{
    std::vector<std::int32_t> chosen;
    for (int i = 0; i < tokens; ++i) {
        const at::Tensor last = fullLogits(decoder, ids)[static_cast<std::int64_t>(ids.size()) - 1];
        chosen.push_back(static_cast<std::int32_t>(last.argmax().item<std::int64_t>()));
        ids.push_back(chosen.back());
    }
    return chosen;
}

double relativeError(const at::Tensor& found, const at::Tensor& expected)
{
    return ((found - expected).abs().max() / expected.abs().max()).item<double>();
}

TinyCheckpoints::TinyCheckpoints()
{
    m_model = writeTinyModel(m_folder / "model", {.layers = 2, .heads = 2, .kvHeads = 1});
    m_text = m_folder.write("text.txt", tinyText(6000, 1));
    m_stats = m_folder / "model.stats";
    AnalyzeOptions options;
    options.text = {m_text, 64, 6};
    options.out = m_stats;
    m_statistics = ModelSession::open(m_model.string(), {"cpu", "f32", 1})->analyze(options, {});
}

std::vector<TinyCheckpoints::Variant> TinyCheckpoints::variants()
{
    const auto with = [](Method method, RotationScope scope, double bits, int group, bool symmetric) {
        PlanOptions options = PlanOptions::of(method, scope);
        options.bits = bits;
        options.groupSize = group;
        options.symmetric = symmetric;
        if (keepsSalient(method) && method != Method::RandRot)
            options.salient = SalientBudget::parse("8");
        return options;
    };
    const auto perSite = RotationScope::PerSite, global = RotationScope::Global;
    PlanOptions hadamard = with(Method::RandRot, perSite, 4, 32, false);
    hadamard.basis = RotationKind::Hadamard;
    PlanOptions bottom = with(Method::Rosaq, perSite, 4, 32, false);
    bottom.select = Select::Bottom;
    return {{"rtn", with(Method::Rtn, perSite, 4, 32, false), {}},
            {"rtn-3-symmetric-row", with(Method::Rtn, perSite, 3, 0, true), {}},
            {"rtn-5", with(Method::Rtn, perSite, 5, 32, false), {}},
            {"salient", with(Method::Salient, perSite, 4, 64, false), {}},
            {"salient-orders",
             with(Method::Salient, perSite, 4, 32, false),
             {".*\\.k: salient=16", ".*\\.v: salient=0"}},
            {"mixed-bits", with(Method::Rtn, perSite, 4, 32, true), {".*\\.(k|up): bits=3", "0\\.o: bits=8"}},
            {"rosaq", with(Method::Rosaq, perSite, 4, 32, false), {}},
            {"rosaq-bottom", bottom, {".*\\.k: salient=16"}},
            {"rosaq-global", with(Method::Rosaq, global, 3, 32, true), {}},
            {"randrot-hadamard", hadamard, {}},
            {"cmpq", with(Method::Cmpq, perSite, 3.2, 0, false), {}},
            {"etq", with(Method::Etq, perSite, 3.3, 0, false), {}},
            {"etq-global", with(Method::Etq, global, 3.3, 0, false), {}}};
}

std::filesystem::path TinyCheckpoints::quantized(const Variant& variant) const
{
    QuantizeOptions target;
    target.out = m_folder / variant.name;
    target.overwrite = true;
    PlanOptions options = variant.options;
    options.rules = variant.rules;
    ModelSession::open(m_model.string(), {"cpu", "f32", 1})
        ->quantize(m_stats, makePlan(*m_statistics, options), target, {});
    return target.out;
}

ModelConfig tinyConfig(int heads, int kvHeads, bool tied, bool bias)
{
    ModelConfig config = shapeConfig("tiny");
    config.heads = heads;
    config.kvHeads = kvHeads;
    config.headDim = config.hiddenSize / heads;
    config.tiedEmbeddings = tied;
    config.attentionBias = bias;
    return config;
}

} // namespace eigenquant::test
