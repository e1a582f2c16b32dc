// SPDX-License-Identifier: GPL-3.0-or-later
// The whole way through the window on a tiny model: open, analyse, edit, quantize, check, export.
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"
#include "tests/ui/files.h"
#include "tests/ui/patience.h"
#include "tests/ui/ui_test.h"
#include "ui/jobs/process_job.h"
#include "ui/shell/main_window.h"
#include "ui/widgets/path_field.h"

#include <QAbstractButton>
#include <QClipboard>
#include <QGuiApplication>
#include <QSettings>
#include <QSignalSpy>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace eigenquant;
using test::fromPath;

class EndToEndTest : public QObject {
    Q_OBJECT

    /// The last visible button of this text, pressed.
    static void press(const MainWindow& window, const QString& text)
    {
        QAbstractButton* found = nullptr;
        for (auto* button : window.findChildren<QAbstractButton*>())
            if (button->isVisible() && button->text().remove('&') == text)
                found = button;
        QVERIFY2(found, qPrintable(text));
        QVERIFY2(found->isEnabled(), qPrintable(text));
        found->click();
    }

    static QList<PathField*> fields(const MainWindow& window)
    {
        QList<PathField*> fields = window.findChildren<PathField*>();
        fields.removeIf([](const PathField* field) { return !field->isVisible(); });
        return fields;
    }

    /// Goes where the outliers are worst and takes eight more into K there: its error falls. Returns the row.
    static int widenTheWorstSite(MainWindow& window)
    {
        PlanDocument& plan = window.workspace().plan();
        window.showPage("outliers");
        press(window, "Worst outliers");
        const SiteId worst = window.workspace().selection().site();
        for (const SiteStatistics& site : window.workspace().statistics()->sites) {
            const auto share = [&](const SiteStatistics& each) {
                return std::ranges::max(each.channelEnergy) /
                       std::accumulate(each.channelEnergy.begin(), each.channelEnergy.end(), 0.0);
            };
            if (share(site) > share(window.workspace().statistics()->site(worst)))
                qFatal("another site is worse");
        }
        const int row = plan.rowOf(worst);
        const SiteSummary before = plan.summary(row);
        plan.setSalient({row}, {before.salient + 8.0, false});
        if (plan.summary(row).salient != before.salient + 8 ||
            plan.summary(row).predictedError >= before.predictedError)
            qFatal("a larger K did not make the error fall");
        return row;
    }

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
        AWAIT_VERIFY(workspace.session() || !failed.isEmpty());
        QVERIFY2(failed.isEmpty(), noFailure());
        QCOMPARE(workspace.calibrationText(), fromPath(text));

        AnalyzeOptions analyze;
        analyze.text = {.file = text, .context = 64, .windows = 8};
        analyze.out = folder / "tiny.stats";
        window.tasks().analyze(analyze);
        AWAIT_VERIFY(workspace.statistics() || !failed.isEmpty());
        QVERIFY2(failed.isEmpty(), noFailure());
        QVERIFY(workspace.statisticsMatchModel());
        PlanDocument& plan = workspace.plan();
        QCOMPARE(plan.rowCount(), 8);

        PlanOptions options = plan.plan().options;
        options.groupSize = workspace.statistics()->groupSizes.front();
        plan.applyOptions(options, {});
        const int row = widenTheWorstSite(window);
        plan.setBits({(row + 1) % plan.rowCount()}, 3);
        QVERIFY(window.tasks().savePlanFile(fromPath(folder / "plan.json")));
        QVERIFY(plan.undoStack().isClean());

        window.showPage("quantize");
        fields(window)[0]->setPath(fromPath(folder / "packed"));
        press(window, "Quantize");
        AWAIT_VERIFY(workspace.results().quantized || !failed.isEmpty());
        QVERIFY2(failed.isEmpty(), noFailure());
        const QuantizeResult& quantized = *workspace.results().quantized;
        QCOMPARE(quantized.linears.size(), plan.plan().linears.size());
        QVERIFY(std::abs(quantized.effectiveBits - plan.totals().effectiveBits) < 1e-6);
        const QJsonObject printed = runProcess(
            {EIGENQUANT_PROGRAM,
             {"quantize", fromPath(model), "--stats", fromPath(folder / "tiny.stats"), "--plan",
              fromPath(folder / "plan.json"), "--out", fromPath(folder / "again"), "--device", "cpu", "--json"}},
            {});
        QCOMPARE(printed["effective_bits"].toDouble(), quantized.effectiveBits);
        QCOMPARE(printed["bytes"].toDouble(), double(quantized.bytes));
        for (std::size_t i = 0; i < quantized.linears.size(); ++i)
            QCOMPARE(printed["linears"][qsizetype(i)]["output_error"].toDouble(), quantized.linears[i].outputError);

        window.showPage("check");
        window.tasks().setHelperProgram(EIGENQUANT_PROGRAM);
        QSignalSpy checked(&window.tasks(), &StudioTasks::checkEnded);
        CheckOptions check{.text = {.file = text, .context = 64, .windows = 4}, .batches = {1, 3}, .generate = 4};
        window.tasks().check(check, false);
        AWAIT_COMPARE(checked.size(), 1);
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

        window.showPage("quantize");
        fields(window)[1]->setPath(fromPath(folder / "exported"));
        press(window, "Export");
        AWAIT_VERIFY(workspace.results().exported || !failed.isEmpty());
        QVERIFY2(failed.isEmpty(), noFailure());
        QVERIFY(!workspace.results().exported->loadsIn.empty());
        for (const std::string& file : workspace.results().exported->files)
            QVERIFY2(std::filesystem::exists(folder / "exported" / file), file.c_str());
        // The page says where it lies, and hands the path on.
        press(window, "Copy path");
        QCOMPARE(QGuiApplication::clipboard()->text(), fromPath(folder / "exported"));

        // Statistics and plan can be opened again in a window without the model.
        MainWindow second;
        second.tasks().openPath(fromPath(folder / "tiny.stats"));
        AWAIT_VERIFY(second.workspace().statistics());
        second.tasks().openPath(fromPath(folder / "plan.json"));
        AWAIT_COMPARE(planToJson(second.workspace().plan().plan()), planToJson(plan.plan()));
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
        AWAIT_COMPARE(failed.size(), 1);
        QVERIFY(failed[0][1].toString().contains("broken.gguf"));
        QVERIFY(!window.workspace().session());
        window.tasks().openPath(fromPath(folder / "broken.stats"));
        AWAIT_COMPARE(failed.size(), 2);
    }
};

EIGENQUANT_UI_TEST(tst_end_to_end, EndToEndTest)
#include "tst_end_to_end.moc"
