// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/random_shards.h"

#include "core/io/atomic_output.h"
#include "core/io/safetensors.h"
#include "tests/support/tiny_model.h"

#include <nlohmann/json.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstdio>

namespace eigenquant::test {
namespace {

/// SplitMix64.
class Draws {
public:
    explicit Draws(std::uint64_t seed) : m_state(seed) {}
    std::uint64_t next()
    {
        std::uint64_t z = m_state += 0x9e3779b97f4a7c15ull;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
        return z ^ (z >> 31);
    }

private:
    std::uint64_t m_state;
};

/// The bits of the half nearest to a value of usual size; what would be subnormal is zero.
std::uint16_t halfBits(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value) + 0x1000u; // half of the last place that stays
    const std::int32_t exponent = static_cast<std::int32_t>((bits >> 23) & 0xff) - 112;
    const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000);
    if (exponent <= 0)
        return sign;
    return static_cast<std::uint16_t>(sign | (exponent << 10) | ((bits >> 13) & 0x3ff));
}

/// A normal distribution as a table of halves: a weight is one look-up.
using NormalTable = std::array<std::uint16_t, 4096>;

NormalTable normalTable(double scale)
{
    NormalTable table{};
    Draws draws(12345);
    for (std::uint16_t& entry : table) {
        double sum = -6; // twelve uniform numbers are near enough to a Gaussian
        for (int i = 0; i < 12; ++i)
            sum += static_cast<double>(draws.next() >> 11) * 0x1p-53;
        entry = halfBits(static_cast<float>(scale * sum));
    }
    return table;
}

std::uint64_t countOf(const TensorSpec& spec)
{
    std::uint64_t count = 1;
    for (const std::int64_t size : spec.shape)
        count *= static_cast<std::uint64_t>(size);
    return count;
}

void writeTensor(SafetensorsWriter& writer, const TensorSpec& spec, Draws& draws)
{
    constexpr std::uint64_t piece = 1 << 20; // values
    const bool isNorm = spec.shape.size() == 1;
    const NormalTable table =
        isNorm ? NormalTable{} : normalTable(1 / std::sqrt(static_cast<double>(spec.shape.back())));
    std::vector<std::uint16_t> values;
    for (std::uint64_t left = countOf(spec); left > 0; left -= values.size()) {
        values.assign(std::min(left, piece), halfBits(1));
        for (std::size_t i = 0; !isNorm && i < values.size(); i += 4) {
            const std::uint64_t draw = draws.next();
            for (std::size_t j = i; j < std::min(i + 4, values.size()); ++j)
                values[j] = table[(draw >> (16 * (j - i))) % table.size()];
        }
        writer.write(spec.name, std::as_bytes(std::span(values)));
    }
}

std::vector<std::vector<TensorSpec>> shardsOf(const ModelShape& shape, std::uint64_t shardBytes)
{
    std::vector<std::vector<TensorSpec>> shards(1);
    std::uint64_t bytes = 0;
    for (const TensorSpec& spec : llamaTensors(shape, StoredType::F16)) {
        const std::uint64_t size = 2 * countOf(spec);
        if (!shards.back().empty() && bytes + size > shardBytes) {
            shards.emplace_back();
            bytes = 0;
        }
        shards.back().push_back(spec);
        bytes += size;
    }
    return shards;
}

std::string shardName(std::size_t index, std::size_t count)
{
    std::array<char, 64> name{};
    std::snprintf(name.data(), name.size(), "model-%05zu-of-%05zu.safetensors", index + 1, count);
    return name.data();
}

} // namespace

const std::vector<ModelShape>& modelShapes()
{
    static const std::vector<ModelShape> shapes{
        {"llama-2-7b", 32, 4096, 11008, 32, 32, 32000, 4096, false},
        {"llama-2-13b", 40, 5120, 13824, 40, 40, 32000, 4096, false},
        {"llama-3-8b", 32, 4096, 14336, 32, 8, 128256, 8192, false},
        {"llama-3.2-1b", 16, 2048, 8192, 32, 8, 128256, 8192, true},
        {"tinyllama-1.1b", 22, 2048, 5632, 32, 4, 32000, 2048, false},
        {"small-24", 24, 256, 688, 8, 4, 1024, 2048, false},
    };
    return shapes;
}

void writeRandomShards(const std::filesystem::path& folder, const ModelShape& shape, std::uint64_t seed,
                       std::uint64_t shardBytes)
{
    std::filesystem::create_directories(folder);
    writeFile(folder / "config.json", llamaConfig(shape, StoredType::F16).dump(2));
    writeFile(folder / "tokenizer.json", tinyTokenizerJson());
    const auto shards = shardsOf(shape, shardBytes);
    nlohmann::ordered_json map = nlohmann::ordered_json::object();
    Draws draws(seed);
    for (std::size_t i = 0; i < shards.size(); ++i) {
        const std::string name = shardName(i, shards.size());
        SafetensorsWriter writer(folder / name, shards[i], {{"format", "pt"}});
        for (const TensorSpec& spec : shards[i]) {
            writeTensor(writer, spec, draws);
            map[spec.name] = name;
        }
        writer.finish();
    }
    writeFile(folder / "model.safetensors.index.json",
              nlohmann::ordered_json{{"metadata", nlohmann::ordered_json::object()}, {"weight_map", map}}.dump(1));
}

} // namespace eigenquant::test
