// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/demo_html.h"

#include "app/cli/svg_plot.h"
#include "app/cli/text_format.h"

namespace eigenquant::cli {

namespace {

constexpr const char* kStyle = R"css(
:root { color-scheme: light dark; --ground: #fafafa; --ink: #1c1c1c; --soft: #5a5a5a; --rule: #d8d8d8; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #1b1d20; --ink: #e8e8e8; --soft: #a8a8a8; --rule: #3c4046; }
}
body { font: 16px/1.5 system-ui, sans-serif; background: var(--ground); color: var(--ink);
       max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
figure { margin: 1.5rem 0; }
figure svg { max-width: 100%; height: auto; border: 1px solid var(--rule); border-radius: 4px; }
figcaption, .remarks { color: var(--soft); font-size: .9rem; }
)css";

std::string tableRow(const char* cell, const std::vector<std::string>& cells)
{
    std::string row = "<tr>";
    for (const std::string& content : cells)
        row += std::string("<") + cell + ">" + escapeXml(content) + "</" + cell + ">";
    return row + "</tr>\n";
}

std::string summaryTable(const std::vector<DemoRow>& rows)
{
    std::string table = "<table>\n" + tableRow("th", {"variant", "effective bits", "without rotation", "size",
                                                      "perplexity", "\u00b1", "mean output error", "predicted"});
    for (const DemoRow& row : rows)
        table +=
            tableRow("td", {row.name, fixed(row.effectiveBits, 3), fixed(row.effectiveBits - row.rotationBits, 3),
                            byteSize(row.bytes), fixed(row.perplexity, 3), fixed(row.standardError, 3),
                            significant(row.outputError, 3), significant(row.predictedError, 3)});
    return table + "</table>\n";
}

std::string modelTable(const ModelInfo& model)
{
    return "<table>\n" + tableRow("td", {"architecture", model.architecture}) +
           tableRow("td", {"parameters", grouped(model.parameters)}) +
           tableRow("td", {"layers", grouped(model.layers)}) +
           tableRow("td", {"hidden size", grouped(model.hiddenSize)}) +
           tableRow("td", {"intermediate size", grouped(model.intermediateSize)}) +
           tableRow("td",
                    {"heads", grouped(model.heads) + " (" + grouped(model.kvHeads) + " for keys and values)"}) +
           tableRow("td", {"fingerprint", model.fingerprint}) + "</table>\n";
}

std::string figures(const std::vector<DemoPlot>& plots)
{
    std::string html;
    for (const DemoPlot& plot : plots)
        html += "<figure>\n" + plot.svg + "<figcaption>" + escapeXml(plot.caption) + "</figcaption>\n</figure>\n";
    return html;
}

} // namespace

std::string demoHtml(const DemoResult& result, const std::vector<DemoRow>& rows,
                     const std::vector<DemoPlot>& plots)
{
    const std::string title = escapeXml(result.model.name + ", quantized");
    std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
                       title + "</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n<h1>" + title +
                       "</h1>\n" + summaryTable(rows) + "<ul class=\"remarks\">\n";
    for (const std::string& remark : demoRemarks(result))
        html += "<li>" + escapeXml(remark) + "</li>\n";
    html += "</ul>\n<p>The exported checkpoint, in <code>hf-export</code>, loads in " +
            escapeXml(joined(result.exported.loadsIn)) + ".</p>\n<h2>The model</h2>\n" + modelTable(result.model) +
            "<h2>Plots</h2>\n" + figures(plots) + "</body>\n</html>\n";
    return html;
}

} // namespace eigenquant::cli
