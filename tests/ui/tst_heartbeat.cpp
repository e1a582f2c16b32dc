// SPDX-License-Identifier: GPL-3.0-or-later
// The window answers while it works: during analysis and quantization, while a layer is measured again and again,
// and under a storm of slider moves on a plan of 80 layers.
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"
#include "tests/ui/files.h"
#include "tests/ui/heartbeat.h"
#include "tests/ui/patience.h"
#include "tests/ui/synthetic_statistics.h"
#include "tests/ui/ui_test.h"
#include "ui/pages/effect_panel.h"
#include "ui/shell/main_window.h"
#include "ui/state/prepared_plan.h"
#include "ui/widgets/target_slider.h"

#include <QCheckBox>
#include <QElapsedTimer>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>

#include <numeric>

using namespace eigenquant;
using test::fromPath;
using test::Heartbeat;

namespace {

void report(const char* what, const Heartbeat& heartbeat)
{
    qInfo("%s: at most %.1f ms of work in one turn, %lld ms on the wall, %d beats", what,
          heartbeat.longestWorkMs(), static_cast<long long>(heartbeat.longestWallMs()), heartbeat.beats());
    QVERIFY2(heartbeat.beats() > 0, what);
    QVERIFY2(heartbeat.longestWorkMs() < Heartbeat::kLongestWorkMs, what);
    QVERIFY2(heartbeat.longestWallMs() < Heartbeat::kLongestWallMs, what);
}

} // namespace

class HeartbeatTest : public QObject {
    Q_OBJECT

    test::TemporaryFolder m_folder;

private slots:
    void init() { QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, fromPath(m_folder.path())); }

    void analysisQuantizationAndMeasuring()
    {
        const auto model = test::writeTinyModel(m_folder / "tiny", {.layers = 6});
        const auto text = m_folder.write("text.txt", test::tinyText(40000));
        MainWindow window;
        window.show();
        QStringList failures;
        disconnect(&window.tasks(), &StudioTasks::failed, nullptr, nullptr);
        connect(&window.tasks(), &StudioTasks::failed, this,
                [&](const QString&, const QString& message) { failures << message; });
        Workspace& workspace = window.workspace();
        window.tasks().openPath(fromPath(model));
        window.tasks().openPath(fromPath(text));
        AWAIT_VERIFY(workspace.session() || !failures.isEmpty());
        window.showPage("budgets");
        test::settle(window); // the first drawing of a page is not what is looked at
        {
            const Heartbeat heartbeat;
            window.tasks().analyze(
                {.text = {.file = text, .context = 64, .windows = 64}, .out = m_folder / "tiny.stats"});
            AWAIT_VERIFY(workspace.statistics() || !failures.isEmpty());
            QCOMPARE(failures, QStringList());
            report("analysis", heartbeat);
        }
        PlanOptions options = PlanOptions::of(Method::Gptq);
        options.groupSize = 16;
        workspace.plan().applyOptions(options, {});
        {
            const Heartbeat heartbeat;
            QuantizeOptions quantize;
            quantize.out = m_folder / "packed";
            window.tasks().quantize(quantize);
            AWAIT_VERIFY(workspace.results().quantized || !failures.isEmpty());
            QCOMPARE(failures, QStringList());
            report("quantization", heartbeat);
        }
        followThePlan(window);
    }

    void editsOfSeventyBillionWeights()
    {
        // The shape of LLaMA-2-70B.
        const std::shared_ptr<const ModelStatistics> statistics = test::syntheticStatistics(
            {.layers = 80, .hidden = 8192, .intermediate = 28672, .kvChannels = 1024, .groupSizes = {64, 128}});
        const PreparedPlan plan = prepared(makePlan(*statistics, PlanOptions::of(Method::Rosaq)), statistics, {});
        MainWindow window;
        window.resize(1400, 900);
        window.show();
        window.workspace().setStatistics(statistics, plan);
        for (const char* page : {"overview", "spectra", "outliers", "budgets"}) {
            window.showPage(QString::fromLatin1(page));
            test::settle(window);
            const std::size_t passes = plan.predictor->passes();
            const Heartbeat heartbeat;
            editTheWholeModel(window, page);
            QCOMPARE(plan.predictor->passes(), passes); // no edit goes through all channels again
            report(page, heartbeat);
        }
        {
            const Heartbeat heartbeat;
            window.tasks().replan(PlanOptions::of(Method::Salient), {}); // a job, in which all is worked out anew
            AWAIT_COMPARE(window.workspace().plan().summary(0).method, Method::Salient);
            report("planning anew", heartbeat);
        }
        dragTheWholeModel(window);
    }

    void aStormOfTheWholeModelSlider()
    {
        const auto statistics =
            test::syntheticStatistics({.layers = 80, .hidden = 512, .intermediate = 1024, .kvChannels = 128});
        MainWindow window;
        window.resize(1400, 900);
        window.show();
        window.workspace().setStatistics(statistics, makePlan(*statistics, PlanOptions::of(Method::Salient)));
        window.showPage("budgets");
        test::settle(window);
        PlanDocument& plan = window.workspace().plan();
        auto* slider = window.findChild<TargetSlider*>()->findChild<QSlider*>();
        const Heartbeat heartbeat;
        slider->setSliderDown(true);
        int changes = 0;
        connect(&plan, &PlanDocument::totalsChanged, this, [&] { ++changes; });
        for (int step = 0; step < 300; ++step) {
            slider->setSliderPosition(600 - step);
            QCoreApplication::processEvents();
        }
        AWAIT_VERIFY(changes > 0); // what can be spread was worked out meanwhile
        for (int step = 0; step < 300; ++step) {
            slider->setSliderPosition(300 + step);
            QTest::qWait(2);
        }
        slider->setSliderDown(false);
        AWAIT_VERIFY(plan.totals().effectiveBits > 5.9);
        QVERIFY(plan.totals().effectiveBits <= 5.99 + 1e-9);
        QVERIFY2(changes > 20, qPrintable(QString::number(changes)));
        QCOMPARE(plan.undoStack().count(), 1);
        qInfo("%d plans were shown", changes);
        report("the slider for the whole model", heartbeat);
    }

private:
    /// The slider of the whole model at any size: what it can spread is worked out in a job, each move is met at once.
    void dragTheWholeModel(MainWindow& window)
    {
        PlanDocument& plan = window.workspace().plan();
        BitSpreader& spreader = window.tasks().bitSpreader();
        QElapsedTimer clock;
        clock.start();
        const Heartbeat heartbeat;
        spreader.request(4.2);
        AWAIT_VERIFY(plan.totals().effectiveBits <= 4.2 && plan.totals().effectiveBits > 4.15);
        qInfo("the first of the slider's wishes was met after %lld ms", static_cast<long long>(clock.elapsed()));
        double longest = 0;
        for (const double target : {4.1, 3.3, 5.0, 6.2, 4.2}) {
            const double before = Heartbeat::threadSeconds();
            spreader.request(target);
            QCoreApplication::processEvents();
            longest = std::max(longest, (Heartbeat::threadSeconds() - before) * 1000);
            QVERIFY(!spreader.isPreparing());
            QVERIFY(plan.totals().effectiveBits <= target && plan.totals().effectiveBits > target - 0.05);
        }
        qInfo("a move of the slider is shown after at most %.1f ms of work", longest);
        spreader.finishDrag();
        report("the slider at this size", heartbeat);
    }

    /// Changes K, bits and locks of all sites, and takes them back; tells the longest time until the window shows it.
    void editTheWholeModel(MainWindow& window, const char* page)
    {
        PlanDocument& plan = window.workspace().plan();
        std::vector<int> rows(std::size_t(plan.rowCount()));
        std::iota(rows.begin(), rows.end(), 0);
        double longest = 0;
        const auto timed = [&](const auto& edit) {
            const double before = Heartbeat::threadSeconds();
            edit();
            QCoreApplication::processEvents(); // and all that was asked to be painted
            longest = std::max(longest, (Heartbeat::threadSeconds() - before) * 1000);
        };
        for (const int salient : {128, 136, 1000, 4096, 77})
            timed([&] { plan.setSalient(rows, {double(salient), false}); });
        for (const double bits : {2.0, 3.0, 8.0, 4.0})
            timed([&] { plan.setBits(rows, bits); });
        for (const int groupSize : {64, 128})
            timed([&] { plan.setGroupSize(rows, groupSize); });
        timed([&] { plan.setSalient({5}, {1.0 / 16, true}); });
        timed([&] { plan.setLocked(rows, true); });
        timed([&] { plan.setLocked(rows, false); });
        timed([&] { plan.undoStack().undo(); });
        timed([&] { plan.undoStack().redo(); });
        qInfo("%s: an edit of the whole model is shown after at most %.1f ms of work", page, longest);
    }

    /// Edits one layer as a drag does while it is measured: old measurements are dropped, the last one counts.
    void followThePlan(MainWindow& window)
    {
        Workspace& workspace = window.workspace();
        auto* live = window.findChild<EffectPanel*>()->findChild<QCheckBox*>();
        QVERIFY(live->isEnabled());
        QSignalSpy measured(&window.tasks(), &StudioTasks::effectMeasured);
        workspace.selection().setSite({2, Site::MlpIn});
        const Heartbeat heartbeat;
        live->setChecked(true);
        const int row = workspace.plan().rowOf({2, Site::MlpIn});
        for (const double bits : {8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0}) {
            workspace.plan().setBits({row}, bits);
            window.tasks().measureEffect(2); // even without a pause for thought
            QTest::qWait(15);
        }
        AWAIT_VERIFY(!measured.isEmpty() && !workspace.jobs().isBusy());
        report("measuring a layer", heartbeat);
        const auto session = ModelSession::open(workspace.modelPath().toStdString(), workspace.compute());
        const LayerEffect expected =
            session->effect(workspace.statistics()->path, workspace.plan().plan(), 2,
                            {.file = workspace.checkText().toStdString(), .context = 256, .windows = 2}, {});
        // The last change is measured after a moment's pause.
        AWAIT_COMPARE(measured.back()[0].value<LayerEffect>().kl, expected.kl);
        const auto shown = measured.back()[0].value<LayerEffect>();
        QCOMPARE(shown.outputError, expected.outputError);
        QCOMPARE(shown.perplexity.perplexity, expected.perplexity.perplexity);
        const auto tiles = window.findChild<EffectPanel*>()->findChildren<FactTile*>();
        QVERIFY(std::ranges::any_of(tiles, [&](const FactTile* tile) {
            return tile->value().endsWith(QString::number(expected.kl, 'g', 3));
        }));
    }
};

EIGENQUANT_UI_TEST(tst_heartbeat, HeartbeatTest)
#include "tst_heartbeat.moc"
