// SPDX-License-Identifier: GPL-3.0-or-later
// Logits of tiny models, against those that make_llama_golden.py and make_family_golden.py of tests/golden had from
// transformers.
#include "core/io/safetensors.h"
#include "core/io/text_file.h"
#include "core/session/session.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace eigenquant::test {
namespace {

namespace fs = std::filesystem;

// Both sides compute in float32, but sum in another order; errors of substance are a thousand times larger.
constexpr double kTolerance = 1e-4;

/// A folder of tests/golden and a case in it.
using GoldenCase = std::pair<std::string, std::string>;

fs::path golden(const std::string& folder, const std::string& name)
{
    return fs::path(EIGENQUANT_SOURCE_DIR) / "tests/golden" / folder / name;
}

nlohmann::json goldenCases(const std::string& folder)
{
    return nlohmann::json::parse(readFile(golden(folder, "cases.json")));
}

std::vector<GoldenCase> casesIn(const std::string& folder)
{
    std::vector<GoldenCase> cases;
    const nlohmann::json content = goldenCases(folder);
    for (const auto& [name, value] : content.at("cases").items())
        cases.emplace_back(folder, name);
    return cases;
}

std::vector<float> floatsOf(const fs::path& file, const std::string& name)
{
    const auto store = SafetensorsStore::openFile(file);
    const StoredTensor& stored = store->at(name);
    std::vector<float> values(static_cast<std::size_t>(stored.count()));
    store->readFloat(stored, values);
    return values;
}

double standardDeviation(const std::vector<float>& values)
{
    double sum = 0, squares = 0;
    for (const float value : values) {
        sum += value;
        squares += static_cast<double>(value) * value;
    }
    const double mean = sum / static_cast<double>(values.size());
    return std::sqrt(squares / static_cast<double>(values.size()) - mean * mean);
}

double largestDifference(const std::vector<float>& a, const std::vector<float>& b)
{
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double difference = std::abs(static_cast<double>(a[i]) - b[i]);
        if (!(difference <= largest)) // a NaN counts as the largest
            largest = difference;
    }
    return largest;
}

class DecoderGolden : public testing::TestWithParam<GoldenCase> {};

TEST_P(DecoderGolden, LogitsAreThoseOfTransformers)
{
    const auto& [set, name] = GetParam();
    const nlohmann::json content = goldenCases(set);
    const nlohmann::json& subject = content.at("cases").at(name);
    const TemporaryFolder folder;
    folder.write("config.json", subject.at("config").dump());
    fs::copy_file(golden(set, subject.at("weights").get<std::string>() + ".safetensors"), folder / "model.safetensors");

    const auto session = ModelSession::open(folder.path().string(), {.device = "cpu", .dtype = "f32", .threads = 1});
    const TemporaryFolder out;
    const auto ids = content.at("ids").get<std::vector<std::int32_t>>();
    const auto shape = session->logits(ids, out / "logits.safetensors", false, {});
    EXPECT_EQ(shape, (std::vector<std::int64_t>{static_cast<std::int64_t>(ids.size()), session->info().vocabSize}));

    const auto expected = floatsOf(golden(set, "logits.safetensors"), subject.value("logits", name));
    const auto found = floatsOf(out / "logits.safetensors", "logits");
    ASSERT_EQ(found.size(), expected.size());
    EXPECT_LT(largestDifference(found, expected), kTolerance * standardDeviation(expected));
}

INSTANTIATE_TEST_SUITE_P(Llama, DecoderGolden, testing::ValuesIn(casesIn("llama")),
                         [](const auto& info) { return info.param.second; });
INSTANTIATE_TEST_SUITE_P(Families, DecoderGolden, testing::ValuesIn(casesIn("families")),
                         [](const auto& info) { return info.param.second; });

} // namespace
} // namespace eigenquant::test
