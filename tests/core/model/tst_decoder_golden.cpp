// SPDX-License-Identifier: GPL-3.0-or-later
// Logits of tiny models, against those that tests/golden/make_llama_golden.py had from transformers.
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
#include <vector>

namespace eigenquant::test {
namespace {

namespace fs = std::filesystem;

// Both sides compute in float32, but sum in another order; errors of substance are a thousand times larger.
constexpr double kTolerance = 1e-4;

fs::path golden(const std::string& name)
{
    return fs::path(EIGENQUANT_SOURCE_DIR) / "tests/golden/llama" / name;
}

const nlohmann::json& goldenCases()
{
    static const nlohmann::json content = nlohmann::json::parse(readFile(golden("cases.json")));
    return content;
}

std::vector<std::string> caseNames()
{
    std::vector<std::string> names;
    for (const auto& [name, value] : goldenCases().at("cases").items())
        names.push_back(name);
    return names;
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

class DecoderGolden : public testing::TestWithParam<std::string> {};

TEST_P(DecoderGolden, LogitsAreThoseOfTransformers)
{
    const nlohmann::json& content = goldenCases();
    const nlohmann::json& subject = content.at("cases").at(GetParam());
    const TemporaryFolder folder;
    folder.write("config.json", subject.at("config").dump());
    fs::copy_file(golden(subject.at("weights").get<std::string>() + ".safetensors"), folder / "model.safetensors");

    const auto session = ModelSession::open(folder.path().string(), {.device = "cpu", .dtype = "f32", .threads = 1});
    const TemporaryFolder out;
    const auto ids = content.at("ids").get<std::vector<std::int32_t>>();
    const auto shape = session->logits(ids, out / "logits.safetensors", false, {});
    EXPECT_EQ(shape, (std::vector<std::int64_t>{static_cast<std::int64_t>(ids.size()), session->info().vocabSize}));

    const auto expected = floatsOf(golden("logits.safetensors"), subject.value("logits", GetParam()));
    const auto found = floatsOf(out / "logits.safetensors", "logits");
    ASSERT_EQ(found.size(), expected.size());
    EXPECT_LT(largestDifference(found, expected), kTolerance * standardDeviation(expected));
}

INSTANTIATE_TEST_SUITE_P(Llama, DecoderGolden, testing::ValuesIn(caseNames()),
                         [](const auto& info) { return info.param; });

} // namespace
} // namespace eigenquant::test
