// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/tiny_workspace.h"

#include "core/io/safetensors.h"
#include "core/io/text_file.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

namespace eigenquant::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Verbs : public TinyWorkspace {};

TEST_F(Verbs, InfoTellsTheShape)
{
    const auto info = succeed({"info", at("model"), "--tensors"});
    EXPECT_EQ(info["architecture"], "LlamaForCausalLM");
    EXPECT_EQ(info["source_format"], "safetensors");
    EXPECT_EQ(info["layers"], 2);
    EXPECT_EQ(info["hidden_size"], 64);
    EXPECT_EQ(info["intermediate_size"], 96);
    EXPECT_EQ(info["heads"], 4);
    EXPECT_EQ(info["kv_heads"], 2);
    EXPECT_EQ(info["head_dim"], 16);
    EXPECT_EQ(info["vocab_size"], tinyVocabularySize());
    EXPECT_EQ(info["context_length"], 512);
    EXPECT_EQ(info["tied_embeddings"], false);
    EXPECT_EQ(info["fingerprint"].get<std::string>().size(), 32u);
    std::int64_t parameters = 0;
    for (const auto& tensor : info["tensors"]) {
        EXPECT_EQ(tensor["dtype"], "F32");
        parameters += tensor["bytes"].get<std::int64_t>() / 4;
    }
    EXPECT_EQ(info["tensors"].size(), 3u + 2 * 9);
    EXPECT_EQ(info["parameters"], parameters);
    EXPECT_FALSE(succeed({"info", at("model")}).contains("tensors"));
}

TEST_F(Verbs, InfoReadsWellForPeople)
{
    const ProgramResult result = runProgram({"info", at("model"), "--tensors"});
    EXPECT_EQ(result.exitCode, 0);
    EXPECT_THAT(result.out, HasSubstr("architecture       LlamaForCausalLM\n"));
    EXPECT_THAT(result.out, HasSubstr("model.layers.1.mlp.down_proj.weight"));
    EXPECT_THAT(result.err, testing::IsEmpty());
}

TEST_F(Verbs, TokenizeMergesAndReadsStandardInput)
{
    folder.write("words.txt", "the then");
    const auto fromFile = succeed({"tokenize", at("model"), "--text", at("words.txt")});
    // "the", " the" and "n": merges of the tiny vocabulary.
    EXPECT_EQ(fromFile["ids"], nlohmann::json({257, 261, 110}));
    EXPECT_EQ(fromFile["count"], 3);
    const ProgramResult fromPipe =
        runProgram({"tokenize", at("model"), "--text", "-", "--json"}, {.input = "the then"});
    EXPECT_EQ(fromPipe.json(), fromFile);
    EXPECT_EQ(runProgram({"tokenize", at("model"), "--text", at("words.txt")}).out, "257,261,110\n");
}

TEST_F(Verbs, DetokenizeGivesTheTextBack)
{
    const std::string text = "the \u00fc \U0001F600\n  window<|endoftext|>ring";
    folder.write("words.txt", text);
    std::string ids;
    const auto tokens = succeed({"tokenize", at("model"), "--text", at("words.txt")});
    for (const auto& id : tokens["ids"])
        ids += (ids.empty() ? "" : ",") + std::to_string(id.get<int>());
    EXPECT_THAT("," + ids + ",", HasSubstr("," + std::to_string(tinyVocabularySize() - 1) + ","));
    EXPECT_EQ(succeed({"detokenize", at("model"), "--ids", ids})["text"], text);
}

TEST_F(Verbs, LogitsAreFloatsOfEveryPosition)
{
    const auto result =
        succeed({"logits", at("model"), "--ids", "257,261,110", "--out", at("logits.safetensors")});
    EXPECT_EQ(result["shape"], nlohmann::json({3, tinyVocabularySize()}));
    const auto store = SafetensorsStore::openFile(folder / "logits.safetensors");
    const StoredTensor& logits = store->at("logits");
    EXPECT_EQ(logits.type, StoredType::F32);
    std::vector<float> values(static_cast<std::size_t>(logits.count()));
    store->readFloat(logits, values);
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    EXPECT_GT(*high - *low, 0.1f);
}

TEST_F(Verbs, PerplexityCountsWindowsAndChecksALimit)
{
    const std::vector<std::string> arguments{"perplexity",   at("model"), "--text",
                                             at("text.txt"), "--context", "128"};
    const auto result = succeed(arguments);
    const auto tokens = succeed({"tokenize", at("model"), "--text", at("text.txt")})["count"].get<std::int64_t>();
    EXPECT_EQ(result["tokens_total"], tokens);
    EXPECT_EQ(result["windows"], tokens / 128);
    EXPECT_EQ(result["tokens_scored"], tokens / 128 * 127);
    EXPECT_EQ(result["context"], 128);
    EXPECT_GT(result["perplexity"].get<double>(), 1);
    EXPECT_GT(result["stderr"].get<double>(), 0);

    auto limited = arguments;
    limited.insert(limited.end(), {"--windows", "2", "--fail-above", "1.01", "--json"});
    const ProgramResult above = runProgram(limited);
    EXPECT_EQ(above.exitCode, 7);
    EXPECT_EQ(above.json()["check_failed"], true);
    EXPECT_EQ(above.json()["windows"], 2);
    limited[limited.size() - 2] = "1e30";
    EXPECT_EQ(runProgram(limited).exitCode, 0);
}

TEST_F(Verbs, AnalyzeAndSpectrumAgree)
{
    const auto analysis =
        succeed({"analyze", at("model"), "--text", at("text.txt"), "--context", "128", "--out", at("stats")});
    ASSERT_EQ(analysis["sites"].size(), 8u);
    EXPECT_EQ(analysis["tokens"].get<std::int64_t>(), analysis["windows"].get<std::int64_t>() * 128);
    EXPECT_GT(analysis["peak_rss_bytes"].get<std::int64_t>(), 1 << 20);
    for (const auto& site : analysis["sites"]) {
        const auto channels = site["channels"].get<std::size_t>();
        EXPECT_EQ(channels, site["site"] == "mlp_out" ? 96u : 64u);
        const auto spectrum = succeed({"spectrum", at("stats"), "--layer",
                                       std::to_string(site["layer"].get<int>()), "--site", site["site"]});
        EXPECT_EQ(spectrum["tokens"], analysis["tokens"]);
        ASSERT_TRUE(areFinite(spectrum["eigenvalues"], channels));
        ASSERT_TRUE(areFinite(spectrum["channel_energy"], channels));
        const auto eigenvalues = spectrum["eigenvalues"].get<std::vector<double>>();
        const auto energies = spectrum["channel_energy"].get<std::vector<double>>();
        EXPECT_TRUE(std::is_sorted(eigenvalues.rbegin(), eigenvalues.rend()));
        EXPECT_DOUBLE_EQ(eigenvalues.front(), site["top_eigenvalue"].get<double>());
        // A rotation moves energy, it neither makes nor loses any.
        const double sum = std::accumulate(energies.begin(), energies.end(), 0.0);
        EXPECT_NEAR(std::accumulate(eigenvalues.begin(), eigenvalues.end(), 0.0), sum, 1e-4 * sum);
        EXPECT_GE(eigenvalues.front(), *std::max_element(energies.begin(), energies.end()) * (1 - 1e-6));
        EXPECT_EQ(spectrum.contains("head_wise_energy"), site["site"] == "attn_out");
    }
    fail(2, {"spectrum", at("stats"), "--layer", "2", "--site", "mlp_in"});
    EXPECT_THAT(runProgram({"spectrum", at("stats"), "--layer", "0", "--site", "mlp_in"}).out, HasSubstr("1/32"));
}

TEST_F(Verbs, SpectraTellWhatKHoldsAndWhatDiffers)
{
    analyze();
    const auto site = [this](const std::vector<std::string>& more) {
        std::vector<std::string> arguments{"spectrum", at("stats"), "--layer", "1", "--site", "mlp_in"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    };
    const auto spectrum = succeed(site({"--salient", "8", "--against", at("stats")}));
    const auto eigenvalues = spectrum["eigenvalues"].get<std::vector<double>>();
    const double whole = std::accumulate(eigenvalues.begin(), eigenvalues.end(), 0.0);
    const double kept = std::accumulate(eigenvalues.begin(), eigenvalues.begin() + 8, 0.0);
    EXPECT_EQ(spectrum["salient"], 8);
    EXPECT_NEAR(spectrum["energy_share"].get<double>(), kept / whole, 1e-12);
    EXPECT_TRUE(areFinite(spectrum["channel_kurtosis"], 64));
    EXPECT_EQ(spectrum["against"]["decades_apart"], 0);
    EXPECT_EQ(spectrum["against"]["shared_outliers"], 8);
    fail(2, site({"--salient", "65"}));
    EXPECT_THAT(runProgram(site({"--against", at("stats")})).out, HasSubstr("decades apart"));
}

TEST_F(Verbs, ActivationsAndWeightsCanBeLookedAt)
{
    analyze();
    const auto maps =
        succeed({"activations", at("model"), "--stats", at("stats"), "--text", at("text.txt"), "--context", "32",
                 "--window", "1", "--layer", "1", "--site", "mlp_out", "--values"});
    EXPECT_EQ(maps["tokens"].size(), 32u);
    EXPECT_TRUE(areFinite(maps["original"]["max"], 96));
    EXPECT_TRUE(areFinite(maps["rotated"]["mean_square"], 96));
    EXPECT_TRUE(areFinite(maps["rotated"]["values"], 32 * 96));
    EXPECT_TRUE(maps["why_not_rotated"].is_null());
    fail(2, {"activations", at("model"), "--text", at("text.txt"), "--layer", "7", "--site", "mlp_in"});

    succeed({"plan", at("model"), "--stats", at("stats"), "--method", "rtn", "--bits", "4", "--group-size", "32",
             "--out", at("plan.json")});
    const auto weights = succeed(
        {"weights", at("model"), "--stats", at("stats"), "--plan", at("plan.json"), "--linear", "1.down"});
    EXPECT_EQ(weights["stored"]["groups"].size(), 3u); // of 96 columns
    EXPECT_GT(weights["output_error"].get<double>(), 0);
    fail(2, {"weights", at("model"), "--stats", at("stats"), "--plan", at("plan.json"), "--linear", "1.nose"});
}

TEST_F(Verbs, NormsAloneHaveNoEigenvalues)
{
    const auto analysis = succeed({"analyze", at("model"), "--text", at("text.txt"), "--context", "128", "--norms-only",
                                   "--out", at("norms")});
    EXPECT_EQ(analysis["norms_only"], true);
    EXPECT_EQ(analysis["has_moments"], false);
    EXPECT_EQ(analysis["gathering_bytes"], 2 * (3 * 64 + 96) * 44);
    for (const auto& site : analysis["sites"]) {
        EXPECT_TRUE(site["top_eigenvalue"].is_null());
        EXPECT_TRUE(site["energy_share_top_1_32"].is_null());
    }
    const auto spectrum = succeed({"spectrum", at("norms"), "--layer", "1", "--site", "mlp_out"});
    EXPECT_EQ(spectrum["basis"], "none");
    EXPECT_TRUE(spectrum["eigenvalues"].is_null());
    EXPECT_TRUE(areFinite(spectrum["channel_energy"], 96));
    EXPECT_TRUE(areFinite(spectrum["channel_max"], 96));
    fail(2, {"plan", at("model"), "--stats", at("norms"), "--method", "rosaq"});
}

TEST_F(Verbs, APlanCountsBitsAndCanBeCarriedOut)
{
    analyze();
    const auto plan = succeed({"plan", at("model"), "--stats", at("stats"), "--method", "rtn", "--bits", "4",
                               "--group-size", "32", "--out", at("plan.json")});
    ASSERT_EQ(plan["linears"].size(), 14u);
    for (const auto& linear : plan["linears"]) {
        EXPECT_EQ(linear["method"], "rtn");
        EXPECT_EQ(linear["bits"], 4);
        EXPECT_EQ(linear["group_size"], 32);
        EXPECT_EQ(linear["salient"], 0);
        EXPECT_GE(linear["effective_bits"].get<double>(), 4.5); // codes and an FP16 scale for 32 weights
        EXPECT_LT(linear["effective_bits"].get<double>(), 5.5);
        EXPECT_GT(linear["predicted_error"].get<double>(), 0);
    }
    const auto packed = succeed(
        {"quantize", at("model"), "--stats", at("stats"), "--plan", at("plan.json"), "--out", at("packed")});
    EXPECT_NEAR(packed["effective_bits"].get<double>(), plan["effective_bits"].get<double>(), 1e-9);
    EXPECT_EQ(packed["bytes"], plan["bytes"]);
}

TEST_F(Verbs, APlanTellsTheMemoryToDecodeWith)
{
    analyze();
    const auto plan = succeed({"plan", at("model"), "--stats", at("stats"), "--salient", "8"});
    const auto& memory = plan["memory"];
    EXPECT_EQ(memory["linears"], plan["bytes"]);
    EXPECT_EQ(memory["tokens"], 512); // the model's context
    EXPECT_EQ(memory["cache"], 2 * 2 * 2 * 512 * 2 * 16); // keys and values, FP16, layers, tokens, KV heads, width
    EXPECT_EQ(memory["bytes"].get<std::int64_t>(), memory["linears"].get<std::int64_t>() +
                                                       memory["outer"].get<std::int64_t>() +
                                                       memory["cache"].get<std::int64_t>());
}

TEST_F(Verbs, EffectIsOfOneLayerAlone)
{
    analyze();
    succeed({"plan", at("model"), "--stats", at("stats"), "--method", "rtn", "--bits", "3", "--group-size", "32",
             "--out", at("plan.json")});
    const std::vector<std::string> words{"effect", at("model"), "--stats", at("stats"), "--plan", at("plan.json"),
                                         "--text", at("text.txt"), "--context", "64", "--windows", "2", "--layer"};
    const auto of = [&](const std::string& layer) {
        std::vector<std::string> all = words;
        all.push_back(layer);
        return all;
    };
    const auto effect = succeed(of("1"));
    EXPECT_EQ(effect["layer"], 1);
    EXPECT_EQ(effect["windows"], 2);
    EXPECT_EQ(effect["context"], 64);
    EXPECT_EQ(effect["tokens_scored"], 2 * 63);
    EXPECT_GT(effect["kl"].get<double>(), 0);
    EXPECT_GT(effect["output_error"].get<double>(), 0);
    EXPECT_LT(effect["output_error"].get<double>(), 1);
    EXPECT_GT(effect["perplexity"].get<double>(), 1);
    EXPECT_GT(effect["float_perplexity"].get<double>(), 1);
    ASSERT_EQ(effect["linears"].size(), 7u);
    EXPECT_EQ(effect["linears"][0]["name"], "1.q");
    fail(2, of("2"));
    fail(2, of("-1"));
    fail(2, of("first"));
}

TEST_F(Verbs, APlanWithoutOutIsOnlyShown)
{
    analyze();
    const auto before = folder.entries();
    succeed({"plan", at("model"), "--stats", at("stats"), "--salient", "8"});
    EXPECT_THAT(runProgram({"plan", at("model"), "--stats", at("stats"), "--salient", "8"}).out,
                HasSubstr("1.down"));
    EXPECT_EQ(folder.entries(), before);
}

TEST_F(Verbs, MoreSalientChannelsThanThereAreIsAUsageError)
{
    analyze();
    fail(2, {"plan", at("model"), "--stats", at("stats"), "--salient", "65"});
    fail(2, {"quantize", at("model"), "--stats", at("stats"), "--salient", "65", "--out", at("packed")});
    EXPECT_FALSE(fs::exists(folder / "packed"));
}

TEST_F(Verbs, QuantizeMeasuresWhatThePlanPredicts)
{
    analyze();
    const auto packed = succeed({"quantize", at("model"), "--stats", at("stats"), "--method", "rosaq", "--bits",
                                 "4", "--group-size", "32", "--salient", "8", "--out", at("packed")});
    ASSERT_EQ(packed["linears"].size(), 14u);
    for (const auto& linear : packed["linears"]) {
        const double measured = linear["output_error"].get<double>();
        EXPECT_GT(measured, 0);
        EXPECT_LT(measured, 0.1) << linear;
    }
    const std::vector<std::string> check{"--text", at("text.txt"), "--context", "128"};
    const auto perplexityOf = [&](const std::string& model) {
        std::vector<std::string> arguments{"perplexity", at(model)};
        arguments.insert(arguments.end(), check.begin(), check.end());
        return succeed(arguments)["perplexity"].get<double>();
    };
    const double original = perplexityOf("model");
    EXPECT_NEAR(perplexityOf("packed") / original, 1, 0.05);
    EXPECT_NE(perplexityOf("packed"), original);
    EXPECT_EQ(succeed({"info", at("packed")})["source_format"], "eigenquant");
}

TEST_F(Verbs, EightBitsWithAllSalientChannelsIsNearlyTheModel)
{
    analyze();
    const auto packed = succeed({"quantize", at("model"), "--stats", at("stats"), "--method", "salient", "--bits",
                                 "8", "--group-size", "32", "--salient", "1/2", "--out", at("packed")});
    for (const auto& linear : packed["linears"])
        EXPECT_LT(linear["output_error"].get<double>(), 1e-4) << linear;
}

TEST_F(Verbs, TheSameSeedGivesTheSameBytes)
{
    analyze();
    for (const char* out : {"one", "two"})
        succeed({"quantize", at("model"), "--stats", at("stats"), "--bits", "3", "--group-size", "32", "--salient",
                 "8", "--mix-rest", "--seed", "5", "--out", at(out)});
    for (const auto& entry : fs::directory_iterator(folder / "one"))
        EXPECT_EQ(readFile(entry.path()), readFile(folder / "two" / entry.path().filename().string()))
            << entry.path();
}

TEST_F(Verbs, AnExportIsAModelOfTheSamePerplexity)
{
    quantize();
    const auto exported = succeed({"export", at("packed"), "--format", "hf", "--dtype", "f32", "--out", at("hf")});
    EXPECT_FALSE(exported["loads_in"].empty());
    EXPECT_FALSE(exported["files"].empty());
    EXPECT_TRUE(fs::exists(folder / "hf/config.json"));
    const auto perplexityOf = [&](const std::string& model) {
        return succeed({"perplexity", at(model), "--text", at("text.txt"), "--context", "128"})["perplexity"]
            .get<double>();
    };
    EXPECT_NEAR(perplexityOf("hf") / perplexityOf("packed"), 1, 1e-3);
    EXPECT_EQ(succeed({"info", at("hf")})["parameters"], succeed({"info", at("model")})["parameters"]);
    fail(4, {"export", at("packed"), "--format", "onnx", "--out", at("onnx")});
}

TEST_F(Verbs, TheWordDemoBehindAVerbIsAModel)
{
    const ProgramResult result = runProgram({"info", "demo", "--json"});
    // Without the demo model the program says how to install it; a usage error would mean that the
    // word was taken for the verb.
    EXPECT_TRUE(result.exitCode == 0 || result.exitCode == 3) << result.out;
    if (result.exitCode == 0) {
        EXPECT_EQ(result.json()["hidden_size"], 576);
    }
}

} // namespace
} // namespace eigenquant::test
