// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/compare_report.h"
#include "app/cli/compare_variants.h"
#include "app/cli/parse.h"
#include "app/cli/text_flags.h"
#include "app/cli/text_format.h"
#include "core/base/error.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>

namespace eigenquant::cli {

namespace {

constexpr std::size_t kNarrowestName = 20, kWidestName = 60;

struct CompareCommand {
    std::string model, stats, out;
    TextFlags evaluation, calibration;
    std::string klWindows = "16";
    VariantFlags variants;
    bool keep = false;
};

CompareOptions optionsOf(const CompareCommand& command, const Console& console)
{
    CompareOptions options;
    options.text = command.evaluation.toOptions();
    options.klWindows = static_cast<int>(parseInteger("--kl-windows", command.klWindows, 0, kMaxWindows));
    options.out = command.out;
    options.keepCheckpoints = command.keep;
    options.overwrite = console.options().force;
    if (command.calibration.given()) {
        // The text must be cut as it was for the statistics, or they would not be its own.
        const auto statistics = loadStatistics(command.stats);
        options.calibration = TextOptions{.file = command.calibration.text,
                                          .context = statistics->context,
                                          .windows = statistics->windows,
                                          .tokens = command.calibration.tokens};
    }
    return options;
}

/// Prints the table row by row; with --json only failures are told, on standard error.
class RowPrinter {
public:
    RowPrinter(Console& console, const std::vector<ComparisonVariant>& variants) : m_console(console)
    {
        for (const ComparisonVariant& variant : variants)
            m_nameWidth = std::clamp(variant.name.size(), m_nameWidth, kWidestName);
    }

    void print(const ComparisonRow& row)
    {
        m_console.endProgress();
        if (row.failure)
            writeAll(STDERR_FILENO, "eigenquant: " + row.name + ": " + row.failure->message + "\n", "standard error");
        if (m_console.options().json)
            return;
        const std::string head = m_first ? comparisonHead(m_nameWidth) : "";
        m_first = false;
        writeAll(STDOUT_FILENO, head + comparisonLine(row, m_nameWidth), "standard output");
    }

private:
    Console& m_console;
    std::size_t m_nameWidth = kNarrowestName;
    bool m_first = true;
};

/// Some variants may fail; if all of them do, so does the verb, with the code of the first.
void requireOneVariant(const Comparison& comparison)
{
    const ComparisonRow* failed = nullptr;
    for (const ComparisonRow& row : comparison.rows) {
        if (!row.failure && row.method != "float" && !row.control)
            return;
        if (row.failure && !failed)
            failed = &row;
    }
    if (failed)
        throw Error(failed->failure->code, "no variant could be made; the first is \"" + failed->name +
                                               "\": " + failed->failure->message);
}

std::string closingText(const Comparison& comparison)
{
    std::string text = "\n";
    for (const std::string& remark : comparisonRemarks(comparison))
        text += remark + "\n";
    const std::filesystem::path folder(comparison.folder);
    return text + "\n" + Table({{}, {}}).add({"report", (folder / "compare.html").string()}).text();
}

int run(const CompareCommand& command, Console& console)
{
    std::vector<std::string> leftOut;
    const auto variants = command.variants.toVariants(console.options().seed, leftOut);
    for (const std::string& reason : leftOut)
        console.note("left out of the grid: " + reason);
    const CompareOptions options = optionsOf(command, console);
    const auto session = ModelSession::open(command.model, console.options().compute);
    RowPrinter printer(console, variants);
    const Comparison comparison = session->compare(
        command.stats, variants, options, [&](const ComparisonRow& row) { printer.print(row); }, console.context());
    writeComparison(comparison, options.out);
    requireOneVariant(comparison);
    Json object = comparisonJson(comparison);
    object["out"] = comparison.folder;
    console.print(object, closingText(comparison));
    return 0;
}

} // namespace

void addCompare(CLI::App& app, Action& action)
{
    auto command = std::make_shared<CompareCommand>();
    CLI::App* verb = addVerb(
        app, "compare",
        "one table of many ways to quantize: perplexity, KL and size of each. The model as it is and uniform rtn "
        "with one bit more are always in it. A variant that fails is a row with its reason; the exit code is 0 if at "
        "least one variant was made. A comparison that was stopped is gone on with by the same command; --force "
        "begins it anew",
        "eigenquant compare demo --stats demo.stats --eval wiki.test.txt --methods rtn,rosaq --bits 3,4 "
        "--salient 0,1/32 --group-size 64 --out table");
    verb->add_option("MODEL", command->model, "the model")->required();
    verb->add_option("--stats", command->stats, "what eigenquant analyze wrote")->required()->type_name("STATS");
    command->evaluation.addSource(*verb, "--eval", "--eval-tokens", "the UTF-8 text file to score on", true);
    verb->add_option("--context", command->evaluation.context, "tokens a window (2048)")->type_name("N");
    verb->add_option("--windows", command->evaluation.windows, "at most so many windows; 0: all there are (0)")
        ->type_name("N");
    verb->add_option("--kl-windows", command->klWindows, "windows that KL is measured on, the first (16)")
        ->type_name("N");
    command->calibration.addSource(*verb, "--text", "--tokens",
                                   "the calibration text, for statistics without second moments", false);
    verb->add_option("--out", command->out, "the folder of the comparison")->required()->type_name("DIR");
    verb->add_flag("--keep", command->keep, "keep the checkpoints that are made, in DIR/checkpoints");
    command->variants.addTo(*verb);
    verb->callback(
        [command, &action] { action = [command](Console& console) { return run(*command, console); }; });
}

} // namespace eigenquant::cli
