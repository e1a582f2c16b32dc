// SPDX-License-Identifier: GPL-3.0-or-later
// The whole way through the window on a tiny model: open, analyse, edit, quantize, check, export.
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"
#include "ui/shell/main_window.h"

#include <QSettings>
#include <QSignalSpy>
#include <QTest>

using namespace eigenquant;

namespace {

constexpr int kPatienceMs = 120000;

QString fromPath(const std::filesystem::path& path)
{
    return QString::fromStdU16String(path.u16string());
}

} // namespace

class EndToEndTest : public QObject {
    Q_OBJECT

private slots:
    void wholeWay()
    {
        const test::TemporaryFolder folder;
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, fromPath(folder.path()));
        const auto model = test::writeTinyModel(folder / "tiny");
        const auto text = folder.write("text.txt", test::tinyText(20000));
        MainWindow window;
        window.show();
        QSignalSpy failed(&window.tasks(), &StudioTasks::failed);
        const auto noFailure = [&] { return failed.isEmpty() ? QByteArray() : failed.back()[1].toByteArray(); };
        Workspace& workspace = window.workspace();

        window.tasks().openPath(fromPath(model));
        window.tasks().openPath(fromPath(text));
        QTRY_VERIFY_WITH_TIMEOUT(workspace.session() || !failed.isEmpty(), kPatienceMs);
        QVERIFY2(failed.isEmpty(), noFailure());
        QCOMPARE(workspace.calibrationText(), fromPath(text));

        AnalyzeOptions analyze;
        analyze.text = {.file = text, .context = 64, .windows = 8};
        analyze.out = folder / "tiny.stats";
        window.tasks().analyze(analyze);
        QTRY_VERIFY_WITH_TIMEOUT(workspace.statistics() || !failed.isEmpty(), kPatienceMs);
        QVERIFY2(failed.isEmpty(), noFailure());
        QVERIFY(workspace.statisticsMatchModel());
        PlanDocument& plan = workspace.plan();
        QCOMPARE(plan.rowCount(), 8);

        PlanOptions options = plan.plan().options;
        options.groupSize = workspace.statistics()->groupSizes.front();
        plan.applyOptions(options, {});
        plan.setBits({0}, 3);
        QCOMPARE(plan.summary(0).bits, 3.0);
        QVERIFY(window.tasks().savePlanFile(fromPath(folder / "plan.json")));
        QVERIFY(plan.undoStack().isClean());

        QuantizeOptions quantize;
        quantize.out = folder / "packed";
        window.tasks().quantize(quantize);
        QTRY_VERIFY_WITH_TIMEOUT(workspace.results().quantized || !failed.isEmpty(), kPatienceMs);
        QVERIFY2(failed.isEmpty(), noFailure());
        const QuantizeResult& quantized = *workspace.results().quantized;
        QCOMPARE(quantized.linears.size(), plan.plan().linears.size());
        QVERIFY(std::abs(quantized.effectiveBits - plan.totals().effectiveBits) < 1e-6);

        window.showPage("check");
        window.tasks().setHelperProgram(EIGENQUANT_PROGRAM);
        QSignalSpy checked(&window.tasks(), &StudioTasks::checkEnded);
        CheckOptions check{.text = {.file = text, .context = 64, .windows = 4}, .batches = {1, 3}, .generate = 4};
        window.tasks().check(check, false);
        QTRY_COMPARE_WITH_TIMEOUT(checked.size(), 1, kPatienceMs);
        QCOMPARE(checked[0][0].toString(), QString());
        QVERIFY(workspace.results().floatPerplexity);
        QVERIFY(workspace.results().floatPerplexity->perplexity > 1);
        QCOMPARE(workspace.results().quantizedPerplexity->windows, 4);
        const LatencyResult& latency = *workspace.results().latency;
        QCOMPARE(latency.device, "cpu");
        QCOMPARE(latency.generate, 4);
        QCOMPARE(latency.rows.size(), std::size_t(2));
        QCOMPARE(latency.rows[1].batch, 3);
        QVERIFY(latency.rows[1].msPerStep > 0 && latency.rows[1].baselineMsPerStep > 0);

        ExportOptions exportOptions;
        exportOptions.out = folder / "exported";
        window.tasks().exportQuantized(exportOptions);
        QTRY_VERIFY_WITH_TIMEOUT(workspace.results().exported || !failed.isEmpty(), kPatienceMs);
        QVERIFY2(failed.isEmpty(), noFailure());
        QVERIFY(!workspace.results().exported->loadsIn.empty());
        QVERIFY(std::filesystem::exists(folder / "exported"));

        // Statistics and plan can be opened again in a window without the model.
        MainWindow second;
        second.tasks().openPath(fromPath(folder / "tiny.stats"));
        QTRY_VERIFY_WITH_TIMEOUT(second.workspace().statistics(), kPatienceMs);
        second.tasks().openPath(fromPath(folder / "plan.json"));
        QTRY_COMPARE_WITH_TIMEOUT(second.workspace().plan().summary(0).bits, 3.0, kPatienceMs);
        QVERIFY(!second.workspace().session());
    }

    void whatCannotBeOpenedIsSaid()
    {
        const test::TemporaryFolder folder;
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, fromPath(folder.path()));
        const auto broken = folder.write("broken.gguf", "this is no model");
        MainWindow window;
        QSignalSpy failed(&window.tasks(), &StudioTasks::failed);
        window.tasks().openPath(fromPath(broken));
        QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, kPatienceMs);
        QVERIFY(failed[0][1].toString().contains("broken.gguf"));
        QVERIFY(!window.workspace().session());
        window.tasks().openPath(fromPath(folder / "broken.stats"));
        QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 2, kPatienceMs);
    }
};

QTEST_MAIN(EndToEndTest)
#include "tst_end_to_end.moc"
