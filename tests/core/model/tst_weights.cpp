// SPDX-License-Identifier: GPL-3.0-or-later
// Tensors that do not go with their config, and values that are no numbers.
#include "core/session/session.h"
#include "tests/core/model/model_folder.h"

#include <climits>
#include <cstring>
#include <limits>

namespace eigenquant::test {
namespace {

using Tensors = std::vector<EditableTensor>;

const std::string kKeys = "model.layers.1.self_attn.k_proj.weight";

void expectRefused(const std::function<void(Tensors&)>& edit, ErrorCode code,
                   std::initializer_list<std::string_view> words, const TinyModelOptions& options = {})
{
    const ModelFolder folder(options);
    folder.editTensors(edit);
    expectError([&] { ModelSession::open(folder.path().string()); }, code, words);
}

void add(Tensors& tensors, const std::string& name, const std::vector<std::int64_t>& shape)
{
    std::size_t count = 1;
    for (const std::int64_t size : shape)
        count *= static_cast<std::size_t>(size);
    tensors.push_back({name, StoredType::F32, shape, std::vector<std::byte>(4 * count)});
}

} // namespace

TEST(ModelWeights, WrongShapeIsSaidWithTheRightOne)
{
    expectRefused([](Tensors& t) { tensor(t, kKeys).shape = {64, 32}; }, ErrorCode::Invalid,
                  {"model.safetensors", kKeys, "[64, 32]", "[32, 64]"});
    expectRefused([](Tensors& t) { tensor(t, kKeys).shape = {32 * 64}; }, ErrorCode::Invalid,
                  {kKeys, "[2048]", "[32, 64]"});
    expectRefused([](Tensors& t) { tensor(t, "model.norm.weight").shape = {1, 64}; }, ErrorCode::Invalid,
                  {"model.norm.weight", "[1, 64]", "[64]"});
}

TEST(ModelWeights, MissingTensorIsNamed)
{
    for (const std::string& name : {kKeys, std::string("lm_head.weight"), std::string("model.embed_tokens.weight"),
                                    std::string("model.layers.0.post_attention_layernorm.weight")})
        expectRefused([&](Tensors& t) { std::erase_if(t, [&](const auto& x) { return x.name == name; }); },
                      ErrorCode::Invalid, {"model.safetensors", name});
}

TEST(ModelWeights, TensorThatTheArchitectureDoesNotHaveIsNamed)
{
    for (const std::string name : {"model.layers.0.self_attn.q_norm.weight", "model.layers.0.self_attn.q_proj.bias",
                                   "model.layers.2.mlp.up_proj.weight", "score.weight"})
        expectRefused([&](Tensors& t) { add(t, name, {64}); }, ErrorCode::Unsupported, {"model.safetensors", name});
}

TEST(ModelWeights, BiasesThatTheConfigPromisesMustBeThere)
{
    for (const auto& [key, name] : {std::pair("attention_bias", "self_attn.q_proj.bias"),
                                    std::pair("mlp_bias", "mlp.gate_proj.bias")}) {
        const ModelFolder folder;
        folder.editConfig([key](nlohmann::json& config) { config[key] = true; });
        expectError([&] { ModelSession::open(folder.path().string()); }, ErrorCode::Invalid, {name});
    }
}

TEST(ModelWeights, DerivedBuffersAndCopiesOfTiedEmbeddingsAreHarmless)
{
    const ModelFolder folder({.tied = true});
    folder.editTensors([](Tensors& t) {
        add(t, "model.layers.0.self_attn.rotary_emb.inv_freq", {8});
        EditableTensor head = tensor(t, "model.embed_tokens.weight");
        head.name = "lm_head.weight";
        t.push_back(head);
    });
    EXPECT_TRUE(ModelSession::open(folder.path().string())->info().tiedEmbeddings);
}

TEST(ModelWeights, ValuesThatAreNoNumbersAreNamedWhenTheyAreRead)
{
    for (const float value : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()})
        for (const std::string& name : {kKeys, std::string("model.layers.0.input_layernorm.weight"),
                                        std::string("lm_head.weight")}) {
            SCOPED_TRACE(name);
            const ModelFolder folder;
            folder.editTensors([&](Tensors& t) { std::memcpy(tensor(t, name).bytes.data() + 20, &value, 4); });
            const auto session =
                ModelSession::open(folder.path().string(), {.device = "cpu", .dtype = "f32", .threads = 1});
            expectError([&] { session->logits({1, 2, 3}, folder.path() / "logits.safetensors", false, {}); },
                        ErrorCode::Invalid, {"model.safetensors", name, "5"});
            EXPECT_FALSE(std::filesystem::exists(folder.path() / "logits.safetensors"));
        }
}

TEST(ModelWeights, WholeNumbersAreNoWeights)
{
    const ModelFolder folder;
    folder.editTensors([](Tensors& t) { tensor(t, kKeys).type = StoredType::I32; });
    expectError(
        [&] {
            ModelSession::open(folder.path().string(), {.device = "cpu", .dtype = "f32", .threads = 1})
                ->logits({1}, folder.path() / "logits.safetensors", false, {});
        },
        ErrorCode::Unsupported, {"model.safetensors", kKeys, "I32"});
}

TEST(ModelWeights, IdsOutsideTheVocabularyAreRefused)
{
    const ModelFolder folder;
    const auto session = ModelSession::open(folder.path().string(), {.device = "cpu", .dtype = "f32", .threads = 1});
    const int vocabulary = tinyVocabularySize();
    for (const int id : {-1, vocabulary, INT_MAX})
        expectError(
            [&] {
                session->logits({0, id}, folder.path() / "logits.safetensors", false, {});
            },
            ErrorCode::Usage, {std::to_string(id), std::to_string(vocabulary - 1)});
}

} // namespace eigenquant::test
