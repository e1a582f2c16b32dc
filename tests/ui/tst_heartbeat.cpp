// SPDX-License-Identifier: GPL-3.0-or-later
// The window answers while it works: during analysis and quantization, while a layer is measured again and again,
// and under a storm of slider moves on a plan of 80 layers.
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"
#include "tests/ui/heartbeat.h"
#include "tests/ui/patience.h"
#include "tests/ui/synthetic_statistics.h"
#include "ui/pages/effect_panel.h"
#include "ui/shell/main_window.h"
#include "ui/widgets/target_slider.h"

#include <QCheckBox>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QTest>

using namespace eigenquant;
using test::Heartbeat;

namespace {

QString fromPath(const std::filesystem::path& path)
{
    return QString::fromStdU16String(path.u16string());
}

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

QTEST_MAIN(HeartbeatTest)
#include "tst_heartbeat.moc"
