// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/compare_html.h"

#include "app/cli/compare_report.h"
#include "app/cli/svg_plot.h"
#include "app/cli/text_format.h"
#include "core/session/session.h"

namespace eigenquant::cli {

namespace {

constexpr const char* kPageStyle = R"css(
:root { color-scheme: light dark; --page: #fafafa; --text: #1c1c1c; --faint: #5a5a5a; --rule: #d8d8d8; --bad: #b00020; }
@media (prefers-color-scheme: dark) {
  :root { --page: #1b1d20; --text: #e8e8e8; --faint: #a8a8a8; --rule: #3c4046; --bad: #ff8a8a; }
}
body { font: 16px/1.5 system-ui, sans-serif; background: var(--page); color: var(--text);
       max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
td.failed { color: var(--bad); text-align: left; white-space: normal; }
td.words { text-align: left; white-space: normal; font-size: .85rem; color: var(--faint); }
figure { margin: 1.5rem 0; }
figure svg { max-width: 100%; height: auto; border: 1px solid var(--rule); border-radius: 4px; }
.remarks { color: var(--faint); font-size: .9rem; }
)css";

std::string cells(const char* tag, const std::vector<std::string>& contents)
{
    std::string row;
    for (const std::string& content : contents)
        row += std::string("<") + tag + ">" + escapeXml(content) + "</" + tag + ">";
    return row;
}

std::string rowHtml(const ComparisonRow& row)
{
    const std::string name = row.name + (row.control ? " (control)" : "");
    if (row.failure)
        return "<tr>" + cells("td", {name}) + "<td class=\"failed\" colspan=\"10\">" +
               escapeXml(row.failure->message) + "</td></tr>\n";
    return "<tr>" +
           cells("td", {name, fixed(row.effectiveBits, 3), fixed(row.effectiveBits - row.rotationBits, 3),
                        fixed(row.perplexity, 4), fixed(row.standardError, 3), fixed(row.kl, 4),
                        fixed(100 * row.sameTop, 2) + " %", byteSize(row.bytes), fixed(row.seconds, 1),
                        fixed(row.quantizeSeconds, 1), byteSize(row.peakRssBytes)}) +
           "</tr>\n";
}

std::string rowsHtml(const Comparison& comparison)
{
    std::string table =
        "<table>\n<tr>" +
        cells("th", {"variant", "effective bits", "without rotation", "perplexity", "\u00b1", "KL, nats",
                     "same top", "size", "seconds", "of these quantizing", "peak memory"}) +
        "</tr>\n";
    for (const ComparisonRow& row : comparison.rows)
        table += rowHtml(row);
    return table + "</table>\n";
}

std::string settingsHtml(const Comparison& comparison)
{
    std::string table = "<table>\n";
    for (const ComparisonRow& row : comparison.rows) {
        if (row.settings.empty())
            continue;
        const Json settings = Json::parse(row.settings);
        std::string words;
        for (const auto& [key, value] : settings.items())
            words += (words.empty() ? "" : ", ") + key + " " +
                     (value.is_string() ? value.get<std::string>() : value.dump());
        table += "<tr>" + cells("td", {row.name}) + "<td class=\"words\">" + escapeXml(words) + "</td></tr>\n";
    }
    return table + "</table>\n";
}

std::string sourcesHtml(const Comparison& comparison)
{
    const auto row = [](const std::vector<std::string>& contents) {
        return "<tr>" + cells("td", contents) + "</tr>\n";
    };
    return "<table>\n" + row({"model", comparison.model.name}) +
           row({"model format", comparison.model.sourceFormat}) +
           row({"model fingerprint", comparison.model.fingerprint}) +
           row({"calibration text", comparison.calibration.name}) +
           row({"calibration text hash", comparison.calibration.hash}) +
           row({"statistics fingerprint", comparison.statsFingerprint}) +
           row({"text", comparison.evaluation.name}) + row({"text hash", comparison.evaluation.hash}) +
           row({"eigenquant", std::string(version())}) + "</table>\n";
}

} // namespace

std::string comparisonHtml(const Comparison& comparison, const std::string& svg)
{
    const std::string title = escapeXml(comparison.model.name + ", compared");
    std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
                       title + "</title>\n<style>" + kPageStyle + "</style>\n</head>\n<body>\n<h1>" + title +
                       "</h1>\n" + rowsHtml(comparison) + "<figure>\n" + svg +
                       "</figure>\n<ul class=\"remarks\">\n";
    for (const std::string& remark : comparisonRemarks(comparison))
        html += "<li>" + escapeXml(remark) + "</li>\n";
    return html + "</ul>\n<h2>Settings</h2>\n" + settingsHtml(comparison) + "<h2>Sources</h2>\n" +
           sourcesHtml(comparison) + "</body>\n</html>\n";
}

} // namespace eigenquant::cli
