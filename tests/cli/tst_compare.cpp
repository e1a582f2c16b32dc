// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/tiny_workspace.h"

#include "core/base/error.h"
#include "core/io/text_file.h"
#include "core/session/session.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

namespace eigenquant::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class CompareVerb : public TinyWorkspace {
protected:
    void SetUp() override
    {
        TinyWorkspace::SetUp();
        analyze();
    }
    std::vector<std::string> verb(std::vector<std::string> more) const
    {
        std::vector<std::string> arguments{"compare",      at("model"), "--stats", at("stats"), "--eval",
                                           at("text.txt"), "--context", "64",      "--windows", "6",
                                           "--kl-windows", "3",         "--out",   at("table")};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }
    static std::vector<std::string> grid()
    {
        return {"--methods", "rtn,salient", "--bits", "3,4", "--salient", "8", "--group-size", "32"};
    }
    std::size_t rowFiles() const
    {
        const auto entries = fs::directory_iterator(folder / "table/rows");
        return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
    }
};

TEST_F(CompareVerb, JsonHasTheKeysThatAreReliedOn)
{
    auto arguments = grid();
    arguments.insert(arguments.end(),
                     {"--variant", "mine: rosaq --bits 4 --group-size 32 --salient 8 --mix-rest"});
    const auto table = succeed(verb(arguments));
    std::vector<std::string> names;
    for (const auto& row : table["rows"]) {
        names.push_back(row["name"]);
        for (const char* key : {"bits", "salient", "effective_bits", "rotation_bits", "perplexity", "stderr", "kl",
                                "same_top", "bytes", "seconds", "peak_rss_bytes"})
            EXPECT_TRUE(row[key].is_number()) << key << " of " << row;
        EXPECT_TRUE(row["method"].is_string());
        EXPECT_TRUE(row["error"].is_null());
    }
    EXPECT_EQ(names, (std::vector<std::string>{"float", "rtn 5 g32", "rtn 3 g32", "rtn 4 g32",
                                               "salient 3 g32, salient 8", "salient 4 g32, salient 8", "mine"}));
    EXPECT_EQ(table["rows"][0]["kl"], 0);
    EXPECT_EQ(table["rows"][1]["control"], true);
    EXPECT_EQ(table["rows"][3]["control"], true) << "one bit more than 3, asked for as well";
    EXPECT_LT(table["rows"][1]["kl"], table["rows"][2]["kl"]) << "5 bits are nearer than 3";
    EXPECT_EQ(table["evaluation"]["windows"], 6);
    EXPECT_EQ(table["evaluation"]["kl_windows"], 3);
    EXPECT_EQ(nlohmann::json::parse(readFile(folder / "table/compare.json"))["rows"], table["rows"]);
    for (const char* file : {"compare.csv", "compare.html", "compare.svg"})
        EXPECT_TRUE(fs::is_regular_file(folder / "table" / file)) << file;
    EXPECT_FALSE(fs::exists(folder / "table/checkpoints"));
}

TEST_F(CompareVerb, FiguresAreThoseOfQuantizeAndPerplexity)
{
    const auto table = succeed(verb({"--methods", "rtn", "--bits", "4", "--group-size", "32"}));
    const auto packed = succeed({"quantize", at("model"), "--stats", at("stats"), "--method", "rtn", "--bits", "4",
                                 "--group-size", "32", "--out", at("packed")});
    const auto score =
        succeed({"perplexity", at("packed"), "--text", at("text.txt"), "--context", "64", "--windows", "6"});
    const auto& row = table["rows"][2];
    EXPECT_EQ(row["perplexity"], score["perplexity"]);
    EXPECT_EQ(row["stderr"], score["stderr"]);
    EXPECT_EQ(row["effective_bits"], packed["effective_bits"]);
    EXPECT_EQ(row["bytes"], packed["bytes"]);
}

TEST_F(CompareVerb, AnotherRunDoesOnlyWhatIsMissing)
{
    const auto first = succeed(verb(grid()));
    const ProgramResult second = runProgram(verb(grid()));
    EXPECT_EQ(second.exitCode, 0) << second.err;
    std::size_t before = 0;
    for (std::size_t at = second.out.find("done before"); at != std::string::npos;
         at = second.out.find("done before", at + 1))
        ++before;
    EXPECT_EQ(before, first["rows"].size());
    fs::remove(folder / "table/rows/003-rtn-4-g32.json");
    const ProgramResult third = runProgram(verb(grid()));
    EXPECT_THAT(third.err, HasSubstr("rtn 4 g32: "));
    EXPECT_THAT(third.err, Not(HasSubstr("rtn 3 g32: ")));
    const auto fourth = succeed(verb(grid()));
    for (std::size_t i = 0; i < first["rows"].size(); ++i)
        EXPECT_EQ(first["rows"][i]["perplexity"], fourth["rows"][i]["perplexity"]);
}

TEST_F(CompareVerb, AVariantThatFailsIsARow)
{
    const std::vector<std::string> both{"--variant", "wide: salient --bits 4 --salient 65", "--variant",
                                        "rtn --bits 4"};
    const auto table = succeed(verb(both));
    const auto wide = std::find_if(table["rows"].begin(), table["rows"].end(),
                                   [](const auto& row) { return row["name"] == "wide"; });
    ASSERT_NE(wide, table["rows"].end());
    EXPECT_EQ((*wide)["error"]["code"], 2);
    EXPECT_TRUE((*wide)["perplexity"].is_null());
    const ProgramResult result = runProgram(verb(both));
    EXPECT_THAT(result.err, HasSubstr("eigenquant: wide: "));
    EXPECT_THAT(result.out, HasSubstr("failed: "));
    EXPECT_THAT(readFile(folder / "table/compare.html"), HasSubstr("more salient channels than the site has"));
    const auto error = fail(2, verb({"--variant", "wide: salient --bits 4 --salient 65"}));
    EXPECT_THAT(error["message"].get<std::string>(), HasSubstr("no variant could be made"));
}

TEST_F(CompareVerb, AReportIsReadBackAndItsRowsPlannedAgain)
{
    const auto table = succeed(verb({"--variant", "wide: salient --bits 4 --salient 65", "--variant",
                                     "mine: rosaq --bits 4 --group-size 32 --salient 8"}));
    const auto expectTable = [&](const Comparison& read) {
        EXPECT_EQ(read.model.fingerprint, table["model"]["fingerprint"]);
        EXPECT_EQ(read.statsFingerprint, table["calibration"]["fingerprint"]);
        EXPECT_EQ(read.evaluation.tokensUsed, table["evaluation"]["tokens"]);
        std::size_t next = 0;
        for (const auto& row : table["rows"]) {
            if (!row["error"].is_null())
                continue; // has no figures
            ASSERT_LT(next, read.rows.size());
            EXPECT_EQ(read.rows[next].name, row["name"]);
            EXPECT_EQ(read.rows[next].perplexity, row["perplexity"].get<double>());
            EXPECT_EQ(read.rows[next++].effectiveBits, row["effective_bits"].get<double>());
        }
        EXPECT_EQ(next, read.rows.size());
    };
    const Comparison read = loadComparison(folder / "table");
    expectTable(read);
    const ComparisonRow& mine = read.rows.back();
    const Plan plan = makePlan(*loadStatistics(folder / "stats"), planOptionsFromJson(mine.settings, "row"));
    EXPECT_NEAR(plan.totals.effectiveBits, mine.effectiveBits, 1e-9);
    EXPECT_THROW(planOptionsFromJson("{}", "row"), Error);
    fs::remove_all(folder / "table/rows"); // the report alone is enough
    expectTable(loadComparison(folder / "table"));
    folder.write("table/compare.json", "{\"model\": 3}");
    EXPECT_THROW(loadComparison(folder / "table"), Error);
    fs::remove(folder / "table/compare.json");
    EXPECT_THROW(loadComparison(folder / "table"), Error);
}

TEST_F(CompareVerb, MistakesAreRefusedBeforeAnyWork)
{
    fail(2, verb({}));
    fail(2, verb({"--methods", "magic", "--bits", "4"}));
    fail(2, verb({"--variant", "rtn --bits 4 --salient 8"}));
    fail(2, verb({"--methods", "rtn", "--kl-windows", "-1"}));
    fail(6, verb({"--variants", at("missing.txt")}));
    EXPECT_FALSE(fs::exists(folder / "table"));
    folder.write("table/letter.txt", "mine");
    fail(2, verb(grid()));
    EXPECT_EQ(fs::file_size(folder / "table/letter.txt"), 4u);
}

TEST_F(CompareVerb, AStopKeepsFinishedRowsAndSaysSo)
{
    writeTinyModel(folder / "model", {.layers = 4, .hidden = 256, .intermediate = 768, .heads = 4, .kvHeads = 2});
    fs::remove(folder / "stats");
    analyze();
    auto arguments = verb(grid());
    arguments.push_back("--json");
    const ProgramResult stopped = runProgram(arguments, {.stopWhen = "rtn 3 g32: ", .stopSignal = SIGTERM});
    ASSERT_EQ(stopped.exitCode, 143) << stopped.out << stopped.err;
    EXPECT_THAT(stopped.json()["error"]["message"].get<std::string>(), HasSubstr("finished rows are kept"));
    EXPECT_EQ(rowFiles(), 2u) << "the model as it is, and the control";
    EXPECT_FALSE(fs::exists(folder / "table/checkpoints"));
    for (const auto& entry : fs::directory_iterator(folder / "table/rows"))
        EXPECT_EQ(entry.path().extension(), ".json");
    EXPECT_EQ(succeed(verb(grid()))["rows"].size(), 6u);
    EXPECT_EQ(rowFiles(), 6u);
}

} // namespace
} // namespace eigenquant::test
