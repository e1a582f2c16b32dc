// SPDX-License-Identifier: GPL-3.0-or-later
// The number of threads is about time alone: what is written is the same to the bit, run after run.
#include "core/io/safetensors.h"
#include "core/io/text_file.h"
#include "core/session/session.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace eigenquant::test {
namespace {

namespace fs = std::filesystem;

/// A model large enough that matrix libraries cut its products and factorizations up for several threads.
class Repeatable : public testing::Test {
protected:
    void SetUp() override
    {
        writeTinyModel(folder / "model", {.layers = 2, .hidden = 192, .intermediate = 512, .heads = 6, .kvHeads = 2});
        folder.write("text.txt", tinyText(12000, 1));
    }

    std::shared_ptr<ModelSession> open(int threads) const
    {
        return ModelSession::open((folder / "model").string(), {"cpu", "f32", threads});
    }

    /// The path of the statistics that so many threads find.
    fs::path analyze(int threads, const std::string& name)
    {
        AnalyzeOptions options;
        options.text = {folder / "text.txt", 512, 2};
        options.out = folder / name;
        open(threads)->analyze(options, {});
        return options.out;
    }

    fs::path quantize(int threads, const PlanOptions& plan, const fs::path& stats, const std::string& name)
    {
        QuantizeOptions options;
        options.out = folder / name;
        open(threads)->quantize(stats, makePlan(*loadStatistics(stats), plan), options, {});
        return options.out;
    }

    TemporaryFolder folder;
};

/// All tensors; the metadata holds the time that the run took.
void expectSameTensors(const fs::path& left, const fs::path& right)
{
    const auto one = SafetensorsStore::openFile(left), other = SafetensorsStore::openFile(right);
    ASSERT_EQ(one->tensors().size(), other->tensors().size());
    for (const StoredTensor& tensor : one->tensors())
        EXPECT_TRUE(std::ranges::equal(tensor.bytes, other->at(tensor.name).bytes)) << tensor.name;
}

void expectSameFiles(const fs::path& left, const fs::path& right)
{
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator(left)) {
        const std::string name = entry.path().filename().string();
        EXPECT_TRUE(readFile(entry.path()) == readFile(right / name)) << name;
        ++files;
    }
    EXPECT_GE(files, 3u);
    EXPECT_EQ(files, static_cast<std::size_t>(std::distance(fs::directory_iterator(right), {})));
}

TEST_F(Repeatable, StatisticsDoNotTellHowManyThreadsFoundThem)
{
    const fs::path one = analyze(1, "one.stats");
    expectSameTensors(one, analyze(1, "again.stats"));
    expectSameTensors(one, analyze(2, "two.stats"));
    expectSameTensors(one, analyze(3, "three.stats"));
}

TEST_F(Repeatable, CheckpointsDoNotTellHowManyThreadsWroteThem)
{
    const fs::path stats = analyze(2, "model.stats");
    PlanOptions plan;
    plan.groupSize = 32;
    for (const SiteTreatment attnOut : {SiteTreatment::HeadWise, SiteTreatment::Full}) {
        plan.attnOut = attnOut;
        plan.mixRest = attnOut == SiteTreatment::Full;
        const std::string label(name(attnOut));
        SCOPED_TRACE(label);
        const fs::path one = quantize(1, plan, stats, label + "-1");
        expectSameFiles(one, quantize(2, plan, stats, label + "-2"));
        expectSameFiles(one, quantize(3, plan, stats, label + "-3"));
    }
}

} // namespace
} // namespace eigenquant::test
