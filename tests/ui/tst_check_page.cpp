// SPDX-License-Identifier: GPL-3.0-or-later
// The check page, with a script in the place of eigenquant and numbers that are made up.
#include "tests/ui/made_up_latency.h"
#include "tests/ui/patience.h"
#include "tests/ui/synthetic_statistics.h"
#include "tests/ui/ui_test.h"
#include "ui/models/latency_table.h"
#include "ui/pages/check_page.h"
#include "ui/plots/latency_plot.h"
#include "ui/render/render.h"
#include "ui/shell/main_window.h"

#include <QAbstractItemModelTester>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace eigenquant;

namespace {

/// Two rows as `eigenquant bench --json` prints them, without a baseline and on a device of unknown peaks.
const char kBenchAnswer[] = R"({"device": "Made-up GPU", "dtype": "f16", "model": "m", "method": "rosaq",
 "effective_bits": 4.5, "prompt": 8, "generate": 256, "memory_bytes_per_second": null, "flops_per_second": null,
 "rows": [{"batch": 1, "asked_batch": 1, "kv": "int8", "ms_per_step": 2.5, "tokens_per_second": 400.0,
 "baseline_ms_per_step": null, "baseline_tokens_per_second": null, "speedup": null, "kernel": "simt 4x256",
 "gpu_bytes": 1073741824, "baseline_gpu_bytes": null, "roofline_ms": null, "roofline_share": null,
 "baseline_roofline_ms": null, "prompt_ms": 3.5, "rotation_share": 0.0, "linears": []}],
 "warnings": [], "seconds": 1.5})";

const char kPerplexityAnswer[] = R"({"perplexity": 12.5, "stderr": 0.25, "windows": 3, "tokens_scored": 6141,
 "tokens_total": 9000, "context": 2048, "seconds": 2.0, "tokens_per_second": 3000.0, "device": "cuda:0",
 "dtype": "f16", "kernels": "sm90 128x128", "text_hash": "abc"})";

} // namespace

class CheckPageTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    QString write(const QString& name, const QByteArray& bytes)
    {
        const QString path = m_folder.filePath(name);
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("a file of the test cannot be written");
        return path;
    }

    /// A program that notes its arguments in the file "calls" and answers each verb with a piece of shell.
    QString helper(const QByteArray& onProbe, const QByteArray& onPerplexity, const QByteArray& onBench)
    {
        write("bench.json", kBenchAnswer);
        write("perplexity.json", kPerplexityAnswer);
        QFile::remove(m_folder.filePath("calls"));
        const QString path = write("helper", "#!/bin/sh\ncd '" + m_folder.path().toUtf8() +
                                                 "'\necho \"$*\" >> calls\ncase \"$*\" in\n*--shape*) " + onProbe +
                                                 ";;\nperplexity*) " + onPerplexity + ";;\nbench*) " + onBench +
                                                 ";;\nesac\n");
        QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        return path;
    }

    QStringList calls() const
    {
        QFile file(m_folder.filePath("calls"));
        return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()).split('\n', Qt::SkipEmptyParts)
                                              : QStringList();
    }

    /// A window on statistics with a quantized checkpoint and a text, at the check page.
    void prepare(MainWindow& window, const QString& program)
    {
        window.tasks().setHelperProgram(program);
        const auto statistics = test::syntheticStatistics();
        window.workspace().setStatistics(statistics, makePlan(*statistics, {}));
        window.workspace().setTexts({}, write("text.txt", "some words"));
        WorkspaceResults results;
        results.quantized = QuantizeResult{.directory = "/checkpoints/made-up", .effectiveBits = 4.5, .bytes = 1 << 20};
        window.workspace().setResults(results);
        window.resize(1400, 900);
        window.show();
        window.showPage("check");
    }

    static CheckPage& pageOf(MainWindow& window) { return *window.findChild<CheckPage*>(); }

    static QPushButton& button(MainWindow& window, const QString& text)
    {
        const auto buttons = pageOf(window).findChildren<QPushButton*>();
        const auto found =
            std::ranges::find_if(buttons, [&](const auto* each) { return each->text().remove('&') == text; });
        if (found == buttons.end())
            qFatal("there is no button \"%s\"", qPrintable(text));
        return **found;
    }

    template <typename Widget>
    static Widget& named(MainWindow& window, const QString& name)
    {
        const auto widgets = pageOf(window).findChildren<Widget*>();
        const auto found =
            std::ranges::find_if(widgets, [&](const auto* each) { return each->accessibleName() == name; });
        if (found == widgets.end())
            qFatal("there is no \"%s\"", qPrintable(name));
        return **found;
    }

    static QString cell(const QAbstractItemModel& model, int row, int column)
    {
        return model.index(row, column).data().toString();
    }

private slots:
    void init() { QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_folder.path()); }

    void theTableHasTheNumbersOfTheResult()
    {
        LatencyTable table;
        const QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::Fatal);
        const LatencyResult latency = test::madeUpLatency();
        table.setRows(latency.rows);
        QCOMPARE(table.rowCount(), 3);
        QCOMPARE(table.columnCount(), int(LatencyTable::ColumnCount));
        for (int i = 0; i < table.rowCount(); ++i) {
            const LatencyRow& row = latency.rows[std::size_t(i)];
            const auto raw = [&](int column) { return table.index(i, column).data(kRawValueRole); };
            QCOMPARE(raw(LatencyTable::BatchColumn).toInt(), row.batch);
            QCOMPARE(raw(LatencyTable::StepColumn).toDouble(), row.msPerStep);
            QCOMPARE(raw(LatencyTable::RateColumn).toDouble(), row.tokensPerSecond);
            QCOMPARE(raw(LatencyTable::BaselineColumn).toDouble(), row.baselineMsPerStep);
            QCOMPARE(raw(LatencyTable::SpeedupColumn).toDouble(), row.speedup);
            QCOMPARE(raw(LatencyTable::RooflineColumn).toDouble(), row.rooflineShare);
            QCOMPARE(raw(LatencyTable::MemoryColumn).toULongLong(), row.gpuBytes);
            QCOMPARE(raw(LatencyTable::KernelColumn).toString().toStdString(), row.kernel);
        }
        QCOMPARE(cell(table, 0, LatencyTable::StepColumn), "1.875");
        QCOMPARE(cell(table, 0, LatencyTable::SpeedupColumn), "3.33×");
        QCOMPARE(cell(table, 1, LatencyTable::RateColumn), "7,529");
        QCOMPARE(cell(table, 2, LatencyTable::BatchColumn), "64 of 128");
        QCOMPARE(cell(table, 2, LatencyTable::MemoryColumn), "12.0 / 21.0 GiB");
        QCOMPARE(cell(table, 2, LatencyTable::RooflineColumn), "79 %");
        table.setRows({});
        QCOMPARE(table.rowCount(), 0);
    }

    void whatWasNotMeasuredIsADash()
    {
        LatencyTable table;
        const LatencyResult latency = latencyFromJson(QJsonDocument::fromJson(kBenchAnswer).object());
        QVERIFY(std::isnan(latency.rows[0].speedup));
        QCOMPARE(latency.rows[0].kv, KvPrecision::Int8);
        table.setRows(latency.rows);
        for (const int column :
             {LatencyTable::BaselineColumn, LatencyTable::SpeedupColumn, LatencyTable::RooflineColumn})
            QCOMPARE(cell(table, 0, column), "–");
        QCOMPARE(cell(table, 0, LatencyTable::MemoryColumn), "1.00 GiB");
    }

    void answersThatLackWhatWasPromisedAreRefused()
    {
        QVERIFY_THROWS_EXCEPTION(Error, latencyFromJson({}));
        QVERIFY_THROWS_EXCEPTION(Error, perplexityFromJson({}));
        QJsonObject answer = QJsonDocument::fromJson(kBenchAnswer).object();
        answer["rows"] = QJsonArray{QJsonObject{{"batch", 1}}};
        QVERIFY_THROWS_EXCEPTION(Error, latencyFromJson(answer));
    }

    void thePlotDrawsBarsRooflinesAndSpeedups()
    {
        LatencyPlot plot;
        plot.setLatency(test::madeUpLatency());
        for (const bool logarithmic : {false, true}) {
            plot.setLogarithmic(logarithmic);
            plot.drawNow();
            QCustomPlot& canvas = plot.canvas();
            QCOMPARE(canvas.plottableCount(), 3); // two kinds of bars and the rooflines
            QCOMPARE(canvas.itemCount(), 3);
            QCOMPARE(qobject_cast<QCPItemText*>(canvas.item(0))->text(), "3.33×");
            auto* own = qobject_cast<QCPBars*>(canvas.plottable(0));
            QCOMPARE(own->dataCount(), 3);
            QCOMPARE(own->baseValue() + own->data()->at(2)->value, 3.5); // where the bar ends
            QCOMPARE(own->valueAxis()->scaleType() == QCPAxis::stLogarithmic, logarithmic);
            QVERIFY(own->valueAxis()->range().upper > 8.4);
            QVERIFY(!plot.canvas().toPixmap(700, 400).isNull());
        }
        QCOMPARE(plot.table().rows.size(), std::size_t(3));
        QCOMPARE(plot.table().rows[1][1].toDouble(), 2.125);
        QCOMPARE(plot.table().headings.size(), plot.table().rows[0].size());
    }

    void thePlotTakesStrangeNumbers()
    {
        LatencyPlot plot;
        plot.drawNow();
        QVERIFY(qobject_cast<QCPTextElement*>(plot.canvas().plotLayout()->element(0, 0))); // says why it is empty
        LatencyResult latency = test::madeUpLatency();
        latency.method = "a method of tomorrow";
        for (const double value : {std::numeric_limits<double>::quiet_NaN(), 0.0, -1.0, 1e300}) {
            latency.rows[0].msPerStep = value;
            latency.rows[1].baselineMsPerStep = value;
            latency.rows[2].rooflineMs = value;
            latency.rows[2].speedup = value;
            for (const bool logarithmic : {false, true}) {
                plot.setLogarithmic(logarithmic);
                plot.setLatency(latency);
                plot.drawNow();
                QVERIFY(!plot.canvas().toPixmap(500, 300).isNull());
            }
        }
    }

    void latencyOfAProjectIsRendered()
    {
        const auto statistics = test::syntheticStatistics({.layers = 1});
        const RenderSource source{statistics, makePlan(*statistics, {}),
                                  loadLatency(write("latency.json", kBenchAnswer))};
        QCOMPARE(source.latency->rows.front().msPerStep, 2.5);
        const QStringList files = renderAll(source, m_folder.filePath("plots"));
        QVERIFY(files.contains("latency.png") && files.contains("latency.svg"));
        try {
            loadLatency(write("broken.json", "{\"rows\": 3"));
            QFAIL("a broken file was read");
        } catch (const Error& error) {
            QVERIFY2(QString(error.what()).contains("broken.json"), error.what());
        }
    }

    void aCheckOnTheGpuFillsThePage()
    {
        MainWindow window;
        prepare(window, helper("cat bench.json", "echo 'scoring: 1/3 windows (33 %)' >&2; cat perplexity.json",
                               "cat bench.json"));
        AWAIT_COMPARE(window.workspace().gpu().kind, GpuState::Kind::Usable);
        QCOMPARE(window.workspace().gpu().detail, "Made-up GPU");
        QVERIFY(named<QLabel>(window, "GPU").text().contains("Made-up GPU"));
        QVERIFY(button(window, "Check on the GPU").isEnabled());
        named<QLineEdit>(window, "Batch sizes").setText("1, 8");
        QSignalSpy ended(&window.tasks(), &StudioTasks::checkEnded);
        button(window, "Check on the GPU").click();
        QVERIFY(window.tasks().isChecking());
        QVERIFY(!button(window, "Check on the GPU").isEnabled());
        QVERIFY(button(window, "Cancel").isVisible());
        AWAIT_COMPARE(ended.size(), 1);
        QCOMPARE(ended[0][0].toString(), QString());
        QVERIFY(!button(window, "Cancel").isVisible());
        QVERIFY(button(window, "Check on the GPU").isEnabled());

        const QStringList made = calls();
        QCOMPARE(made.size(), 3); // looked for a GPU, perplexity, latency
        QVERIFY2(made[1].startsWith("perplexity /checkpoints/made-up --text") && made[1].contains("--context 2048") &&
                     made[1].contains("--windows 16") && made[1].contains("--device cuda"),
                 qPrintable(made[1]));
        QVERIFY2(made[2].startsWith("bench /checkpoints/made-up --batch 1,8 --prompt 8 --generate 256 --kv f16"),
                 qPrintable(made[2]));
        const auto& perplexities = *named<QTableView>(window, "Before and after").model();
        QCOMPARE(perplexities.rowCount(), 1); // no original model is open
        QCOMPARE(cell(perplexities, 0, 1), "12.500 ± 0.250");
        QVERIFY(named<QLabel>(window, "What computed the perplexity").text().endsWith("cuda:0, f16, sm90 128x128"));
        const auto& latencies = *named<QTableView>(window, "Latency by batch size").model();
        QCOMPARE(latencies.rowCount(), 1);
        QCOMPARE(cell(latencies, 0, LatencyTable::KernelColumn), "simt 4x256");
        QVERIFY(named<QLabel>(window, "Conditions of the measurement").text().contains("int8 keys and values"));
    }

    void withoutAGpuThePageSaysWhyAndOffersTheCpu()
    {
        MainWindow window;
        prepare(window, helper("echo '{\"error\": {\"code\": 5, \"message\": \"device: no GPU can be used: no NVIDIA "
                               "driver is installed; run with --device cpu\"}}'; exit 5",
                               "cat perplexity.json", "cat bench.json"));
        AWAIT_COMPARE(window.workspace().gpu().kind, GpuState::Kind::Missing);
        const QString said = named<QLabel>(window, "GPU").text();
        QVERIFY2(said.endsWith("no GPU can be used: no NVIDIA driver is installed"), qPrintable(said));
        QVERIFY(!button(window, "Check on the GPU").isEnabled());
        QVERIFY(button(window, "Check on the CPU").isEnabled());
        QSignalSpy ended(&window.tasks(), &StudioTasks::checkEnded);
        button(window, "Check on the CPU").click();
        AWAIT_COMPARE(ended.size(), 1);
        const QStringList made = calls();
        QVERIFY2(made[1].contains("--context 512 --windows 4 --device cpu"), qPrintable(made[1]));
        QVERIFY2(made[2].contains("--batch 1,16 --prompt 8 --generate 16") && made[2].contains("--device cpu"),
                 qPrintable(made[2]));
    }

    void aGpuThatIsLostIsNotOfferedAgain()
    {
        MainWindow window;
        // The first look finds it, the second no longer.
        prepare(window,
                helper("if [ -e lost ]; then echo '{\"error\": {\"code\": 5, \"message\": \"the GPU was lost\"}}'; "
                       "exit 5; else cat bench.json; fi",
                       "cat perplexity.json",
                       "touch lost; echo 'an illegal memory access was encountered' >&2; kill -ABRT $$"));
        AWAIT_COMPARE(window.workspace().gpu().kind, GpuState::Kind::Usable);
        button(window, "Check on the GPU").click();
        AWAIT_COMPARE(window.workspace().gpu().kind, GpuState::Kind::Missing);
        const QLabel& failure = named<QLabel>(window, "What went wrong");
        QVERIFY(failure.isVisible());
        QVERIFY2(failure.text().contains("crashed (signal 6)") && failure.text().contains("illegal memory access"),
                 qPrintable(failure.text()));
        QVERIFY(named<QLabel>(window, "GPU").text().contains("the GPU was lost"));
        QVERIFY(!button(window, "Check on the GPU").isEnabled());
        QVERIFY(button(window, "Check on the CPU").isEnabled());
        QVERIFY(!window.tasks().isChecking());
        QVERIFY(window.workspace().results().quantizedPerplexity); // what was measured before stays
        QVERIFY(!window.workspace().results().latency);
    }

    void aFailureEndsTheWholeCheck()
    {
        MainWindow window;
        prepare(window, helper("cat bench.json",
                               "echo '{\"error\": {\"code\": 5, \"message\": \"not enough GPU memory\"}}'; exit 5",
                               "cat bench.json"));
        AWAIT_COMPARE(window.workspace().gpu().kind, GpuState::Kind::Usable);
        QSignalSpy ended(&window.tasks(), &StudioTasks::checkEnded);
        button(window, "Check on the GPU").click();
        AWAIT_COMPARE(ended.size(), 1);
        QVERIFY(named<QLabel>(window, "What went wrong").text().contains("not enough GPU memory"));
        // The GPU still answers, so it is offered again, and a new check clears the sentence.
        AWAIT_VERIFY(button(window, "Check on the GPU").isEnabled());
        AWAIT_VERIFY(!window.workspace().jobs().isBusy());
        QCOMPARE(std::ranges::count_if(calls(), [](const QString& call) { return call.startsWith("bench /"); }), 0);
        button(window, "Check on the CPU").click();
        QVERIFY(!named<QLabel>(window, "What went wrong").isVisible());
        AWAIT_COMPARE(ended.size(), 2);
    }

    void cancelStopsTheProgramAndWhatWaits()
    {
        MainWindow window;
        prepare(window, helper("cat bench.json", "echo 'scoring: 1/9 windows (11 %)' >&2; exec sleep 600",
                               "cat bench.json"));
        AWAIT_COMPARE(window.workspace().gpu().kind, GpuState::Kind::Usable);
        button(window, "Check on the GPU").click();
        AWAIT_COMPARE(calls().size(), 2);
        button(window, "Cancel").click();
        QVERIFY(!window.tasks().isChecking());
        AWAIT_VERIFY(!window.workspace().jobs().isBusy());
        QVERIFY(!named<QLabel>(window, "What went wrong").isVisible());
        QCOMPARE(calls().size(), 2); // the latency was never started
        QVERIFY(button(window, "Check on the GPU").isEnabled());
    }

    void whatIsMissingForACheckIsSaid()
    {
        MainWindow window;
        prepare(window, helper("cat bench.json", "cat perplexity.json", "cat bench.json"));
        const QLabel& subject = named<QLabel>(window, "What is checked");
        QVERIFY(subject.text().contains("made-up"));
        QLineEdit& batches = named<QLineEdit>(window, "Batch sizes");
        for (const char* bad : {"", "0", "1,,2", "two", "4097", "1.5"}) {
            batches.setText(bad);
            QVERIFY2(!button(window, "Check on the CPU").isEnabled(), bad);
            QVERIFY(subject.text().contains("Batch sizes"));
        }
        batches.setText("4096");
        QVERIFY(button(window, "Check on the CPU").isEnabled());
        named<QLineEdit>(window, "Check text").setText(m_folder.filePath("none.txt"));
        QVERIFY(!button(window, "Check on the CPU").isEnabled());
        QVERIFY(subject.text().contains("Choose a text"));
        window.workspace().setResults({});
        QVERIFY(subject.text().contains("Only the statistics are open"));
    }
};

EIGENQUANT_UI_TEST(tst_check_page, CheckPageTest)
#include "tst_check_page.moc"
