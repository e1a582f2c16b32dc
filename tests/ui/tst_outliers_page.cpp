// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/session.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"
#include "tests/ui/files.h"
#include "tests/ui/patience.h"
#include "tests/ui/shown.h"
#include "tests/ui/synthetic_statistics.h"
#include "tests/ui/ui_test.h"
#include "ui/models/outlier_table.h"
#include "ui/plots/outlier_plot.h"
#include "ui/plots/token_map_plot.h"
#include "ui/plots/weight_histogram.h"
#include "ui/plots/weight_range_plot.h"
#include "ui/shell/main_window.h"
#include "ui/text/format.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTableView>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace eigenquant;
using test::shown;
using test::fromPath;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Made-up activations: x = token + channel / 100, and its negative as what is rotated.
std::shared_ptr<ActivationMaps> madeUpMaps(SiteId site, int tokens, int channels)
{
    auto maps = std::make_shared<ActivationMaps>();
    maps->sample = {.site = site, .channels = channels};
    maps->textName = "words.txt";
    for (int token = 0; token < tokens; ++token) {
        maps->sample.ids.push_back(token);
        maps->tokens.push_back("w" + std::to_string(token));
        for (int channel = 0; channel < channels; ++channel) {
            maps->sample.values.push_back(float(token + channel / 100.0));
            maps->rotated.push_back(-maps->sample.values.back());
        }
    }
    for (ChannelMeasures* measures : {&maps->measures, &maps->rotatedMeasures})
        for (int channel = 0; channel < channels; ++channel) {
            measures->largest.push_back(channel + 1);
            measures->meanSquare.push_back(channel);
            measures->kurtosis.push_back(channel == 0 ? kNaN : channels - channel);
        }
    return maps;
}

std::shared_ptr<WeightRanges> madeUpRanges(LinearId id, Basis basis)
{
    auto ranges = std::make_shared<WeightRanges>();
    ranges->plan.id = id;
    ranges->basis = basis;
    ranges->groupSize = 4;
    ranges->lower = -2;
    ranges->upper = 2;
    for (WeightDistribution* each : {&ranges->original, &ranges->turned, &ranges->stored}) {
        each->histogram = {0, 5, 100, 5, 0};
        each->groups = {
            {.salient = each != &ranges->original, .columns = 4, .least = -1, .largest = 1, .meanWidth = 1.5},
            {.columns = 4, .least = -2, .largest = 2, .meanWidth = 3}};
    }
    return ranges;
}

template <typename T>
T* named(const QWidget& window, const QString& name)
{
    for (T* widget : window.findChildren<T*>())
        if (widget->accessibleName() == name)
            return widget;
    return nullptr;
}

QPushButton* button(const QWidget& window, const QString& text)
{
    for (QPushButton* each : window.findChildren<QPushButton*>())
        if (each->isVisible() && each->text().remove('&') == text)
            return each;
    return nullptr;
}

void pressTab(QWidget& window, const QString& title)
{
    auto* tabs = shown<QTabWidget>(window);
    for (int i = 0; i < tabs->count(); ++i)
        if (tabs->tabText(i).remove('&') == title)
            tabs->setCurrentIndex(i);
    test::settle(window);
}

} // namespace

class OutliersPageTest : public QObject {
    Q_OBJECT

    test::TemporaryFolder m_settings;

private slots:
    void init() { QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, fromPath(m_settings.path())); }

    void tablesFollowTheMeasure()
    {
        const auto statistics = test::syntheticStatistics();
        MainWindow window;
        window.show();
        window.workspace().setStatistics(statistics, makePlan(*statistics, {}));
        window.showPage("outliers");
        const SiteId site{2, Site::MlpOut};
        window.workspace().selection().setSite(site);
        auto* measure = named<QComboBox>(window, "Measure of a channel's strength");
        auto* table = named<QTableView>(window, "Strongest original channels");
        auto* rotated = named<QTableView>(window, "Strongest rotated dimensions");
        const SiteStatistics& values = statistics->site(site);
        const auto top = topOutliers(values, 8);
        QCOMPARE(table->model()->rowCount(), 8);
        QCOMPARE(table->model()->index(0, 1).data().toInt(), top[0].channel);
        QCOMPARE(table->model()->index(0, 2).data(kRawValueRole).toDouble(),
                 std::sqrt(values.channelEnergy[std::size_t(top[0].channel)]));
        QCOMPARE(rotated->model()->index(0, 2).data(kRawValueRole).toDouble(), std::sqrt(values.eigenvalues[0]));

        measure->setCurrentIndex(measure->findText("max |x|"));
        QCOMPARE(table->model()->index(0, 3).data(kRawValueRole).toDouble(),
                 *std::ranges::max_element(values.channelMax));
        QCOMPARE(rotated->model()->rowCount(), 0); // statistics do not hold rotated maxima
        measure->setCurrentIndex(measure->findText("Kurtosis"));
        QCOMPARE(table->model()->rowCount(), 0); // nor do these their kurtosis
        test::settle(window);
        const auto* plot = shown<OutlierPlot>(window);
        int messages = 0;
        for (int i = 0; i < plot->canvas().itemCount(); ++i)
            if (const auto* text = qobject_cast<QCPItemText*>(plot->canvas().item(i)); text && text->visible())
                messages += !text->text().isEmpty();
        QCOMPARE(messages, 2);

        // The tokens that were read know all measures of both spaces.
        window.workspace().setActivations(madeUpMaps(site, 4, 256));
        auto* tokens = named<QComboBox>(window, "Tokens that are measured");
        tokens->setCurrentIndex(1);
        QCOMPARE(rotated->model()->rowCount(), 8);
        QCOMPARE(table->model()->index(0, 1).data().toInt(), 1); // the largest kurtosis that is a number
        QCOMPARE(rotated->model()->index(0, 4).data(kRawValueRole).toDouble(), 255.0);
        window.workspace().selection().setLayer(3); // of which no tokens were read
        QCOMPARE(rotated->model()->rowCount(), 0);
    }

    void oneChannelIsMarkedInAllPlots()
    {
        const auto statistics = test::syntheticStatistics();
        MainWindow window;
        window.resize(1400, 900);
        window.show();
        window.workspace().setStatistics(statistics, makePlan(*statistics, {}));
        window.showPage("outliers");
        Selection& selection = window.workspace().selection();
        window.workspace().setActivations(madeUpMaps(selection.site(), 5, 128));
        pressTab(window, "Token by token");
        QCOMPARE(window.workspace().activations()->tokens.size(), std::size_t(5));
        auto* map = shown<TokenMapPlot>(window);
        map->setMaps(window.workspace().activations()); // as with a model open
        test::settle(window);
        const auto rects = map->canvas().axisRects();
        const auto* rect = *std::ranges::min_element(rects, {}, [](const QCPAxisRect* each) { return each->left(); });
        const QPoint place(int(std::lround(rect->axis(QCPAxis::atBottom)->coordToPixel(70))),
                           int(std::lround(rect->axis(QCPAxis::atLeft)->coordToPixel(3))));
        QTest::mouseMove(&map->canvas(), place);
        QCOMPARE(selection.pointed().token, 3);
        const int channel = selection.pointed().channel;
        QVERIFY(std::abs(channel - 70) <= 1);
        QTest::mouseClick(&map->canvas(), Qt::LeftButton, {}, place);
        QCOMPARE(selection.channel(), channel);
        const QString expected =
            QString("channel %1: %2").arg(channel).arg(text::number(float(3 + channel / 100.0), 4));
        bool isSaid = false;
        for (int i = 0; i < map->canvas().itemCount(); ++i)
            if (const auto* text = qobject_cast<QCPItemText*>(map->canvas().item(i)); text && text->visible())
                isSaid = isSaid || (text->text().contains(expected) && text->text().contains("“w3”"));
        QVERIFY(isSaid);
    }

    void mapsOfAnythingAreDrawn()
    {
        TokenMapPlot plot;
        plot.resize(800, 400);
        plot.drawNow();
        QVERIFY(qobject_cast<QCPTextElement*>(plot.canvas().plotLayout()->element(0, 0)));
        for (const auto& [tokens, channels] : {std::pair{0, 0}, {1, 1}, {3, 1}, {1, 5}, {128, 10000}}) {
            auto maps = madeUpMaps({0, Site::AttnIn}, tokens, channels);
            for (const bool strange : {false, true}) {
                if (strange) {
                    std::ranges::fill(maps->sample.values, std::numeric_limits<float>::quiet_NaN());
                    std::ranges::fill(maps->rotated, 0.0f);
                }
                plot.setMaps(maps);
                plot.setLogarithmic(strange);
                plot.drawNow();
                QVERIFY(!plot.canvas().toPixmap(400, 300).isNull());
                QCOMPARE(int(plot.table().rows.size()), tokens);
            }
        }
        // A wide site keeps its largest values, however few pixels there are.
        const std::vector<float> row{0, -9, 1, 2, 0, 0, 3, NAN};
        QCOMPARE(largestMagnitudes(row.data(), 8, 4), (std::vector<double>{9, 2, 0, 3}));
        auto bare = madeUpMaps({0, Site::AttnIn}, 2, 3);
        bare->rotated.clear();
        bare->whyNotRotated = "there is no rotation";
        plot.setMaps(bare);
        plot.drawNow();
        QCOMPARE(int(plot.canvas().axisRectCount()), 1);
    }

    void weightsOfAnythingAreDrawn()
    {
        WeightHistogram histogram;
        WeightRangePlot groups;
        for (const Basis basis : {Basis::Original, Basis::Pca})
            for (const bool equal : {false, true}) {
                auto ranges = madeUpRanges({0, LinearRole::Q}, basis);
                if (equal)
                    for (WeightDistribution* each : {&ranges->original, &ranges->turned, &ranges->stored}) {
                        each->histogram = {0, 0, 0};
                        each->kurtosis = kNaN;
                        each->groups = {{}};
                        ranges->lower = ranges->upper = 0;
                    }
                histogram.setRanges(ranges);
                groups.setRanges(ranges);
                histogram.drawNow();
                groups.drawNow();
                QVERIFY(!histogram.canvas().toPixmap(400, 300).isNull());
                QVERIFY(!groups.canvas().toPixmap(400, 300).isNull());
                QCOMPARE(histogram.table().rows.size(), ranges->original.histogram.size());
                QCOMPARE(groups.table().rows.size(), 3 * ranges->original.groups.size());
            }
        histogram.setRanges(nullptr, "why");
        histogram.drawNow();
        QVERIFY(qobject_cast<QCPTextElement*>(histogram.canvas().plotLayout()->element(0, 0)));
    }

    void aMillionChannelsAreDrawn()
    {
        OutlierPlot plot;
        std::vector<double> values(1'000'000, 1.0);
        values[777] = 50;
        for (const bool logarithmic : {false, true}) {
            plot.setLogarithmic(logarithmic);
            plot.setSeries({{.original = values, .rotated = values}}, "x", "x", 8);
            plot.drawNow();
            QVERIFY(!plot.canvas().toPixmap(400, 300).isNull());
        }
    }

    void tokensAndWeightsOfARealModel()
    {
        const test::TemporaryFolder folder;
        const auto model = test::writeTinyModel(folder / "tiny");
        const auto text = folder.write("text.txt", test::tinyText(20000));
        MainWindow window;
        window.resize(1400, 900);
        window.show();
        QSignalSpy failed(&window.tasks(), &StudioTasks::failed);
        Workspace& workspace = window.workspace();
        window.tasks().openPath(fromPath(model));
        window.tasks().openPath(fromPath(text));
        AWAIT_VERIFY(workspace.session() || !failed.isEmpty());
        AnalyzeOptions analyze;
        analyze.text = {.file = text, .context = 64, .windows = 8};
        analyze.out = folder / "tiny.stats";
        window.tasks().analyze(analyze);
        AWAIT_VERIFY(workspace.statistics() || !failed.isEmpty());
        QVERIFY(failed.isEmpty());

        window.showPage("outliers");
        auto* measure = named<QComboBox>(window, "Measure of a channel's strength");
        measure->setCurrentIndex(measure->findText("Kurtosis"));
        auto* table = named<QTableView>(window, "Strongest original channels");
        AWAIT_COMPARE(table->model()->rowCount(), 8);
        const std::vector<double> kurtosis = channelKurtosis(analyze.out).front();
        QCOMPARE(table->model()->index(0, 4).data(kRawValueRole).toDouble(), *std::ranges::max_element(kurtosis));
        pressTab(window, "Token by token");
        QTest::mouseClick(button(window, "Read tokens"), Qt::LeftButton);
        AWAIT_VERIFY(workspace.activations() || !failed.isEmpty());
        QVERIFY2(failed.isEmpty(), failed.isEmpty() ? "" : qPrintable(failed.back()[1].toString()));
        const auto fresh = ModelSession::open(model.string());
        const ActivationMaps expected =
            fresh->activationMaps({0, Site::AttnIn}, {text, 128, 0}, 0, analyze.out, {});
        QCOMPARE(workspace.activations()->sample.ids, expected.sample.ids);
        QCOMPARE(workspace.activations()->sample.values, expected.sample.values);
        QCOMPARE(workspace.activations()->rotatedMeasures.largest, expected.rotatedMeasures.largest);
        workspace.selection().setLayer(1); // is read as well
        AWAIT_COMPARE(workspace.activations()->sample.site.layer, 1);

        window.showPage("weights");
        QTest::mouseClick(button(window, "Measure"), Qt::LeftButton);
        AWAIT_VERIFY(workspace.weightRanges() || !failed.isEmpty());
        QVERIFY2(failed.isEmpty(), failed.isEmpty() ? "" : qPrintable(failed.back()[1].toString()));
        const WeightRanges weights = fresh->weightRanges(analyze.out, workspace.plan().plan(), {1, LinearRole::Q}, {});
        QCOMPARE(workspace.weightRanges()->outputError, weights.outputError);
        QCOMPARE(workspace.weightRanges()->stored.histogram, weights.stored.histogram);
        // Superseded and stopped jobs leave what was there.
        const auto before = workspace.weightRanges();
        window.tasks().measureWeights({1, LinearRole::K});
        workspace.jobs().cancelAll();
        AWAIT_VERIFY(!workspace.jobs().isBusy());
        QCOMPARE(workspace.weightRanges() == before ||
                     workspace.weightRanges()->plan.id == (LinearId{1, LinearRole::K}),
                 true);
        QVERIFY(failed.isEmpty());
    }

    void theTablesHoldTogether()
    {
        OutlierTable table(nullptr, "Dimension");
        const QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::Fatal);
        const auto maps = madeUpMaps({0, Site::AttnIn}, 2, 6);
        table.setOutliers(topOutliers(maps->measures, ChannelMeasure::Largest, 4));
        QCOMPARE(table.rowCount(), 4);
        QCOMPARE(table.index(0, 1).data().toInt(), 5);
        table.setOutliers(topOutliers(ChannelMeasures{}, ChannelMeasure::Kurtosis, 4));
        QCOMPARE(table.rowCount(), 0);
    }
};

EIGENQUANT_UI_TEST(tst_outliers_page, OutliersPageTest)
#include "tst_outliers_page.moc"
