// SPDX-License-Identifier: GPL-3.0-or-later
// The runs page, on comparisons that are made up and with a script in the place of eigenquant.
#include "core/session/session.h"
#include "tests/ui/patience.h"
#include "tests/ui/synthetic_statistics.h"
#include "tests/ui/ui_test.h"
#include "ui/models/runs_table.h"
#include "ui/pages/runs_page.h"
#include "ui/plots/pareto_plot.h"
#include "ui/plots/run_latency_plot.h"
#include "ui/shell/main_window.h"
#include "ui/state/run_report.h"
#include "ui/widgets/compare_dialog.h"

#include <QAbstractItemModelTester>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

using namespace eigenquant;
using Mode = QAbstractItemModelTester::FailureReportingMode;

namespace {

ComparisonRow runRow(const char* name, const char* method, double bits, double perplexity)
{
    ComparisonRow row;
    row.name = name;
    row.method = method;
    row.bits = row.effectiveBits = bits;
    row.rotationBits = 0;
    row.perplexity = perplexity;
    row.standardError = 0.1;
    row.kl = perplexity / 100;
    row.sameTop = 0.9;
    row.bytes = std::uint64_t(bits * 1e6);
    row.key = std::string("key of ") + name;
    return row;
}

QByteArray settingsOf(const PlanOptions& options)
{
    const auto plan = QJsonDocument::fromJson(QByteArray::fromStdString(planToJson(Plan{.options = options})));
    return QJsonDocument(plan.object().value("options").toObject()).toJson(QJsonDocument::Compact);
}

} // namespace

class RunsTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::shared_ptr<ModelStatistics> m_statistics = test::syntheticStatistics();

    QString write(const QString& name, const QByteArray& bytes)
    {
        const QString path = m_folder.filePath(name);
        QDir().mkpath(QFileInfo(path).absolutePath());
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("a file of the test cannot be written");
        return path;
    }

    /// A comparison of the float model, two that are on the front and one that is behind it.
    QString report(const QString& name, double worse = 0)
    {
        PlanOptions options = PlanOptions::of(Method::Salient);
        options.bits = 3;
        std::vector<ComparisonRow> rows{runRow("float", "float", 16, 10), runRow("rtn 4", "rtn", 4.5, 12 + worse),
                                        runRow("salient 3", "salient", 3.5, 13 + worse),
                                        runRow("rtn 3", "rtn", 3.6, 20 + worse)};
        rows[2].settings = settingsOf(options).toStdString();
        for (std::size_t i = 0; i < rows.size(); ++i)
            write(QStringLiteral("%1/rows/00%2-row.json").arg(name).arg(i),
                  QByteArray::fromStdString(comparisonRowToJson(rows[i])));
        return m_folder.filePath(name);
    }

    void writeSummary(const QString& folder, const std::string& fingerprint)
    {
        write(folder + "/compare.json",
              QByteArray::fromStdString(
                  R"({"model":{"name":"Tiny"},"calibration":{"text":"c.txt","fingerprint":")" + fingerprint +
                  R"("},"evaluation":{"text":"e.txt","tokens":1234,"context":64,"windows":4},)"
                  R"("device":"cpu","dtype":"f32"})"));
    }

    /// An open window at the runs page whose failures come to `failures`, not to a dialog.
    void prepare(MainWindow& window, QStringList& failures)
    {
        disconnect(&window.tasks(), &StudioTasks::failed, nullptr, nullptr);
        connect(&window.tasks(), &StudioTasks::failed, this,
                [&failures](const QString&, const QString& message) { failures << message; });
        window.resize(1400, 900);
        window.show();
        window.showPage("runs");
    }

    static QPushButton& button(const MainWindow& window, const QString& text)
    {
        for (QPushButton* each : window.findChild<RunsPage*>()->findChildren<QPushButton*>())
            if (each->text().remove('&') == text)
                return *each;
        qFatal("there is no button %s", qPrintable(text));
    }

private slots:
    void init() { QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_folder.path()); }

    void aReportIsReadBack()
    {
        const RunReport read = loadRunReport(report("first"));
        QCOMPARE(read.name, "first");
        QCOMPARE(read.comparison.rows.size(), std::size_t(4));
        QCOMPARE(QString::fromStdString(read.comparison.rows[1].name), "rtn 4");
        QCOMPARE(read.comparison.rows[1].perplexity, 12.0);
        writeSummary("first", "abc");
        const RunReport whole = loadRunReport(m_folder.filePath("first"));
        QCOMPARE(whole.comparison.statsFingerprint, std::string("abc"));
        QCOMPARE(whole.comparison.evaluation.tokensUsed, std::int64_t(1234));
        const auto entries = runEntries({whole});
        QList<bool> front;
        for (const RunEntry& entry : entries)
            front << entry.onFront;
        QCOMPARE(front, (QList<bool>{false, true, true, false}));
        QVERIFY(std::isnan(entries[1].difference));
    }

    void whatIsNoReportIsSaid()
    {
        MainWindow window;
        QStringList failures;
        prepare(window, failures);
        window.tasks().openComparison(m_folder.filePath("nowhere"));
        AWAIT_COMPARE(failures.size(), 1);
        QVERIFY2(failures[0].contains("not the folder of a comparison"), qPrintable(failures[0]));
        write("damaged/rows/000-a.json", "{\"name\": \"a\"");
        window.tasks().openComparison(m_folder.filePath("damaged"));
        AWAIT_COMPARE(failures.size(), 2);
        QVERIFY2(failures[1].contains("000-a.json"), qPrintable(failures[1]));
        write("half/rows/000-a.json", "{\"name\": \"a\", \"method\": \"rtn\"}");
        window.tasks().openComparison(m_folder.filePath("half"));
        AWAIT_COMPARE(failures.size(), 3);
        QVERIFY2(failures[2].contains("effective_bits"), qPrintable(failures[2]));
        QVERIFY(window.workspace().reports().empty());
    }

    void theTableKeepsTheContract()
    {
        RunsTable table;
        const QAbstractItemModelTester tester(&table, Mode::Fatal);
        QCOMPARE(table.rowCount(), 0);
        table.setEntries(runEntries({loadRunReport(report("first")), loadRunReport(report("second", 0.5))}));
        QCOMPARE(table.rowCount(), 8);
        QCOMPARE(table.columnCount(), int(RunsTable::ColumnCount));
        QCOMPARE(RunsTable::samples().size(), int(RunsTable::ColumnCount));
        QCOMPARE(table.index(1, RunsTable::PerplexityColumn).data().toString(), QStringLiteral("12.000 ± 0.100"));
        QCOMPARE(table.index(1, RunsTable::DifferenceColumn).data().toString(), QStringLiteral("–"));
        QCOMPARE(table.index(5, RunsTable::DifferenceColumn).data().toString(), "+0.500");
        table.setEntries({});
        QCOMPARE(table.rowCount(), 0);
    }

    void plotsTakeWhatAReportMayHold()
    {
        ParetoPlot plot;
        RunLatencyPlot latency;
        plot.resize(800, 500);
        latency.resize(800, 500);
        ComparisonRow broken = runRow("broken", "rtn", 2, NAN);
        ComparisonRow equal = runRow("equal", "rtn", 4, 12);
        ComparisonRow wild = runRow("wild", "gptq", 2, 1e9);
        const std::vector<std::vector<ComparisonRow>> cases{
            {}, {broken}, {equal}, {equal, equal}, {equal, wild, broken}, {runRow("float", "float", 16, 10)}};
        for (const auto& rows : cases) {
            RunReport report;
            report.comparison.rows = rows;
            plot.setEntries(runEntries({report}));
            latency.setEntries(runEntries({report}));
            for (int selected = -1; selected <= int(rows.size()); ++selected) {
                plot.setSelected(selected);
                plot.drawNow();
            }
            latency.drawNow();
            QCOMPARE(plot.table().rows.size(), rows.size());
        }
    }

    void aClickOnThePlotChoosesTheRowAndARowItsPlan()
    {
        MainWindow window;
        QStringList failures;
        prepare(window, failures);
        window.workspace().setStatistics(m_statistics, makePlan(*m_statistics, {}));
        window.tasks().openPath(report("clicked"));
        AWAIT_COMPARE(window.workspace().reports().size(), std::size_t(1));
        QCoreApplication::processEvents();
        auto* plot = window.findChild<ParetoPlot*>();
        plot->drawNow();
        plot->canvas().replot(QCustomPlot::rpImmediateRefresh);
        const auto* rect = plot->canvas().axisRect();
        const QPoint place(int(rect->axis(QCPAxis::atBottom)->coordToPixel(3.5)),
                           int(rect->axis(QCPAxis::atLeft)->coordToPixel(13)));
        QTest::mouseClick(&plot->canvas(), Qt::LeftButton, {}, place);
        auto* table = window.findChild<RunsPage*>()->findChild<QTableView*>();
        QCOMPARE(table->selectionModel()->selectedRows().size(), 1);
        QCOMPARE(table->selectionModel()->selectedRows()[0].row(), 2);
        PlanOptions options = PlanOptions::of(Method::Salient);
        options.bits = 3;
        button(window, "Plan into the budgets").click();
        AWAIT_COMPARE(window.workspace().plan().undoStack().count(), 1);
        QCOMPARE(planToJson(window.workspace().plan().plan()), planToJson(makePlan(*m_statistics, options)));
        QCOMPARE(failures, QStringList());
        window.workspace().plan().undoStack().undo();
        QCOMPARE(planToJson(window.workspace().plan().plan()), planToJson(makePlan(*m_statistics, {})));
        // A row without a plan, a row of other statistics, a row without a checkpoint.
        table->selectRow(0);
        QVERIFY(!button(window, "Plan into the budgets").isEnabled());
        writeSummary("clicked", "of something else");
        window.tasks().openComparison(m_folder.filePath("clicked"));
        AWAIT_VERIFY(!window.workspace().reports()[0].comparison.statsFingerprint.empty());
        window.tasks().reopenPlan(0, 2);
        AWAIT_COMPARE(failures.size(), 1);
        QVERIFY2(failures[0].contains("other statistics"), qPrintable(failures[0]));
        window.tasks().timeDecoding(0, 2);
        QCOMPARE(failures.size(), 2);
        QVERIFY2(failures[1].contains("keep the checkpoints"), qPrintable(failures[1]));
        table->selectRow(2);
        button(window, "Close report").click();
        QVERIFY(window.workspace().reports().empty());
        QCOMPARE(table->model()->rowCount(), 0);
    }

    void decodingIsTimedAndKeptInTheReport()
    {
        MainWindow window;
        QStringList failures;
        prepare(window, failures);
        const QString folder = report("timed");
        QDir().mkpath(folder + "/checkpoints/001-row");
        const QByteArray answer =
            R"({"device":"cpu","dtype":"f32","model":"m","rows":[{"batch":1,"asked_batch":1,)"
            R"("kv":"f16","ms_per_step":2.5,"tokens_per_second":400,"baseline_ms_per_step":5}]})";
        write("answer.json", answer);
        const QString helper = write("helper", "#!/bin/sh\necho \"$*\" > '" + m_folder.filePath("call").toUtf8() +
                                                   "'\ncat '" + m_folder.filePath("answer.json").toUtf8() + "'\n");
        QFile::setPermissions(helper, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        window.tasks().setHelperProgram(helper);
        window.tasks().openComparison(folder);
        AWAIT_COMPARE(window.workspace().reports().size(), std::size_t(1));
        window.tasks().timeDecoding(0, 1);
        QTRY_VERIFY_WITH_TIMEOUT(!window.workspace().reports()[0].latencies.empty() || !failures.isEmpty(), 20000);
        QCOMPARE(failures, QStringList());
        QFile call(m_folder.filePath("call"));
        QVERIFY(call.open(QIODevice::ReadOnly));
        QVERIFY(call.readAll().startsWith("bench " + (folder + "/checkpoints/001-row").toUtf8()));
        // It is there again when the report is opened anew.
        const auto entries = runEntries({loadRunReport(folder)});
        QVERIFY(entries[1].latency && entries[1].latency->msPerStep == 2.5);
        QVERIFY(!entries[2].latency);
        RunLatencyPlot plot;
        plot.setEntries(entries);
        QCOMPARE(plot.table().rows.size(), std::size_t(1));
        plot.resize(600, 400);
        plot.drawNow();
    }

    void theDialogAsksForWhatTheVerbTakes()
    {
        Workspace workspace;
        workspace.setStatistics(m_statistics, makePlan(*m_statistics, {}));
        workspace.setTexts({}, write("text.txt", "words"));
        const CompareDialog dialog(workspace);
        CompareRequest request = dialog.request();
        QCOMPARE(request.methods, (QStringList{"rosaq", "salient", "rtn"}));
        QCOMPARE(request.text, m_folder.filePath("text.txt"));
        request.folder = "/out";
        const QStringList words = compareArguments(request, "model", "a.stats", {}, "cpu");
        QCOMPARE(words.mid(0, 4), (QStringList{"compare", "model", "--stats", "a.stats"}));
        QCOMPARE(words[words.indexOf("--bits") + 1], "3,4");
        QCOMPARE(words[words.indexOf("--methods") + 1], "rosaq,salient,rtn");
        QVERIFY(words.contains("--keep") && words.contains("--json") && !words.contains("--text"));
        QVERIFY(compareArguments(request, "m", "s", "cal.txt", "cpu").contains("cal.txt"));
    }
};

EIGENQUANT_UI_TEST(tst_runs, RunsTest)
#include "tst_runs.moc"
