// SPDX-License-Identifier: GPL-3.0-or-later
// What the metadata of a GGUF file says of a model that is not supported.
#include "core/session/session.h"
#include "tests/core/io/gguf_builder.h"
#include "tests/core/model/model_folder.h"

namespace eigenquant::test {
namespace {

std::string number(std::uint32_t value)
{
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

/// Metadata and an embedding of a small model, as far as a config is read.
GgufBuilder modelOf(const std::string& architecture)
{
    constexpr std::uint32_t kNumber = 4, kText = 8;
    GgufBuilder file;
    file.entries.push_back(GgufBuilder::entry("general.architecture", kText, GgufBuilder::text(architecture)));
    for (const auto& [key, value] : {std::pair{"block_count", 1u},
                                     {"embedding_length", 8u},
                                     {"feed_forward_length", 16u},
                                     {"attention.head_count", 2u},
                                     {"context_length", 64u}})
        file.entries.push_back(GgufBuilder::entry(architecture + "." + key, kNumber, number(value)));
    file.tensors.push_back(GgufBuilder::tensor("token_embd.weight", {8, 4}, 0, 0));
    file.data = std::string(8 * 4 * sizeof(float), '\0');
    return file;
}

void expectRefused(const GgufBuilder& file, ErrorCode code, std::initializer_list<std::string_view> words)
{
    const TemporaryFolder folder;
    const auto path = folder.write("model.gguf", file.file());
    expectError([&] { ModelSession::open(path.string()); }, code, words);
}

GgufBuilder withWindow(const std::string& architecture, std::uint32_t window)
{
    GgufBuilder file = modelOf(architecture);
    file.entries.push_back(GgufBuilder::entry(architecture + ".attention.sliding_window", 4, number(window)));
    return file;
}

} // namespace

TEST(ConfigGguf, ArchitecturesThatAreNotSupportedAreRefusedByName)
{
    for (const std::string architecture : {"opt", "mistral", "mistral3", "gpt2", "llama4", ""})
        expectRefused(modelOf(architecture), ErrorCode::Unsupported,
                      {"model.gguf", "general.architecture", "\"" + architecture + "\"", "llama", "phi3"});
}

TEST(ConfigGguf, AWindowThatTheArchitectureHasNotIsRefused)
{
    expectRefused(withWindow("llama", 32), ErrorCode::Unsupported, {"llama.attention.sliding_window", "32", "64"});
    // No token is that far from another: what is missing then is the first layer's weights.
    expectRefused(withWindow("llama", 64), ErrorCode::Invalid, {"output_norm.weight"});
}

} // namespace eigenquant::test
