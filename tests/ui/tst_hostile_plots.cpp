// SPDX-License-Identifier: GPL-3.0-or-later
// Every plot takes no, one, equal, impossible and a million numbers: it draws, exports and makes its table, and does
// not keep the window waiting.
#include "tests/ui/heartbeat.h"
#include "tests/ui/synthetic_statistics.h"
#include "tests/ui/ui_test.h"
#include "ui/plots/channel_plot.h"
#include "ui/plots/energy_heatmap.h"
#include "ui/plots/energy_plot.h"
#include "ui/plots/error_plot.h"
#include "ui/plots/grid_plot.h"
#include "ui/plots/kept_plot.h"
#include "ui/plots/latency_plot.h"
#include "ui/plots/outlier_plot.h"
#include "ui/plots/pareto_plot.h"
#include "ui/plots/plane_plot.h"
#include "ui/plots/remaining_plot.h"
#include "ui/plots/run_latency_plot.h"
#include "ui/plots/spectrum_plot.h"
#include "ui/plots/token_map_plot.h"
#include "ui/plots/weight_histogram.h"
#include "ui/plots/weight_range_plot.h"

#include <qcustomplot.h>

#include <cmath>
#include <functional>
#include <limits>
#include <memory>

using namespace eigenquant;

namespace {

/// What a million numbers, which no site has, may take in processor time: more than the 100 ms of real ones.
constexpr double kPatienceS = 5;

using Values = std::vector<double>;
using MakePlot = std::function<std::unique_ptr<PlotView>(const Values&)>;

SiteStatistics hostileSite(const Values& values)
{
    return {.channels = int(values.size()), .eigenvalues = values, .channelEnergy = values, .channelMax = values};
}


std::unique_ptr<PlotView> spectrum(const Values& values)
{
    auto plot = std::make_unique<SpectrumPlot>();
    const SiteSummary summary{
        .channels = int(values.size()), .method = Method::Rosaq, .salient = int(values.size()) / 2};
    plot->setStyle({true, true, true});
    plot->setSpectra({makeSpectrumData(hostileSite(values), &summary, std::numeric_limits<double>::quiet_NaN())});
    return plot;
}

std::unique_ptr<PlotView> outliers(const Values& values)
{
    auto plot = std::make_unique<OutlierPlot>();
    plot->setSites({hostileSite(values)}, 5);
    return plot;
}

std::unique_ptr<PlotView> heatmap(const Values& values)
{
    auto statistics = test::syntheticStatistics({.layers = 2});
    for (SiteStatistics& site : statistics->sites)
        site.eigenvalues = values;
    auto plot = std::make_unique<EnergyHeatmap>();
    plot->setStatistics(statistics, {Site::AttnIn});
    return plot;
}

std::unique_ptr<PlotView> errors(const Values& values)
{
    std::vector<SiteSummary> summaries;
    for (std::size_t i = 0; i < values.size(); ++i)
        summaries.push_back({.id = {int(i / 4), Site(i % 4)}, .predictedError = values[i]});
    auto plot = std::make_unique<ErrorPlot>();
    plot->setSummaries(std::move(summaries));
    return plot;
}

std::unique_ptr<PlotView> channels(const Values& values)
{
    auto plot = std::make_unique<ChannelPlot>();
    plot->setSite(hostileSite(values), 5);
    return plot;
}

std::unique_ptr<PlotView> energies(const Values& values)
{
    auto plot = std::make_unique<EnergyPlot>();
    plot->setSite(hostileSite(values), int(values.size()) / 2);
    return plot;
}

std::unique_ptr<PlotView> grid(const Values& values)
{
    RoundedGroup group{.levels = {-1, 0, 1}, .rounded = values};
    auto plot = std::make_unique<GridPlot>();
    plot->setGroup({values.begin(), values.end()}, std::move(group));
    return plot;
}

std::unique_ptr<PlotView> kept(const Values& values)
{
    std::vector<KeptRow> rows;
    for (const double value : values)
        rows.push_back({QStringLiteral("row"), value, value, value});
    auto plot = std::make_unique<KeptPlot>();
    plot->setRows(std::move(rows), values.empty() ? 0 : values.front());
    return plot;
}

std::unique_ptr<PlotView> remaining(const Values& values)
{
    RemainingCurve curve{.bits = 4, .error = values, .weightBits = values};
    for (std::size_t i = 0; i < values.size(); ++i)
        curve.salient.push_back(int(i));
    auto plot = std::make_unique<RemainingPlot>();
    plot->setCurves({curve}, int(values.size()));
    return plot;
}

std::unique_ptr<PlotView> plane(const Values& values)
{
    std::vector<std::pair<double, double>> points;
    for (const double value : values)
        points.emplace_back(value, -value);
    auto plot = std::make_unique<PlanePlot>();
    plot->setPoints(std::move(points), QStringLiteral("a"), QStringLiteral("b"));
    plot->setAngle(0.5);
    return plot;
}

std::unique_ptr<PlotView> tokens(const Values& values)
{
    auto maps = std::make_shared<ActivationMaps>();
    maps->sample = {.channels = int(values.size()), .ids = {7}, .values = {values.begin(), values.end()}};
    maps->tokens = {"x"};
    maps->rotated = maps->sample.values;
    auto plot = std::make_unique<TokenMapPlot>();
    plot->setMaps(maps);
    return plot;
}

std::shared_ptr<WeightRanges> rangesOf(const Values& values)
{
    auto ranges = std::make_shared<WeightRanges>();
    for (const double value : values) {
        ranges->original.histogram.push_back(std::isfinite(value) ? std::int64_t(std::clamp(value, 0.0, 1e9)) : 0);
        ranges->original.groups.push_back({.columns = 1, .least = -value, .largest = value, .meanWidth = value});
        ranges->lower = -value;
        ranges->upper = value;
    }
    ranges->turned = ranges->stored = ranges->original;
    return ranges;
}

std::unique_ptr<PlotView> histogram(const Values& values)
{
    auto plot = std::make_unique<WeightHistogram>();
    plot->setRanges(rangesOf(values), QStringLiteral("nothing"));
    return plot;
}

std::unique_ptr<PlotView> weightRanges(const Values& values)
{
    auto plot = std::make_unique<WeightRangePlot>();
    plot->setRanges(rangesOf(values), QStringLiteral("nothing"));
    return plot;
}

LatencyResult latencyOf(const Values& values)
{
    LatencyResult result;
    for (const double value : values)
        result.rows.push_back({.batch = 1, .askedBatch = 1, .msPerStep = value, .baselineMsPerStep = value,
                               .speedup = value, .rooflineMs = value});
    return result;
}

std::unique_ptr<PlotView> latency(const Values& values)
{
    auto plot = std::make_unique<LatencyPlot>();
    plot->setLatency(latencyOf(values));
    return plot;
}

std::vector<RunEntry> entriesOf(const Values& values)
{
    RunReport report;
    for (const double value : values) {
        ComparisonRow row;
        row.name = "row";
        row.method = "rtn";
        row.effectiveBits = row.perplexity = row.standardError = value;
        report.comparison.rows.push_back(row);
    }
    return runEntries({report});
}

std::unique_ptr<PlotView> pareto(const Values& values)
{
    auto plot = std::make_unique<ParetoPlot>();
    plot->setEntries(entriesOf(values));
    return plot;
}

std::unique_ptr<PlotView> runLatency(const Values& values)
{
    auto plot = std::make_unique<RunLatencyPlot>();
    plot->setEntries(entriesOf(values));
    return plot;
}

/// A plot, and the most values that a file or a run can give it: sites have channels without end, but a model has
/// layers and a report rows that a person waited for.
struct Kind {
    const char* name;
    MakePlot make;
    int most;
};

const std::vector<Kind>& kinds()
{
    constexpr int kMillion = 1'000'000;
    static const std::vector<Kind> all{{"spectrum", spectrum, kMillion},
                                       {"outliers", outliers, kMillion},
                                       {"heat map", heatmap, kMillion},
                                       {"errors", errors, 4 * 1000},
                                       {"channels", channels, kMillion},
                                       {"energies", energies, kMillion},
                                       {"grid", grid, 4096},
                                       {"kept", kept, 100},
                                       {"remaining", remaining, kMillion},
                                       {"plane", plane, kMillion},
                                       {"tokens", tokens, kMillion},
                                       {"histogram", histogram, kMillion},
                                       {"weight ranges", weightRanges, kMillion},
                                       {"latency", latency, 1000},
                                       {"pareto", pareto, 10000},
                                       {"run latency", runLatency, 1000}};
    return all;
}

} // namespace

class HostilePlotsTest : public QObject {
    Q_OBJECT

private slots:
    void everyPlotTakesEverything_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QList<double>>("values");
        constexpr double nan = std::numeric_limits<double>::quiet_NaN(),
                         infinity = std::numeric_limits<double>::infinity();
        for (int kind = 0; kind < int(kinds().size()); ++kind) {
            const auto row = [&](const char* name, const QList<double>& values) {
                QTest::addRow("%s: %s", kinds()[std::size_t(kind)].name, name) << kind << values;
            };
            row("none", {});
            row("one", {3});
            row("one zero", {0});
            row("all equal", QList<double>(50, 2.0));
            row("not a number", {nan, 1, nan, infinity, -infinity, -1, 0});
            row("only not a number", {nan, nan});
            row("huge range", {1e300, 1, 1e-300});
        }
    }

    void everyPlotTakesEverything()
    {
        QFETCH(int, kind);
        QFETCH(QList<double>, values);
        const auto plot = kinds()[std::size_t(kind)].make({values.begin(), values.end()});
        plot->resize(500, 350);
        plot->show();
        QCoreApplication::processEvents();
        for (const QPoint place : {QPoint(5, 5), QPoint(250, 175), QPoint(499, 349)})
            QTest::mouseMove(&plot->canvas(), place);
        QTest::mouseClick(&plot->canvas(), Qt::LeftButton, {}, {250, 175});
        QVERIFY(!plot->grab().isNull());
        QVERIFY(!plot->table().toCsv().isNull());
    }

    void manyPointsDoNotKeepTheWindowWaiting_data()
    {
        QTest::addColumn<int>("kind");
        for (int kind = 0; kind < int(kinds().size()); ++kind)
            QTest::newRow(kinds()[std::size_t(kind)].name) << kind;
    }

    void manyPointsDoNotKeepTheWindowWaiting()
    {
        QFETCH(int, kind);
        const Kind& chosen = kinds()[std::size_t(kind)];
        Values values(std::size_t(chosen.most), 0.0);
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = 1 + double(i * 7919 % values.size()) / double(values.size());
        const auto plot = chosen.make(values);
        plot->resize(500, 350);
        const double before = test::Heartbeat::threadSeconds();
        plot->show();
        QCoreApplication::processEvents();
        QVERIFY(!plot->grab().isNull());
        const double drawn = test::Heartbeat::threadSeconds();
        for (int x = 50; x < 450; x += 40)
            QTest::mouseMove(&plot->canvas(), {x, 175});
        QCoreApplication::processEvents();
        const double pointed = test::Heartbeat::threadSeconds();
        QVERIFY2(drawn - before < kPatienceS && pointed - drawn < kPatienceS, chosen.name);
        qInfo("%d values: drawn in %.1f ms, ten moves of the pointer %.1f ms", chosen.most,
              (drawn - before) * 1000, (pointed - drawn) * 1000);
    }
};

EIGENQUANT_UI_TEST(tst_hostile_plots, HostilePlotsTest)
#include "tst_hostile_plots.moc"
