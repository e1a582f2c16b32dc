// SPDX-License-Identifier: GPL-3.0-or-later
// Memory that does not grow with the number of layers, and runs that go on where another one was stopped.
#include "core/io/text_file.h"
#include "core/session/session.h"
#include "tests/support/random_shards.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"

#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <numeric>
#include <unistd.h>

namespace eigenquant::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr int kLayers = 24;

std::uint64_t residentBytes()
{
    std::ifstream file("/proc/self/statm");
    std::uint64_t all = 0, resident = 0;
    file >> all >> resident;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

class Streaming : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        shared = std::make_unique<TemporaryFolder>();
        writeRandomShards(*shared / "model", {"small-24", kLayers, 128, 352, 4, 2, 1024, 2048, false}, 3, 16 << 20);
        shared->write("text.txt", tinyText(9000, 1));
    }
    static void TearDownTestSuite() { shared.reset(); }

    /// On one thread, which takes one layer after the other.
    static std::shared_ptr<ModelSession> open(std::uint64_t maxRam = 0)
    {
        return ModelSession::open((*shared / "model").string(), {"cpu", "f32", 1, maxRam});
    }
    TextOptions text() const { return {*shared / "text.txt", 128, 4}; }
    AnalyzeOptions analyzeOptions(const std::string& name) const
    {
        AnalyzeOptions options;
        options.text = text();
        options.out = folder / name;
        options.fisherWindows = 2;
        options.resume = true;
        return options;
    }
    Plan planOf(const fs::path& stats) const
    {
        PlanOptions options;
        options.groupSize = 32;
        return makePlan(*loadStatistics(stats), options);
    }
    QuantizeOptions quantizeOptions(const std::string& name) const
    {
        QuantizeOptions options;
        options.out = folder / name;
        options.resume = true;
        return options;
    }

    /// Runs a verb that is stopped when `stage` reports so many layers, or comes to its end (0: never stopped).
    template <class Verb>
    std::string run(const Verb& verb, const std::string& stage, int stopAt)
    {
        std::stop_source stop;
        notes.clear();
        const RunContext context{stop.get_token(),
                                 [&](const Progress& progress) {
                                     if (stopAt > 0 && progress.stage == stage && progress.done >= stopAt)
                                         stop.request_stop();
                                 },
                                 [&](const std::string& note) { notes.push_back(note); }};
        try {
            verb(context);
        } catch (const Error& error) {
            EXPECT_TRUE(error.isCancelled()) << error.what();
            return error.hint();
        }
        return "done";
    }

    static std::unique_ptr<TemporaryFolder> shared;
    TemporaryFolder folder;
    std::vector<std::string> notes;
};

std::unique_ptr<TemporaryFolder> Streaming::shared;

TEST_F(Streaming, MemoryAfterTheThirdLayerIsThatAfterTheLast)
{
    std::map<std::string, std::map<std::int64_t, std::uint64_t>> resident; // by stage, then layer
    const RunContext context{{}, [&](const Progress& progress) {
                                 resident[progress.stage].try_emplace(progress.done, residentBytes());
                             }};
    AnalyzeOptions options = analyzeOptions("stats");
    open()->analyze(options, context);
    QuantizeOptions quantizing = quantizeOptions("packed");
    open()->quantize(options.out, planOf(options.out), quantizing, context);
    for (const char* stage : {"analyzing", "quantizing"}) {
        ASSERT_EQ(resident[stage].size(), kLayers + 1u) << stage;
        // The weights of all layers take 18 MiB in float32, and their second moments 32 MiB: neither piles up.
        EXPECT_LT(resident[stage][kLayers], resident[stage][3] + (8 << 20)) << stage;
    }
}

TEST_F(Streaming, AStoppedAnalysisGoesOnToTheSameBytes)
{
    const auto whole = analyzeOptions("whole");
    EXPECT_EQ(run([&](const RunContext& context) { open()->analyze(whole, context); }, "", 0), "done");
    EXPECT_TRUE(notes.empty());
    const auto options = analyzeOptions("stats");
    const auto verb = [&](const RunContext& context) { open()->analyze(options, context); };
    EXPECT_THAT(run(verb, "analyzing", 9), HasSubstr("stats.partial"));
    EXPECT_FALSE(fs::exists(options.out));
    EXPECT_THAT(run(verb, "one rotation for all layers", 5), HasSubstr("stats.partial"));
    ASSERT_EQ(notes.size(), 1u);
    EXPECT_THAT(notes[0], HasSubstr("going on"));
    EXPECT_EQ(run(verb, "", 0), "done");
    EXPECT_THAT(notes.at(0), HasSubstr("24 of 24 layers"));
    EXPECT_TRUE(readFile(options.out) == readFile(whole.out));
    EXPECT_FALSE(fs::exists(folder / "stats.partial"));
}

TEST_F(Streaming, AStoppedQuantizationGoesOnToTheSameBytes)
{
    const fs::path stats = analyzeOptions("stats").out;
    run([&](const RunContext& context) { open()->analyze(analyzeOptions("stats"), context); }, "", 0);
    const Plan plan = planOf(stats);
    const auto quantize = [&](const std::string& name, const Plan& chosen) {
        return [this, stats, name, chosen](const RunContext& context) {
            open()->quantize(stats, chosen, quantizeOptions(name), context);
        };
    };
    run(quantize("whole", plan), "", 0);
    EXPECT_THAT(run(quantize("packed", plan), "quantizing", 10), HasSubstr("packed.partial"));
    EXPECT_EQ(run(quantize("packed", plan), "", 0), "done");
    EXPECT_THAT(notes.at(0), HasSubstr("of 24 layers"));
    for (const auto& entry : fs::directory_iterator(folder / "whole"))
        EXPECT_TRUE(readFile(entry.path()) == readFile(folder / "packed" / entry.path().filename())) << entry.path();

    run(quantize("other", plan), "quantizing", 10);
    PlanOptions settings;
    settings.bits = 3;
    settings.groupSize = 32;
    run(quantize("other", makePlan(*loadStatistics(stats), settings)), "quantizing", 4);
    EXPECT_THAT(notes.at(0), HasSubstr("the plan changed"));
}

TEST_F(Streaming, MomentsThatAreComputedAgainGiveTheSameCheckpoint)
{
    auto options = analyzeOptions("stats");
    open()->analyze(options, {});
    options = analyzeOptions("without");
    options.keepMoments = false;
    open()->analyze(options, {});
    for (const RotationScope scope : {RotationScope::PerSite, RotationScope::Global}) {
        PlanOptions settings = PlanOptions::of(Method::Rosaq, scope);
        settings.groupSize = 32;
        const std::string suffix = scope == RotationScope::Global ? "-global" : "-site";
        open()->quantize(folder / "stats", makePlan(*loadStatistics(folder / "stats"), settings),
                         quantizeOptions("a" + suffix), {});
        QuantizeOptions again = quantizeOptions("b" + suffix);
        again.text = text();
        open()->quantize(folder / "without", makePlan(*loadStatistics(folder / "without"), settings), again, {});
        EXPECT_TRUE(readFile(folder / ("a" + suffix) / "model.safetensors") ==
                    readFile(folder / ("b" + suffix) / "model.safetensors"));
    }
}

TEST_F(Streaming, TooLittleMemoryIsRefusedWithTheFigures)
{
    const auto expectRefusal = [](const auto& verb) {
        try {
            verb();
            ADD_FAILURE() << "was not refused";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::Resources);
            EXPECT_EQ(error.field(), "--max-ram");
            EXPECT_THAT(error.what(), HasSubstr("allowed 33554432 bytes"));
            EXPECT_THAT(error.what(), HasSubstr("needed "));
            EXPECT_FALSE(error.hint().empty());
        }
    };
    constexpr std::uint64_t little = 32 << 20;
    open()->analyze(analyzeOptions("stats"), {});
    expectRefusal([&] { open(little)->perplexity(text(), {}); });
    expectRefusal([&] { open(little)->analyze(analyzeOptions("other"), {}); });
    expectRefusal(
        [&] { open(little)->quantize(folder / "stats", planOf(folder / "stats"), quantizeOptions("packed"), {}); });
    EXPECT_EQ(folder.entries(), std::vector<std::string>{"stats"});
}

/// What a verb says that it needs at least, bytes, with room for what the process has more by the next call.
template <class Verb>
std::uint64_t leastRam(const Verb& verb)
{
    try {
        verb(1ull << 20);
    } catch (const Error& error) {
        const std::string text = error.what();
        const auto place = text.find("needed ");
        return place == std::string::npos ? 0 : std::stoull(text.substr(place + 7)) + (12ull << 20);
    }
    return 0;
}

TEST_F(Streaming, AHeadThatDoesNotFitIsReadByRows)
{
    // Embedding and head are 123 MB in float32, and 17 MB of them are read at a time.
    writeRandomShards(folder / "wide", {"wide-vocabulary", 2, 256, 352, 4, 2, 60000, 2048, false}, 3, 32 << 20);
    const auto open = [](const fs::path& model, std::uint64_t ram) {
        return ModelSession::open(model.string(), {"cpu", "f32", 1, ram});
    };
    const auto expectSame = [&](const fs::path& model) {
        const auto verb = [&](std::uint64_t ram) { return open(model, ram)->perplexity(text(), {}); };
        const PerplexityResult expected = verb(0), found = verb(leastRam(verb));
        ASSERT_EQ(found.windowNll.size(), expected.windowNll.size());
        for (std::size_t i = 0; i < expected.windowNll.size(); ++i)
            EXPECT_NEAR(found.windowNll[i], expected.windowNll[i], 1e-6 * expected.windowNll[i]);
    };
    expectSame(folder / "wide");
    const auto analyzing = [&](const std::string& name) {
        return [&, name](std::uint64_t ram) {
            AnalyzeOptions options = analyzeOptions(name);
            options.text.context = 32;
            return open(folder / "wide", ram)->analyze(options, {});
        };
    };
    const auto expected = analyzing("held")(0), found = analyzing("read")(leastRam(analyzing("read")));
    for (std::size_t i = 0; i < expected->sites.size(); ++i)
        EXPECT_EQ(found->sites[i].eigenvalues, expected->sites[i].eigenvalues);
    for (std::size_t i = 0; i < expected->linears.size(); ++i) {
        const auto sum = [](const std::vector<double>& values) {
            return std::accumulate(values.begin(), values.end(), 0.0);
        };
        const double fisher = sum(expected->linears[i].outputFisher);
        EXPECT_GT(fisher, 0);
        EXPECT_NEAR(sum(found->linears[i].outputFisher), fisher, 1e-3 * fisher);
    }
    open(folder / "wide", 0)->quantize(folder / "held", planOf(folder / "held"), quantizeOptions("packed"), {});
    expectSame(folder / "packed");
}

} // namespace
} // namespace eigenquant::test
