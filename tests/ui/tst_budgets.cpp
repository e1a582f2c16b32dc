// SPDX-License-Identifier: GPL-3.0-or-later
// The budgets page: rows by pattern, paste, the slider for the whole model, differences, measured sensitivity.
#include "core/session/session.h"
#include "tests/ui/heartbeat.h"
#include "tests/ui/patience.h"
#include "tests/ui/synthetic_statistics.h"
#include "tests/ui/ui_test.h"
#include "ui/models/budget_paste.h"
#include "ui/models/plan_difference_table.h"
#include "ui/models/tsv.h"
#include "ui/pages/budget_list.h"
#include "ui/pages/effect_panel.h"
#include "ui/shell/main_window.h"
#include "ui/shell/status_summary.h"
#include "ui/state/measurements.h"
#include "ui/widgets/plan_difference_dialog.h"
#include "ui/widgets/target_slider.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QDialog>
#include <QFile>
#include <QGuiApplication>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QSortFilterProxyModel>
#include <QTemporaryDir>

using namespace eigenquant;
using Mode = QAbstractItemModelTester::FailureReportingMode;

class BudgetsTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::shared_ptr<ModelStatistics> m_statistics = test::syntheticStatistics();

    QString write(const QString& name, const QByteArray& bytes)
    {
        QFile file(m_folder.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("a file of the test cannot be written");
        return file.fileName();
    }

    void open(MainWindow& window, const PlanOptions& options = {})
    {
        window.workspace().setStatistics(m_statistics, makePlan(*m_statistics, options));
        window.resize(1400, 900);
        window.show();
        window.showPage("budgets");
        QCoreApplication::processEvents();
    }

    static BudgetList& list(const MainWindow& window) { return *window.findChild<BudgetList*>(); }

    static void paste(MainWindow& window, const QString& text)
    {
        QGuiApplication::clipboard()->setText(text);
        QTest::keySequence(&list(window).view(), QKeySequence::Paste);
    }

private slots:
    void init() { QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_folder.path()); }

    void rowsOfLinearsKeepTheContractAndAreEdited()
    {
        PlanDocument document;
        document.reset(m_statistics, makePlan(*m_statistics, {}));
        SitePlanTable table(document);
        const QAbstractItemModelTester tester(&table, Mode::Fatal);
        table.setRows(SitePlanTable::Rows::Linears);
        QCOMPARE(table.rowCount(), 6 * 7);
        const int gate = 2 * 7 + int(LinearRole::Gate);
        QCOMPARE(table.index(gate, SitePlanTable::SiteColumn).data().toString(), "gate");
        QCOMPARE(table.namesOf(gate), (QStringList{"2.gate", "2.mlp_in"}));
        QVERIFY(table.setData(table.index(gate, SitePlanTable::BitsColumn), 3, Qt::EditRole));
        QCOMPARE(document.plan().linear({2, LinearRole::Gate}).bits, 3.0);
        QCOMPARE(document.plan().linear({2, LinearRole::Up}).bits, 4.0);
        Plan expected = makePlan(*m_statistics, {});
        expected.linear({2, LinearRole::Gate}).bits = 3;
        predict(expected, *m_statistics);
        QCOMPARE(table.index(gate, SitePlanTable::EffectiveBitsColumn).data(kRawValueRole).toDouble(),
                 expected.linear({2, LinearRole::Gate}).effectiveBits);
        // Two linears of one site are two steps.
        QVERIFY(table.setData(table.index(gate + 1, SitePlanTable::BitsColumn), 5, Qt::EditRole));
        QCOMPARE(document.undoStack().count(), 2);
        document.undoStack().undo();
        QCOMPARE(document.plan().linear({2, LinearRole::Up}).bits, 4.0);
        QCOMPARE(document.plan().linear({2, LinearRole::Gate}).bits, 3.0);
        table.setRows(SitePlanTable::Rows::Sites);
        QCOMPARE(table.rowCount(), 24);
        document.clear();
        table.setRows(SitePlanTable::Rows::Linears);
        QCOMPARE(table.rowCount(), 0);
    }

    void groupsAreEditedAsCorePlansThem()
    {
        PlanDocument document;
        document.reset(m_statistics, makePlan(*m_statistics, {}));
        SitePlanTable table(document);
        QSignalSpy refused(&document, &PlanDocument::refused);
        const QModelIndex cell = table.index(1, SitePlanTable::GroupColumn);
        const int size = m_statistics->groupSizes.back();
        QVERIFY(table.setData(cell, QString::number(size), Qt::EditRole));
        QCOMPARE(cell.data().toString(), QString::number(size));
        Plan expected = makePlan(*m_statistics, {});
        expected.linear({0, LinearRole::O}).groupSize = size;
        predict(expected, *m_statistics);
        QCOMPARE(document.totals().bytes, expected.totals.bytes);
        QVERIFY(!table.setData(cell, "some", Qt::EditRole));
        QVERIFY(!table.setData(cell, "-4", Qt::EditRole));
        QCOMPARE(refused.size(), 2);
        QCOMPARE(document.totals().bytes, expected.totals.bytes);
    }

    void aPatternSelectsRows()
    {
        MainWindow window;
        open(window);
        BudgetList& budgets = list(window);
        QCOMPARE(budgets.selectMatching("mlp_in"), 6);
        QCOMPARE(int(budgets.selectedSites().size()), 6);
        QCOMPARE(budgets.selectMatching("^0\\."), 4);
        QCOMPARE(budgets.selectMatching("^[12]\\.(gate|o)$"), 4); // by the linears' names too
        QCOMPARE(budgets.selectMatching("no such thing"), 0);
        QVERIFY(budgets.selectedSites().empty());
        QCOMPARE(budgets.selectMatching("(unfinished"), -1);
        auto* pattern = budgets.findChild<QLineEdit*>();
        QTest::keyClicks(pattern, "attn_out");
        QCOMPARE(int(budgets.selectedSites().size()), 6);
        QTest::keyClick(pattern, Qt::Key_Return);
        // What is done to the selection is done to the rows that were found.
        PlanDocument& plan = window.workspace().plan();
        QVERIFY(budgets.table().setValues(budgets.selectedSites(), SitePlanTable::BitsColumn, "3"));
        for (int row = 0; row < plan.rowCount(); ++row)
            QCOMPARE(plan.summary(row).bits, plan.summary(row).id.site == Site::AttnOut ? 3.0 : 4.0);
        QCOMPARE(plan.undoStack().count(), 1);
    }

    void editingOneOfManySelectedRowsEditsAll()
    {
        MainWindow window;
        open(window);
        BudgetList& budgets = list(window);
        budgets.selectMatching("^[0-2]\\.mlp");
        auto* proxy = qobject_cast<QSortFilterProxyModel*>(budgets.view().model());
        const QModelIndex cell = proxy->mapFromSource(budgets.table().index(2, SitePlanTable::SalientColumn));
        budgets.view().setFocus();
        budgets.view().selectionModel()->setCurrentIndex(cell, QItemSelectionModel::NoUpdate);
        budgets.view().edit(cell);
        auto* editor = budgets.view().viewport()->findChild<QLineEdit*>();
        QVERIFY(editor);
        editor->setText("24");
        QTest::keyClick(editor, Qt::Key_Return);
        PlanDocument& plan = window.workspace().plan();
        AWAIT_COMPARE(plan.undoStack().count(), 1); // the delegate takes over on the next turn of the event loop
        for (int row = 0; row < 24; ++row) {
            const SiteId id = plan.summary(row).id;
            const bool isMlp = id.site == Site::MlpIn || id.site == Site::MlpOut;
            QCOMPARE(plan.summary(row).salient == 24, isMlp && id.layer <= 2);
        }
        QCOMPARE(plan.undoStack().count(), 1);
    }

    void aCopiedTableIsPastedBack()
    {
        MainWindow window;
        open(window);
        BudgetList& budgets = list(window);
        PlanDocument& plan = window.workspace().plan();
        plan.setBits({1}, 3);
        plan.setSalient({2}, {40, false});
        plan.setLocked({3}, true);
        budgets.view().clearSelection();
        const QString copied = selectionAsTsv(budgets.view());
        QVERIFY(copied.startsWith("Layer\tSite\t"));
        const std::string wanted = planToJson(plan.plan());
        while (plan.undoStack().canUndo())
            plan.undoStack().undo();
        QVERIFY(planToJson(plan.plan()) != wanted);
        // Sorted otherwise, rows are found by their names.
        budgets.view().sortByColumn(SitePlanTable::ErrorColumn, Qt::DescendingOrder);
        paste(window, copied);
        QCOMPARE(planToJson(plan.plan()), wanted);
        QCOMPARE(plan.undoStack().count(), 1);
        QCOMPARE(plan.undoStack().undoText(), "paste");
    }

    void aBlockIsPastedFromTheCurrentCell()
    {
        MainWindow window;
        open(window);
        BudgetList& budgets = list(window);
        PlanDocument& plan = window.workspace().plan();
        auto* proxy = budgets.view().model();
        budgets.view().setCurrentIndex(proxy->index(4, SitePlanTable::SalientColumn));
        paste(window, "8\t3\r\n1/8\t5\r\n–\t6\r\n");
        QCOMPARE(plan.summary(4).salient, 8);
        QCOMPARE(plan.summary(4).bits, 3.0);
        QCOMPARE(plan.summary(5).salient, 16);
        QCOMPARE(plan.summary(5).bits, 5.0);
        QCOMPARE(plan.summary(6).bits, 6.0);
        QCOMPARE(plan.undoStack().count(), 1);
    }

    void whatCannotBePastedIsSaidAndChangesNothing_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("said");
        QTest::newRow("width") << "3\n9\n"
                               << "codes of this width";
        QTest::newRow("words") << "three\n"
                               << "codes of this width";
        QTest::newRow("too many rows") << QString("4\n").repeated(30) << "more rows";
        QTest::newRow("row of another model") << "Layer\tSite\tBits\n77\tattn_in\t3\n"
                                              << "no such row";
        QTest::newRow("lock") << "Layer\tSite\tLock\n0\tattn_in\tperhaps\n"
                              << "on or off";
        QTest::newRow("K") << "Layer\tSite\tK\n0\tattn_in\t1/0\n"
                           << "salient";
    }

    void whatCannotBePastedIsSaidAndChangesNothing()
    {
        QFETCH(QString, text);
        QFETCH(QString, said);
        MainWindow window;
        open(window);
        PlanDocument& plan = window.workspace().plan();
        QStringList messages;
        disconnect(&plan, &PlanDocument::refused, nullptr, nullptr); // no dialog in a test
        connect(&plan, &PlanDocument::refused, this, [&](const QString& message) { messages << message; });
        const std::string before = planToJson(plan.plan());
        BudgetList& budgets = list(window);
        budgets.view().setCurrentIndex(budgets.view().model()->index(0, SitePlanTable::BitsColumn));
        paste(window, text);
        QCOMPARE(messages.size(), 1);
        QVERIFY2(messages[0].contains(said), qPrintable(messages[0]));
        QCOMPARE(planToJson(plan.plan()), before);
        QCOMPARE(plan.undoStack().count(), 0);
    }

    void theSliderSpreadsBitsAsTheCommandLineDoes()
    {
        MainWindow window;
        open(window, PlanOptions::of(Method::Salient));
        PlanDocument& plan = window.workspace().plan();
        plan.setLocked({0}, true);
        plan.undoStack().clear();
        const Plan start = plan.plan();
        auto* slider = list(window).findChild<TargetSlider*>()->findChild<QSlider*>();
        slider->setSliderDown(true);
        for (const int steps : {460, 450, 440, 430, 420}) {
            slider->setSliderPosition(steps);
            QTest::qWait(20);
        }
        AWAIT_VERIFY(plan.totals().effectiveBits <= 4.2 + 1e-9);
        slider->setSliderDown(false);
        Plan expected = start;
        allocateBits(expected, *m_statistics, 4.2);
        expected.options.targetBits = 4.2;
        QCOMPARE(planToJson(plan.plan()), planToJson(expected));
        QCOMPARE(plan.plan().linear({0, LinearRole::Q}).bits, start.linear({0, LinearRole::Q}).bits);
        QCOMPARE(plan.undoStack().count(), 1); // the whole drag
        // Another drag is another step.
        slider->setSliderDown(true);
        slider->setSliderPosition(400);
        AWAIT_VERIFY(plan.totals().effectiveBits <= 4.0 + 1e-9);
        slider->setSliderDown(false);
        QCOMPARE(plan.undoStack().count(), 2);
        plan.undoStack().undo();
        QCOMPARE(planToJson(plan.plan()), planToJson(expected));
        plan.undoStack().undo();
        QCOMPARE(planToJson(plan.plan()), planToJson(start));
    }

    void theSliderNeedsToKnowWhereBitsMatter()
    {
        MainWindow window;
        const auto blind = test::syntheticStatistics({.divergence = false});
        window.workspace().setStatistics(blind, makePlan(*blind, {}));
        QVERIFY(!window.findChild<TargetSlider*>()->isEnabled());
        window.workspace().setStatistics(m_statistics, makePlan(*m_statistics, {}));
        QVERIFY(window.findChild<TargetSlider*>()->isEnabled());
    }

    void theStatusBarFollowsAtOnceAtEightyLayers()
    {
        const auto statistics =
            test::syntheticStatistics({.layers = 80, .hidden = 512, .intermediate = 1024, .kvChannels = 128});
        MainWindow window;
        window.workspace().setStatistics(statistics, makePlan(*statistics, {}));
        window.show();
        window.showPage("budgets");
        test::settle(window);
        const auto* summary = window.findChild<StatusSummary*>();
        PlanDocument& plan = window.workspace().plan();
        double longest = 0;
        for (int k = 1; k <= 20; ++k) {
            const double before = test::Heartbeat::threadSeconds();
            plan.setSalient({k}, {double(k), false});
            longest = std::max(longest, 1000 * (test::Heartbeat::threadSeconds() - before));
            const PlanTotals& totals = plan.totals();
            QCOMPARE(summary->bitsText(), QStringLiteral("%1 bits + %2 rotations")
                                              .arg(totals.effectiveBits - totals.rotationBits, 0, 'f', 3)
                                              .arg(totals.rotationBits, 0, 'f', 3));
        }
        qInfo("one site of 80 layers: at most %.2f ms until the status bar says it", longest);
        QVERIFY2(longest < 50, qPrintable(QString::number(longest)));
        const MemoryEstimate memory = estimateMemory(plan.plan(), statistics->model);
        const auto labels = summary->findChildren<QLabel*>();
        const auto shown =
            std::ranges::find_if(labels, [](const auto* label) { return label->text().contains("memory"); });
        QVERIFY(shown != labels.end());
        QVERIFY((*shown)->toolTip().contains(QString::number(memory.tokens)));
    }

    void differencesOfTwoPlansAreShown()
    {
        const Plan before = makePlan(*m_statistics, {});
        Plan after = before;
        after.linear({1, LinearRole::Down}).bits = 3;
        after.linear({1, LinearRole::Down}).salient = 24;
        predict(after, *m_statistics);
        PlanDifferenceTable table(differences(before, after));
        const QAbstractItemModelTester tester(&table, Mode::Fatal);
        QCOMPARE(table.rowCount(), 1);
        QCOMPARE(table.index(0, 0).data().toString(), "1.down");
        QCOMPARE(table.index(0, 1).data().toString(),
                 QStringLiteral("bits 4 → 3, K %1 → 24").arg(before.linear({1, LinearRole::Down}).salient));
        QCOMPARE(table.index(0, 3).data(kRawValueRole).toDouble(),
                 after.linear({1, LinearRole::Down}).effectiveBits);
        QVERIFY(differenceSummary(before, after, 1).contains("<b>1</b> of 42 linears"));

        MainWindow window;
        open(window);
        window.workspace().plan().setBits({7}, 3);
        const QString path = m_folder.filePath("before.json");
        savePlan(before, path.toStdString(), true);
        window.tasks().readPlanFile(path);
        AWAIT_VERIFY(window.findChild<QDialog*>());
        const auto* view = window.findChild<QDialog*>()->findChild<QTableView*>();
        QCOMPARE(view->model()->rowCount(), 1);
        delete window.findChild<QDialog*>();
        // What cannot be compared is said.
        disconnect(&window.tasks(), &StudioTasks::failed, nullptr, nullptr);
        QSignalSpy told(&window.tasks(), &StudioTasks::failed);
        window.tasks().readPlanFile(write("broken.json", "{"));
        AWAIT_COMPARE(told.size(), 1);
        QVERIFY(told[0][1].toString().contains("broken.json"));
    }

    void sensitivityIsLoadedAndShown()
    {
        QByteArray layers;
        for (int layer = 0; layer < 6; ++layer)
            layers += QByteArray(layer ? "," : "") + "{\"layer\":" + QByteArray::number(layer) + ",\"on\":0.00" +
                      QByteArray::number(layer + 1) + ",\"off\":0.5}";
        const QByteArray good = "{\"all\":0.9,\"layers\":[" + layers + "],\"windows\":2,\"context\":512}";
        MainWindow window;
        open(window);
        disconnect(&window.tasks(), &StudioTasks::failed, nullptr, nullptr);
        QSignalSpy failed(&window.tasks(), &StudioTasks::failed);
        BudgetList& budgets = list(window);
        QVERIFY(budgets.view().isColumnHidden(SitePlanTable::SensitivityColumn));
        window.tasks().loadSensitivity(write("good.json", good));
        QCOMPARE(failed.size(), 0);
        QVERIFY(!budgets.view().isColumnHidden(SitePlanTable::SensitivityColumn));
        const QModelIndex cell = budgets.table().index(5, SitePlanTable::SensitivityColumn);
        QCOMPARE(cell.data().toString(), "0.002");
        QVERIFY(cell.data(Qt::ToolTipRole).toString().contains("0.9"));
        const QList<QByteArray> bad{"", "[]", "{\"all\":1,\"layers\":[{\"layer\":3}]}",
                                    "{\"all\":1,\"layers\":[{\"layer\":0,\"on\":1,\"off\":1}]}"};
        for (const QByteArray& bytes : bad)
            window.tasks().loadSensitivity(write("bad.json", bytes));
        window.tasks().loadSensitivity(m_folder.filePath("none.json"));
        QCOMPARE(failed.size(), bad.size() + 1);
        QCOMPARE(cell.data().toString(), "0.002"); // what was there stays
        window.tasks().measureSensitivity();
        QVERIFY(failed.back()[1].toString().contains("quantize it first"));
    }

    void theEffectPanelSaysWhatItLacks()
    {
        MainWindow window;
        open(window);
        const auto* panel = window.findChild<EffectPanel*>();
        const auto buttons = panel->findChildren<QPushButton*>();
        QCOMPARE(buttons.size(), 1);
        QVERIFY(!buttons[0]->isEnabled());
        const auto labels = panel->findChildren<QLabel*>();
        const auto says = [&](const char* words) {
            return std::ranges::any_of(labels, [&](const auto* label) { return label->text().contains(words); });
        };
        QVERIFY(says("Open the model"));
        window.workspace().plan().applyOptions(PlanOptions::of(Method::Rosaq, RotationScope::Global), {});
        QVERIFY(says("A global rotation turns all layers together"));
        window.workspace().plan().undoStack().undo();
        QVERIFY(says("Open the model"));
    }
};

EIGENQUANT_UI_TEST(tst_budgets, BudgetsTest)
#include "tst_budgets.moc"
