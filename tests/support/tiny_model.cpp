// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/tiny_model.h"

#include "core/io/atomic_output.h"
#include "core/io/safetensors.h"
#include "tests/support/llama_layout.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace eigenquant::test {

namespace {

using Merge = std::pair<std::string_view, std::string_view>;
// "Ġ" is how byte-level BPE writes a blank.
constexpr std::array<Merge, 10> kMerges{{{"t", "h"},
                                         {"th", "e"},
                                         {"a", "n"},
                                         {"i", "n"},
                                         {"e", "r"},
                                         {"\u0120", "the"},
                                         {"\u0120", "a"},
                                         {"o", "n"},
                                         {"in", "g"},
                                         {"\u0120", "w"}}};
constexpr std::string_view kEndOfText = "<|endoftext|>";
constexpr int kBytes = 256;

/// SplitMix64: a few lines that give the same numbers everywhere, unlike std's distributions.
class Random {
public:
    explicit Random(std::uint64_t seed) : m_state(seed) {}

    std::uint64_t next()
    {
        m_state += 0x9e3779b97f4a7c15u;
        std::uint64_t z = m_state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    /// In [0, 1).
    double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
    /// About normal, of variance 1: the sum of 12 uniform numbers, less its mean.
    double normal()
    {
        double sum = -6;
        for (int i = 0; i < 12; ++i)
            sum += uniform();
        return sum;
    }

private:
    std::uint64_t m_state;
};

std::string utf8(int codePoint)
{
    if (codePoint < 0x80)
        return {static_cast<char>(codePoint)};
    return {static_cast<char>(0xC0 | (codePoint >> 6)), static_cast<char>(0x80 | (codePoint & 0x3F))};
}

/// GPT-2's alphabet: printable bytes stand for themselves, the others for code points from 256 on.
std::vector<std::string> byteAlphabet()
{
    std::vector<std::string> letters;
    int next = kBytes;
    for (int byte = 0; byte < kBytes; ++byte) {
        const bool printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
        letters.push_back(utf8(printable ? byte : next++));
    }
    return letters;
}

nlohmann::ordered_json byteLevel()
{
    return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", true}};
}

std::string tokenizerJson()
{
    nlohmann::ordered_json vocabulary = nlohmann::ordered_json::object();
    nlohmann::ordered_json merges = nlohmann::ordered_json::array();
    int id = 0;
    for (const std::string& letter : byteAlphabet())
        vocabulary[letter] = id++;
    for (const auto& [left, right] : kMerges) {
        vocabulary[std::string(left) + std::string(right)] = id++;
        merges.push_back(std::string(left) + " " + std::string(right));
    }
    const nlohmann::ordered_json endOfText{{"id", id},        {"content", kEndOfText}, {"single_word", false},
                                           {"lstrip", false}, {"rstrip", false},       {"normalized", false},
                                           {"special", true}};
    const nlohmann::ordered_json model{{"type", "BPE"},
                                       {"dropout", nullptr},
                                       {"unk_token", nullptr},
                                       {"continuing_subword_prefix", nullptr},
                                       {"end_of_word_suffix", nullptr},
                                       {"fuse_unk", false},
                                       {"vocab", vocabulary},
                                       {"merges", merges}};
    return nlohmann::ordered_json{{"version", "1.0"},
                                  {"truncation", nullptr},
                                  {"padding", nullptr},
                                  {"added_tokens", nlohmann::ordered_json::array({endOfText})},
                                  {"normalizer", nullptr},
                                  {"pre_tokenizer", byteLevel()},
                                  {"post_processor", nullptr},
                                  {"decoder", byteLevel()},
                                  {"model", model}}
        .dump(1);
}

ModelShape shapeOf(const TinyModelOptions& options)
{
    return {.name = "tiny",
            .layers = options.layers,
            .hidden = options.hidden,
            .intermediate = options.intermediate,
            .heads = options.heads,
            .kvHeads = options.kvHeads,
            .vocabulary = tinyVocabularySize(),
            .context = options.contextLength,
            .tied = options.tied};
}

std::string configJson(const ModelShape& shape)
{
    nlohmann::ordered_json config = llamaConfig(shape, StoredType::F32);
    config["attention_bias"] = config["mlp_bias"] = false;
    config["bos_token_id"] = config["eos_token_id"] = shape.vocabulary - 1;
    return config.dump(2);
}

/// Norm gains near 1 with two large ones; matrices that keep the size of what they are given.
std::vector<float> weightsOf(const TensorSpec& spec, const TinyModelOptions& options, Random& random)
{
    const bool isNorm = spec.shape.size() == 1;
    std::size_t count = 1;
    for (const std::int64_t size : spec.shape)
        count *= static_cast<std::size_t>(size);
    const double scale = isNorm ? 0.05 : 1 / std::sqrt(static_cast<double>(spec.shape.back()));
    std::vector<float> values(count);
    for (float& value : values)
        value = static_cast<float>((isNorm ? 1.0 : 0.0) + scale * random.normal());
    if (isNorm && spec.name.find(".layers.") != std::string::npos) {
        values[count / 3] = static_cast<float>(options.outlierGain);
        values[count / 2] = static_cast<float>(-0.5 * options.outlierGain);
    }
    return values;
}

} // namespace

std::string tinyTokenizerJson()
{
    return tokenizerJson();
}

int tinyVocabularySize()
{
    return kBytes + static_cast<int>(kMerges.size()) + 1;
}

std::filesystem::path writeTinyModel(const std::filesystem::path& folder, const TinyModelOptions& options)
{
    std::filesystem::create_directories(folder);
    writeFile(folder / "config.json", configJson(shapeOf(options)));
    writeFile(folder / "tokenizer.json", tinyTokenizerJson());
    const std::vector<TensorSpec> specs = llamaTensors(shapeOf(options), StoredType::F32);
    SafetensorsWriter writer(folder / "model.safetensors", specs, {{"format", "pt"}});
    Random random(options.seed);
    for (const TensorSpec& spec : specs) {
        const std::vector<float> values = weightsOf(spec, options, random);
        writer.write(spec.name, std::as_bytes(std::span(values)));
    }
    writer.finish();
    return folder;
}

std::string tinyText(std::size_t characters, std::uint64_t seed)
{
    constexpr std::array kWords{"the",  "river", "and",     "a",    "wanderer", "in",    "winter", "nothing",
                                "over", "when",  "another", "seen", "window",   "rings", "then",   "turning"};
    Random random(seed);
    std::string text;
    while (text.size() < characters) {
        text += kWords[random.next() % kWords.size()];
        text += random.next() % 9 == 0 ? ".\n" : " ";
    }
    text.resize(characters);
    return text;
}

} // namespace eigenquant::test
