// SPDX-License-Identifier: GPL-3.0-or-later
// Every family of models through the whole chain: analyze, plan, quantize with each method, load, score, export,
// generate. With 8 bits a quantized model is nearly the original, so that anything folded or merged wrong shows.
#include "core/base/error.h"
#include "core/io/safetensors.h"
#include "core/io/text_file.h"
#include "core/session/session.h"
#include "core/session/supported_models.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace eigenquant::test {
namespace {

namespace fs = std::filesystem;

const std::set<std::string> kStreamCannotTurn{"opt_350m", "gemma2", "gemma3"};

fs::path golden(const std::string& name)
{
    return fs::path(EIGENQUANT_SOURCE_DIR) / "tests/golden/families" / name;
}

class Families : public testing::TestWithParam<std::string> {
protected:
    void SetUp() override
    {
        const nlohmann::json cases = nlohmann::json::parse(readFile(golden("cases.json")));
        m_model = m_folder.path() / "model";
        const fs::path tiny = writeTinyModel(m_model); // for its tokenizer
        fs::copy_file(golden(GetParam() + ".safetensors"), m_model / "model.safetensors",
                      fs::copy_options::overwrite_existing);
        m_folder.write("model/config.json", cases.at("cases").at(GetParam()).at("config").dump());
        const fs::path calibration = m_folder.write("calibration.txt", tinyText(3000, 1));
        m_text = {m_folder.write("check.txt", tinyText(1500, 2)), 48, 3};
        m_session = open(m_model);
        AnalyzeOptions options;
        options.text = {calibration, 48, 6};
        options.out = m_folder.path() / "model.stats";
        m_statistics = m_session->analyze(options, {});
        m_plain = m_session->perplexity(m_text, {}).perplexity;
    }

    static std::shared_ptr<ModelSession> open(const fs::path& model)
    {
        return ModelSession::open(model.string(), {.device = "cpu", .dtype = "f32", .threads = 1});
    }
    double perplexityOf(const fs::path& model) const { return open(model)->perplexity(m_text, {}).perplexity; }

    fs::path quantize(Method method, RotationScope scope, double bits, const std::string& name)
    {
        PlanOptions options = PlanOptions::of(method, scope);
        options.bits = bits;
        options.groupSize = 16;
        QuantizeOptions target;
        target.out = m_folder.path() / name;
        m_session->quantize(m_folder.path() / "model.stats", makePlan(*m_statistics, options), target, {});
        return target.out;
    }

    /// Scores as the original does, and as its export.
    void expectFaithful(const fs::path& packed, double tolerance)
    {
        const double found = perplexityOf(packed);
        EXPECT_NEAR(found, m_plain, tolerance * m_plain);
        ExportOptions target;
        target.out = packed.string() + "-hf";
        target.dtype = "f32";
        exportCheckpoint(packed, target, {});
        EXPECT_NEAR(perplexityOf(target.out), found, 1e-4 * found);
    }

    template <typename Action>
    static void expectUnsupported(const Action& action, const std::string& word)
    {
        try {
            action();
            ADD_FAILURE() << "not refused";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::Unsupported) << error.what();
            EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
        }
    }

    TemporaryFolder m_folder;
    fs::path m_model;
    TextOptions m_text;
    std::shared_ptr<ModelSession> m_session;
    std::shared_ptr<const ModelStatistics> m_statistics;
    double m_plain = 0;
};

TEST_P(Families, EveryMethodPerSite)
{
    const std::map<Method, double> bits{{Method::Rtn, 8},     {Method::Salient, 8}, {Method::Gptq, 8},
                                        {Method::RandRot, 8}, {Method::Rosaq, 8},   {Method::Cmpq, 4},
                                        {Method::Etq, 4}};
    for (const auto& [method, width] : bits) {
        SCOPED_TRACE(name(method));
        expectFaithful(quantize(method, RotationScope::PerSite, width, std::string(name(method))),
                       width == 8 ? 0.02 : 0.5);
    }
    if (GetParam() == "opt_350m")
        expectUnsupported([&] { quantize(Method::Awq, RotationScope::PerSite, 8, "awq"); }, "OPTForCausalLM");
    else
        expectFaithful(quantize(Method::Awq, RotationScope::PerSite, 8, "awq"), 0.02);
}

TEST_P(Families, OneRotationForTheResidualStream)
{
    const auto turned = [&](Method method) {
        return quantize(method, RotationScope::Global, 8, "global-" + std::string(name(method)));
    };
    for (const Method method : {Method::Rosaq, Method::RandRot}) {
        SCOPED_TRACE(name(method));
        if (kStreamCannotTurn.contains(GetParam())) {
            expectUnsupported([&] { turned(method); }, m_session->info().architecture);
            continue;
        }
        const fs::path packed = turned(method);
        if (!GetParam().starts_with("opt")) { // the export of a layer norm could not be turned with it
            expectFaithful(packed, 0.02);
            continue;
        }
        EXPECT_NEAR(perplexityOf(packed), m_plain, 0.02 * m_plain);
        ExportOptions target;
        target.out = packed.string() + "-hf";
        expectUnsupported([&] { exportCheckpoint(packed, target, {}); }, "OPTForCausalLM");
    }
}

TEST_P(Families, GeneratesWhatItsLogitsSay)
{
    const fs::path packed = quantize(Method::Rosaq, RotationScope::PerSite, 4, "rosaq");
    const auto session = open(packed);
    GenerateOptions options;
    options.prompts = {session->tokenize("the wander in")};
    options.tokens = 20;
    const std::vector<std::int32_t> ids = session->generate(options, {}, {}).ids.at(0);
    ASSERT_GT(ids.size(), 8u); // beyond the sliding windows, unless the end token comes first
    // Greedy tokens are the largest logits of a pass without a cache over the same text.
    std::vector<std::int32_t> all = options.prompts[0];
    const std::size_t prompt = all.size();
    all.insert(all.end(), ids.begin(), ids.end());
    session->logits(all, m_folder.path() / "logits.safetensors", false, {});
    const auto store = SafetensorsStore::openFile(m_folder.path() / "logits.safetensors");
    const StoredTensor& stored = store->at("logits");
    std::vector<float> logits(static_cast<std::size_t>(stored.count()));
    store->readFloat(stored, logits);
    const auto vocabulary = static_cast<std::size_t>(stored.shape[1]);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const float* row = logits.data() + (prompt + i - 1) * vocabulary;
        const float chosen = row[ids[i]];
        EXPECT_GE(chosen, *std::max_element(row, row + vocabulary) - 1e-3f) << "token " << i;
    }
}

/// What a config can lie about, by family: the key, the lie, and the words that the refusal has to say.
struct Lie {
    const char* family;
    const char* key;
    nlohmann::json value;
    ErrorCode code;
    std::vector<std::string> words;
};

TEST(FamilyRefusals, LiesOfConfigsAreNamed)
{
    using Json = nlohmann::json;
    const auto invalid = ErrorCode::Invalid, unsupported = ErrorCode::Unsupported;
    const std::vector<Lie> lies{
        {"gemma2", "layer_types", {"sliding_attention"}, invalid, {"layer_types", "found 1", "3"}},
        {"gemma2",
         "layer_types",
         {"full_attention", "chunked_attention", "full_attention"},
         unsupported,
         {"chunked_attention"}},
        {"gemma2", "sliding_window", nullptr, invalid, {"sliding_window"}},
        {"gemma2", "sliding_window", -4, invalid, {"sliding_window", "-4"}},
        {"gemma2", "attn_logit_softcapping", 0, invalid, {"attn_logit_softcapping"}},
        {"gemma2", "query_pre_attn_scalar", -1, invalid, {"query_pre_attn_scalar"}},
        {"gemma3", "use_bidirectional_attention", true, unsupported, {"use_bidirectional_attention"}},
        {"gemma3", "head_dim", 14, invalid, {"q_norm", "[12]", "[14]"}},
        {"qwen3", "vocab_size", 300, invalid, {"embed_tokens", "[267, 32]", "[300, 32]"}},
        {"qwen3", "attention_bias", false, unsupported, {"bias"}},
        {"qwen2", "num_key_value_heads", 3, invalid, {"num_key_value_heads", "found 3"}},
        {"opt", "max_position_embeddings", 1 << 24, invalid, {"embed_positions", "[130, 32]", "[16777218, 32]"}},
        {"opt", "word_embed_proj_dim", 16, invalid, {"embed_tokens", "[267, 32]", "[267, 16]"}},
        {"opt", "do_layer_norm_before", false, unsupported, {"final_layer_norm"}},
        {"opt_350m", "do_layer_norm_before", true, invalid, {"final_layer_norm"}},
        {"phi3", "partial_rotary_factor", 2, unsupported, {"partial_rotary_factor"}},
        {"phi3", "intermediate_size", 41, invalid, {"gate_up_proj", "[80, 32]", "[82, 32]"}},
        {"mistral",
         "architectures",
         {"MixtralForCausalLM"},
         unsupported,
         {"MixtralForCausalLM", "MistralForCausalLM"}},
    };
    const Json cases = Json::parse(readFile(golden("cases.json"))).at("cases");
    for (const Lie& lie : lies) {
        SCOPED_TRACE(std::string(lie.family) + " " + lie.key + " " + lie.value.dump());
        const TemporaryFolder folder;
        Json config = cases.at(lie.family).at("config");
        config[lie.key] = lie.value;
        folder.write("config.json", config.dump());
        fs::copy_file(golden(std::string(lie.family) + ".safetensors"), folder / "model.safetensors");
        try {
            ModelSession::open(folder.path().string());
            ADD_FAILURE() << "not refused";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), lie.code) << error.what();
            for (const std::string& word : lie.words)
                EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << word << " in: " << error.what();
        }
    }
}

TEST(SupportedModels, TheDocumentHasTheTableOfTheCode)
{
    const std::string page = readFile(fs::path(EIGENQUANT_SOURCE_DIR) / "docs/supported-models.md");
    EXPECT_NE(page.find(supportedModels()), std::string::npos)
        << "put this into docs/supported-models.md:\n" << supportedModels();
}

INSTANTIATE_TEST_SUITE_P(Each, Families,
                         testing::Values("llama", "mistral", "qwen2", "qwen3", "opt", "opt_350m", "opt_bare", "phi3",
                                         "gemma2", "gemma3"),
                         [](const auto& info) { return info.param; });

} // namespace
} // namespace eigenquant::test
