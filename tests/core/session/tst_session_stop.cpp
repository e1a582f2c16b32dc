// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/session/session_test.h"

#include <functional>
#include <set>

namespace eigenquant::test {
namespace {

using SessionStop = SessionTest;

/// Runs a verb again and again, stopped at its first report, its second, and so on, until it comes through.
void stopEverywhere(const TemporaryFolder& folder, const std::function<void(const RunContext&)>& verb,
                    const std::set<std::string>& allowed = {})
{
    int stopped = 0;
    for (int at = 0; at < 1000; ++at) {
        std::stop_source stop;
        int reports = 0;
        const RunContext context{stop.get_token(), [&](const Progress& progress) {
                                     EXPECT_GE(progress.done, 0);
                                     EXPECT_LE(progress.done, progress.total);
                                     if (reports++ == at)
                                         stop.request_stop();
                                 }};
        try {
            verb(context);
            EXPECT_GE(stopped, 3) << "hardly ever said how far it was";
            EXPECT_FALSE(stop.stop_requested()) << "was asked to stop and went on to the end";
            return;
        } catch (const Error& error) {
            ASSERT_TRUE(error.isCancelled()) << error.what();
            ++stopped;
        }
        for (const std::string& entry : folder.entries())
            ASSERT_TRUE(allowed.contains(entry)) << entry << " was left behind by a stop at report " << at;
    }
    FAIL() << "never came to an end";
}

TEST_F(SessionStop, Analyze)
{
    stopEverywhere(folder, [&](const RunContext& context) {
        AnalyzeOptions options;
        options.text = calibration();
        options.out = folder / "a.stats";
        open()->analyze(options, context);
    });
}

TEST_F(SessionStop, Quantize)
{
    const Plan plan = makePlan(*shared->statistics, rosaq());
    stopEverywhere(folder, [&](const RunContext& context) {
        QuantizeOptions options;
        options.out = folder / "packed";
        open()->quantize(shared->stats, plan, options, context);
    });
}

TEST_F(SessionStop, Perplexity)
{
    stopEverywhere(folder, [&](const RunContext& context) { open()->perplexity(check(), context); });
}

TEST_F(SessionStop, Export)
{
    const auto packed = quantize(rosaq(), "packed");
    stopEverywhere(
        folder,
        [&](const RunContext& context) {
            ExportOptions options;
            options.out = folder / "hf";
            exportCheckpoint(packed, options, context);
        },
        {"packed"});
}

} // namespace
} // namespace eigenquant::test
