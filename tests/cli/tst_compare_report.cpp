// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/compare_report.h"

#include "app/cli/compare_html.h"
#include "core/io/text_file.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace eigenquant::cli {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::Not;

ComparisonRow someRow(const std::string& name, const std::string& method, double bits, double perplexity)
{
    ComparisonRow row;
    row.name = name;
    row.method = method;
    row.bits = bits;
    row.effectiveBits = bits + 0.5;
    row.rotationBits = 0;
    row.perplexity = perplexity;
    row.standardError = 0.25;
    row.kl = 0.0625;
    row.sameTop = 0.75;
    row.bytes = 1 << 20;
    row.seconds = 12.5;
    row.peakRssBytes = 1 << 30;
    row.device = "cpu";
    row.settings = R"({"method":")" + method + R"(","bits":4,"note":"a, \"b\""})";
    row.key = "0123456789abcdef0123456789abcdef";
    return row;
}

Comparison someComparison()
{
    Comparison comparison;
    comparison.model.name = "Tiny <1>";
    comparison.model.fingerprint = "fingerprint-of-the-model";
    comparison.model.sourceFormat = "gguf";
    comparison.quantizedBefore = {"Q4_1"};
    comparison.calibration = {"valid.txt", "hash-of-valid", 4096, 2048, 2};
    comparison.evaluation = {"test.txt", "hash-of-test", 6141, 2048, 3};
    comparison.evaluationTokens = 304978;
    comparison.klWindows = 2;
    comparison.device = "cpu";
    comparison.dtype = "f32";
    comparison.rows = {someRow("float", "float", 16, 21.5), someRow("rtn 4", "rtn", 4, 28.5),
                       someRow("a,\"b\"", "rosaq", 4, 24)};
    comparison.rows[0].settings.clear();
    comparison.rows[1].control = true;
    ComparisonRow failed;
    failed.name = "impossible";
    failed.method = "salient";
    failed.failure = ComparisonFailure{ErrorCode::Resources, "not enough memory for <this>"};
    comparison.rows.push_back(failed);
    return comparison;
}

/// A reader of RFC 4180, written from its grammar.
std::vector<std::vector<std::string>> parseCsv(const std::string& text)
{
    std::vector<std::vector<std::string>> rows{{""}};
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"')
            rows.back().back() += text[i++];
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && c == ',')
            rows.back().emplace_back();
        else if (!quoted && c == '\n')
            rows.push_back({""});
        else
            rows.back().back() += c;
    }
    EXPECT_FALSE(quoted);
    EXPECT_EQ(rows.back(), std::vector<std::string>{""}) << "the last line ends with a newline";
    rows.pop_back();
    return rows;
}

TEST(CompareReport, JsonHasEveryKeyAndNullForWhatIsNotKnown)
{
    const Json json = comparisonJson(someComparison());
    for (const char* key : {"version", "model", "calibration", "evaluation", "device", "dtype", "rows", "remarks"})
        EXPECT_TRUE(json.contains(key)) << key;
    ASSERT_EQ(json["rows"].size(), 4u);
    for (const Json& row : json["rows"])
        for (const char* key : {"name", "method", "bits", "salient", "effective_bits", "rotation_bits",
                                "perplexity", "stderr", "kl", "same_top", "bytes", "seconds", "quantize_seconds",
                                "peak_rss_bytes", "settings", "control", "error"})
            EXPECT_TRUE(row.contains(key)) << key;
    EXPECT_TRUE(json["rows"][3]["perplexity"].is_null());
    EXPECT_EQ(json["rows"][3]["error"]["code"], 5);
    EXPECT_EQ(json["rows"][2]["settings"]["note"], "a, \"b\"");
    EXPECT_EQ(json["evaluation"]["text_hash"], "hash-of-test");
    EXPECT_EQ(json["model"]["quantized_before"], Json::array({"Q4_1"}));
}

TEST(CompareReport, CsvIsWellFormed)
{
    const auto rows = parseCsv(comparisonCsv(someComparison()));
    ASSERT_EQ(rows.size(), 5u);
    for (const auto& row : rows)
        EXPECT_EQ(row.size(), rows[0].size());
    const auto column = [&](const std::string& name) {
        return static_cast<std::size_t>(std::find(rows[0].begin(), rows[0].end(), name) - rows[0].begin());
    };
    EXPECT_EQ(rows[3][column("name")], "a,\"b\"");
    EXPECT_EQ(rows[3][column("perplexity")], "24.0");
    EXPECT_EQ(rows[3][column("kl")], "0.0625");
    EXPECT_EQ(Json::parse(rows[3][column("settings")])["note"], "a, \"b\"");
    EXPECT_EQ(rows[4][column("perplexity")], "");
    EXPECT_EQ(rows[4][column("error")], "not enough memory for <this>");
    EXPECT_EQ(rows[1][column("model_fingerprint")], "fingerprint-of-the-model");
    EXPECT_EQ(rows[1][column("text_hash")], "hash-of-test");
}

TEST(CompareReport, HtmlHasEveryRowAndNeedsNothingElse)
{
    const Comparison comparison = someComparison();
    const std::string html = comparisonHtml(comparison, comparisonSvg(comparison));
    for (const char* text :
         {">float</td>", ">rtn 4 (control)</td>", ">a,&quot;b&quot;</td>", ">impossible</td>",
          "not enough memory for &lt;this&gt;", "Tiny &lt;1&gt;", "fingerprint-of-the-model", "hash-of-test",
          "hash-of-valid", "The weights had been through Q4_1 before", "prefers-color-scheme: dark", "<svg "})
        EXPECT_THAT(html, HasSubstr(text));
    for (const char* link : {"href=", "src=", "url(", "@import", "<script", "Tiny <1>"})
        EXPECT_THAT(html, Not(HasSubstr(link)));
    const std::string nameSpace = "http://www.w3.org/2000/svg";
    EXPECT_EQ(html.find("http"), html.find(nameSpace)) << "a name, not a link";
    EXPECT_EQ(html.find("http", html.find(nameSpace) + 4), std::string::npos);
}

TEST(CompareReport, WeightsAloneArePlottedWhereRotationsCost)
{
    Comparison comparison = someComparison();
    EXPECT_THAT(comparisonSvg(comparison), Not(HasSubstr("without run-time rotations")));
    comparison.rows[2].rotationBits = 0.25;
    EXPECT_TRUE(hasRunTimeRotations(comparison));
    EXPECT_THAT(comparisonSvg(comparison), HasSubstr("without run-time rotations"));
    comparison.quantizedBefore.clear();
    EXPECT_THAT(comparisonRemarks(comparison), Each(Not(HasSubstr("had been through"))));
}

TEST(CompareReport, LinesOfTheTableAlign)
{
    const Comparison comparison = someComparison();
    const std::string head = comparisonHead(20), line = comparisonLine(comparison.rows[1], 20);
    EXPECT_EQ(head.size(), line.size());
    EXPECT_THAT(line, HasSubstr("28.5000"));
    EXPECT_THAT(line, HasSubstr("75.00 %"));
    EXPECT_EQ(comparisonLine(comparison.rows[3], 20),
              "impossible            failed: not enough memory for <this>\n");
    ComparisonRow wide = comparison.rows[1];
    wide.name = "\u00e4\u00f6\u00fc";
    EXPECT_EQ(comparisonLine(wide, 20).size(), line.size() + 3) << "letters are counted, not bytes";
}

TEST(CompareReport, FourFilesAreWritten)
{
    const test::TemporaryFolder folder;
    writeComparison(someComparison(), folder.path());
    writeComparison(someComparison(), folder.path());
    EXPECT_EQ(folder.entries(),
              (std::vector<std::string>{"compare.csv", "compare.html", "compare.json", "compare.svg"}));
    EXPECT_EQ(Json::parse(readFile(folder / "compare.json")), comparisonJson(someComparison()));
}

} // namespace
} // namespace eigenquant::cli
