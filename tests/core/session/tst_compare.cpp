// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/text_file.h"
#include "tests/core/session/session_test.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <set>

namespace eigenquant::test {
namespace {

namespace fs = std::filesystem;

class Compare : public SessionTest {
protected:
    static ComparisonVariant variant(const std::string& name, Method method, int bits)
    {
        PlanOptions options = rosaq(bits);
        options.method = method;
        return {name, options};
    }
    static std::vector<ComparisonVariant> twoVariants()
    {
        return {variant("rosaq 4", Method::Rosaq, 4), variant("salient 4", Method::Salient, 4)};
    }
    CompareOptions options() const
    {
        CompareOptions options;
        options.text = check();
        options.klWindows = 2;
        options.out = folder / "table";
        return options;
    }
    Comparison compare(const std::vector<ComparisonVariant>& variants, const CompareOptions& options,
                       const RunContext& context = {})
    {
        told.clear();
        return open()->compare(
            shared->stats, variants, options, [this](const ComparisonRow& row) { told.push_back(row); }, context);
    }
    std::vector<std::string> made() const
    {
        std::vector<std::string> names;
        for (const ComparisonRow& row : told)
            if (!row.reused)
                names.push_back(row.name);
        return names;
    }
    std::set<std::string> rowFiles() const
    {
        std::set<std::string> names;
        for (const auto& entry : fs::directory_iterator(folder / "table/rows"))
            names.insert(entry.path().filename().string());
        return names;
    }

    std::vector<ComparisonRow> told;
};

TEST_F(Compare, RowsAreTheFloatModelTheControlsAndTheVariants)
{
    const Comparison result = compare(twoVariants(), options());
    ASSERT_EQ(result.rows.size(), 4u);
    EXPECT_EQ(told.size(), 4u);
    EXPECT_EQ(result.rows[0].method, "float");
    EXPECT_EQ(result.rows[1].name, "rtn 5 g16");
    EXPECT_TRUE(result.rows[1].control);
    EXPECT_EQ(result.rows[1].bits, 5);
    EXPECT_EQ(result.rows[1].salient, 0);
    EXPECT_EQ(result.rows[2].name, "rosaq 4");
    EXPECT_FALSE(result.rows[2].control);
    EXPECT_EQ(result.rows[2].bits, 4);
    EXPECT_EQ(result.rows[2].salient, 0.125);
    EXPECT_EQ(result.rows[3].method, "salient");
    EXPECT_EQ(result.model.fingerprint, shared->statistics->model.fingerprint);
    EXPECT_EQ(result.calibration.hash, shared->statistics->textHash);
    EXPECT_EQ(result.evaluation.windows, 4);
    EXPECT_EQ(result.evaluation.tokensUsed, 4 * 63);
    EXPECT_EQ(result.klWindows, 2);
    EXPECT_TRUE(result.quantizedBefore.empty());
    EXPECT_FALSE(fs::exists(folder / "table/checkpoints"));
}

TEST_F(Compare, FiguresAreThoseOfTheVerbs)
{
    const Comparison result = compare(twoVariants(), options());
    const PerplexityResult original = open()->perplexity(check(), {});
    EXPECT_EQ(result.rows[0].perplexity, original.perplexity);
    EXPECT_EQ(result.rows[0].standardError, original.standardError);
    EXPECT_EQ(result.rows[0].kl, 0);
    EXPECT_EQ(result.rows[0].sameTop, 1);

    QuantizeResult outcome;
    const fs::path packed = quantize(rosaq(), "packed", &outcome);
    const PerplexityResult score = ModelSession::open(packed.string(), cpu())->perplexity(check(), {});
    const ComparisonRow& row = result.rows[2];
    EXPECT_EQ(row.perplexity, score.perplexity);
    EXPECT_EQ(row.standardError, score.standardError);
    EXPECT_EQ(row.effectiveBits, outcome.effectiveBits);
    EXPECT_EQ(row.rotationBits, outcome.rotationBits);
    EXPECT_EQ(row.bytes, outcome.bytes);
    EXPECT_GT(row.kl, 0);
    EXPECT_LT(row.kl, 1);
    EXPECT_GT(row.sameTop, 0.5);
    EXPECT_LE(row.sameTop, 1);
    EXPECT_GT(row.peakRssBytes, 1u << 20);
    EXPECT_GE(row.seconds, row.quantizeSeconds);
}

TEST_F(Compare, AnAskedControlIsNotDoneTwice)
{
    const Comparison result = compare({variant("uniform 4", Method::Rtn, 4), variant("uniform 5", Method::Rtn, 5),
                                       variant("s", Method::Salient, 4)},
                                      options());
    std::vector<std::string> controls;
    for (const ComparisonRow& row : result.rows)
        if (row.control)
            controls.push_back(row.name);
    EXPECT_EQ(controls, (std::vector<std::string>{"rtn 6 g16", "uniform 5"}));
}

TEST_F(Compare, WhatIsDoneIsNotDoneAgain)
{
    const Comparison first = compare(twoVariants(), options());
    EXPECT_EQ(made().size(), 4u);
    const Comparison second = compare(twoVariants(), options());
    EXPECT_TRUE(made().empty());
    ASSERT_EQ(second.rows.size(), first.rows.size());
    for (std::size_t i = 0; i < first.rows.size(); ++i)
        EXPECT_EQ(comparisonRowToJson(second.rows[i]), comparisonRowToJson(first.rows[i]));

    fs::remove(folder / "table/rows/002-rosaq-4.json");
    const Comparison third = compare(twoVariants(), options());
    EXPECT_EQ(made(), std::vector<std::string>{"rosaq 4"});
    EXPECT_EQ(third.rows[2].perplexity, first.rows[2].perplexity);
    EXPECT_EQ(third.rows[2].kl, first.rows[2].kl);

    auto again = options();
    again.overwrite = true;
    compare(twoVariants(), again);
    EXPECT_EQ(made().size(), 4u);
}

TEST_F(Compare, ARowThatDependsOnOtherThingsIsDoneAgain)
{
    compare({variant("a", Method::Salient, 4)}, options());
    auto other = options();
    other.klWindows = 3;
    compare({variant("a", Method::Salient, 4)}, other);
    EXPECT_EQ(made().size(), 3u) << "other KL windows";
    other.text.windows = 3;
    compare({variant("a", Method::Salient, 4)}, other);
    EXPECT_EQ(made().size(), 3u) << "other windows";
    compare({variant("b", Method::Salient, 4)}, other);
    EXPECT_TRUE(made().empty()) << "a name is not what a row depends on";
    EXPECT_EQ(told.back().name, "b");
    compare({variant("a", Method::Salient, 3)}, other);
    EXPECT_EQ(made(), (std::vector<std::string>{"rtn 4 g16", "a"}));
}

TEST_F(Compare, ADamagedRowIsDoneAgain)
{
    compare(twoVariants(), options());
    folder.write("table/rows/002-rosaq-4.json", "{\"name\": \"rosaq 4\"");
    folder.write("table/rows/003-salient-4.json", "{}");
    compare(twoVariants(), options());
    EXPECT_EQ(made(), (std::vector<std::string>{"rosaq 4", "salient 4"}));
    compare(twoVariants(), options());
    EXPECT_TRUE(made().empty());
}

TEST_F(Compare, AVariantThatFailsIsARowAndTheOthersGoOn)
{
    ComparisonVariant impossible = variant("too many", Method::Salient, 4);
    impossible.options.salient = SalientBudget::parse("100000");
    for (int round = 0; round < 2; ++round) {
        const Comparison result = compare({impossible, variant("salient 4", Method::Salient, 4)}, options());
        ASSERT_EQ(result.rows.size(), 4u);
        const ComparisonRow& failed = result.rows[2];
        EXPECT_EQ(failed.name, "too many");
        ASSERT_TRUE(failed.failure);
        EXPECT_EQ(failed.failure->code, ErrorCode::Usage);
        EXPECT_NE(failed.failure->message.find("salient"), std::string::npos);
        EXPECT_TRUE(std::isnan(failed.perplexity));
        EXPECT_FALSE(result.rows[3].failure);
        EXPECT_FALSE(failed.reused) << "it is tried again";
    }
    EXPECT_EQ(rowFiles(), (std::set<std::string>{"000-float.json", "001-rtn-5-g16.json", "003-salient-4.json"}));
}

TEST_F(Compare, AStopLeavesFinishedRowsAndNoHalfFiles)
{
    std::size_t most = 0;
    for (int at = 0; at < 400; at += 3) {
        std::stop_source stop;
        int reports = 0;
        const RunContext context{stop.get_token(), [&](const Progress&) {
                                     if (reports++ == at)
                                         stop.request_stop();
                                 }};
        auto afresh = options();
        afresh.overwrite = true;
        try {
            compare(twoVariants(), afresh, context);
            EXPECT_FALSE(stop.stop_requested());
            EXPECT_EQ(most, 3u) << "a stop was not tried in every row";
            return;
        } catch (const Error& error) {
            ASSERT_TRUE(error.isCancelled()) << error.what();
            EXPECT_EQ(error.hint().empty(), told.empty());
        }
        EXPECT_FALSE(fs::exists(folder / "table/checkpoints"));
        for (const auto& entry : fs::directory_iterator(folder / "table/rows"))
            EXPECT_NO_THROW(nlohmann::json::parse(readFile(entry.path())).at("perplexity")) << entry.path();
        EXPECT_EQ(rowFiles().size(), told.size());
        most = std::max(most, told.size());
    }
    FAIL() << "never came to an end";
}

TEST_F(Compare, CheckpointsStayIfTheyAreToBeKept)
{
    auto keeping = options();
    keeping.keepCheckpoints = true;
    const Comparison result = compare({variant("salient 4", Method::Salient, 4)}, keeping);
    const auto packed = ModelSession::open((folder / "table/checkpoints/002-salient-4").string(), cpu());
    EXPECT_EQ(packed->perplexity(check(), {}).perplexity, result.rows[2].perplexity);
}

TEST_F(Compare, StatisticsOfAnotherModelAreRefused)
{
    const auto other = writeTinyModel(folder / "other", {.layers = 2, .tied = true, .seed = 9});
    try {
        ModelSession::open(other.string(), cpu())->compare(shared->stats, twoVariants(), options(), {}, {});
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Invalid);
        EXPECT_EQ(error.field(), "fingerprint");
    }
    EXPECT_FALSE(fs::exists(folder / "table"));
}

TEST_F(Compare, AFolderOfSomethingElseIsRefused)
{
    folder.write("table/precious.txt", "mine");
    EXPECT_THROW(compare(twoVariants(), options()), Error);
    EXPECT_FALSE(fs::exists(folder / "table/rows"));
}

TEST_F(Compare, ARowIsTheSameJsonBeforeAndAfter)
{
    const Comparison result = compare(twoVariants(), options());
    const auto json = nlohmann::json::parse(comparisonRowToJson(result.rows[2]));
    for (const char* key : {"bits", "salient", "effective_bits", "rotation_bits", "perplexity", "stderr", "kl",
                            "same_top", "bytes", "seconds", "quantize_seconds", "peak_rss_bytes"})
        EXPECT_TRUE(json.at(key).is_number()) << key;
    EXPECT_EQ(json.at("settings").at("group_size"), 16);
    EXPECT_TRUE(json.at("error").is_null());
}

} // namespace
} // namespace eigenquant::test
