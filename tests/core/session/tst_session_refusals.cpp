// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/text_file.h"
#include "tests/core/session/session_test.h"

#include <fstream>

namespace eigenquant::test {
namespace {

using SessionRefusals = SessionTest;

template <typename Call>
void expectError(ErrorCode code, const std::string& word, Call call)
{
    try {
        call();
        ADD_FAILURE() << "was not refused: " << word;
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), code) << error.what();
        EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
    }
}

TEST_F(SessionRefusals, TextsThatAreTooShort)
{
    const TextOptions text{folder.write("short.txt", "hello"), 64, 0};
    expectError(ErrorCode::Invalid, "at least 64", [&] { open()->perplexity(text, {}); });
}

TEST_F(SessionRefusals, TextsThatAreNotUtf8)
{
    const TextOptions text{folder.write("bad.txt", std::string(500, 'a') + "\xff" + std::string(500, 'a')), 64, 0};
    expectError(ErrorCode::Invalid, "500", [&] { open()->perplexity(text, {}); });
}

TEST_F(SessionRefusals, StatisticsOfAnotherModel)
{
    const auto other = writeTinyModel(folder / "other", {.tied = true, .seed = 9});
    QuantizeOptions target;
    target.out = folder / "packed";
    const Plan plan = makePlan(*shared->statistics, rosaq());
    expectError(ErrorCode::Invalid, "another model",
                [&] { ModelSession::open(other.string(), cpu())->quantize(shared->stats, plan, target, {}); });
    EXPECT_FALSE(std::filesystem::exists(target.out));
}

TEST_F(SessionRefusals, PlansForOtherStatistics)
{
    Plan plan = makePlan(*shared->statistics, rosaq());
    plan.statsFingerprint = "00000000000000000000000000000000";
    QuantizeOptions target;
    target.out = folder / "packed";
    expectError(ErrorCode::Invalid, "other statistics", [&] { open()->quantize(shared->stats, plan, target, {}); });
}

TEST_F(SessionRefusals, OutputsThatAreInputsOrExist)
{
    const Plan plan = makePlan(*shared->statistics, rosaq());
    QuantizeOptions target;
    target.out = shared->model;
    target.overwrite = true;
    expectError(ErrorCode::Usage, "", [&] { open()->quantize(shared->stats, plan, target, {}); });
    EXPECT_TRUE(std::filesystem::exists(shared->model / "model.safetensors"));

    target.out = folder / "taken";
    target.overwrite = false;
    std::filesystem::create_directory(target.out);
    expectError(ErrorCode::Usage, "force", [&] { open()->quantize(shared->stats, plan, target, {}); });

    AnalyzeOptions analyze;
    analyze.text = calibration();
    analyze.out = shared->calibration;
    analyze.overwrite = true;
    const std::string before = readFile(shared->calibration);
    expectError(ErrorCode::Usage, "", [&] { open()->analyze(analyze, {}); });
    EXPECT_EQ(readFile(shared->calibration), before);
}

TEST_F(SessionRefusals, QuantizedModelsAreNotAnalysedOrQuantizedAgain)
{
    const auto packed = quantize(rosaq(), "packed");
    AnalyzeOptions analyze;
    analyze.text = calibration();
    analyze.out = folder / "q.stats";
    expectError(ErrorCode::Usage, "already quantized",
                [&] { ModelSession::open(packed.string(), cpu())->analyze(analyze, {}); });
    expectError(ErrorCode::Usage, "not a packed checkpoint", [&] {
        ExportOptions target;
        target.out = folder / "hf";
        exportCheckpoint(shared->model, target, {});
    });
}

TEST_F(SessionRefusals, PackedCheckpointsThatLie)
{
    const auto packed = quantize(rosaq(), "packed");
    const auto manifest = packed / "manifest.json";
    const std::string good = readFile(manifest);
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string bad = good;
        const auto place = bad.find(from);
        EXPECT_NE(place, std::string::npos) << from;
        bad.replace(place, from.size(), to);
        std::ofstream(manifest, std::ios::binary) << bad;
        return [&] { ModelSession::open(packed.string(), cpu()); };
    };
    expectError(ErrorCode::Unsupported, "newer version", with("\"version\": 1", "\"version\": 2"));
    expectError(ErrorCode::Invalid, "manifest", with("eigenquant-packed", "something-else!!!"));
    expectError(ErrorCode::Invalid, "0.q",
                with("\"name\": \"0.q\",\n    \"method\"", "\"name\": \"0.x\",\n    \"method\""));
    expectError(ErrorCode::Invalid, "salient", with("\"salient\": 8,\n", "\"salient\": 9,\n"));
    std::ofstream(manifest, std::ios::binary) << good;
    std::filesystem::resize_file(packed / "model.safetensors", 5000);
    expectError(ErrorCode::Invalid, "model.safetensors", [&] { ModelSession::open(packed.string(), cpu()); });
}

TEST_F(SessionRefusals, IdsOutsideTheVocabulary)
{
    const auto out = folder / "l.safetensors";
    expectError(ErrorCode::Usage, "vocabulary", [&] { open()->logits({1, 1000000}, out, false, {}); });
    expectError(ErrorCode::Usage, "at least one", [&] { open()->logits({}, out, false, {}); });
    EXPECT_FALSE(std::filesystem::exists(out));
    EXPECT_TRUE(folder.entries().empty());
}

TEST_F(SessionRefusals, WordsThatNameNothing)
{
    expectError(ErrorCode::Usage, "device",
                [&] { ModelSession::open(shared->model.string(), {"tpu"})->perplexity(check(), {}); });
    expectError(ErrorCode::Usage, "dtype", [&] {
        ModelSession::open(shared->model.string(), {"cpu", "f8"})->perplexity(check(), {});
    });
    expectError(ErrorCode::Io, "nowhere", [&] { ModelSession::open((folder / "nowhere").string(), cpu()); });
    ExportOptions target;
    target.out = folder / "x";
    target.format = "onnx";
    expectError(ErrorCode::Unsupported, "hf", [&] { exportCheckpoint(shared->model, target, {}); });
}

} // namespace
} // namespace eigenquant::test
