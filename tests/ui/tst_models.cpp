// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/session.h"
#include "tests/ui/synthetic_statistics.h"
#include "ui/models/data_table.h"
#include "ui/models/outlier_table.h"
#include "ui/models/result_tables.h"
#include "ui/models/site_plan_table.h"
#include "ui/models/tsv.h"
#include "ui/state/selection.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

#include <cmath>
#include <limits>

using namespace eigenquant;
using Mode = QAbstractItemModelTester::FailureReportingMode;

namespace {

constexpr double kTight = 1e-12;

bool near(double a, double b)
{
    return std::abs(a - b) <= kTight * std::max(std::abs(a), std::abs(b));
}

} // namespace

class ModelsTest : public QObject {
    Q_OBJECT

    std::shared_ptr<ModelStatistics> m_statistics = test::syntheticStatistics();

    void open(PlanDocument& document) { document.reset(m_statistics, makePlan(*m_statistics, {})); }

private slots:
    void tablesKeepTheContract()
    {
        PlanDocument document;
        SitePlanTable sites(document);
        const QAbstractItemModelTester sitesTester(&sites, Mode::Fatal);
        QCOMPARE(sites.rowCount(), 0);
        open(document);
        QCOMPARE(sites.rowCount(), 24);
        QCOMPARE(sites.columnCount(), int(SitePlanTable::ColumnCount));
        document.setBits({0, 5, 7}, 3);
        document.clear();
        QCOMPARE(sites.rowCount(), 0);

        OutlierTable outliers;
        const QAbstractItemModelTester outlierTester(&outliers, Mode::Fatal);
        outliers.setOutliers(topOutliers(m_statistics->sites.front(), 5));
        QCOMPARE(outliers.rowCount(), 5);

        CheckTable checks;
        const QAbstractItemModelTester checkTester(&checks, Mode::Fatal);
        checks.setResults({{.name = "Float"}, {.name = "Quantized", .perplexity = PerplexityResult{}}});
        OutcomeTable outcomes;
        const QAbstractItemModelTester outcomeTester(&outcomes, Mode::Fatal);
        outcomes.setOutcomes({LinearOutcome{.id = {3, LinearRole::Gate}}});
        QCOMPARE(outcomes.index(0, 0).data().toString(), "3.gate");

        DataTable data({{"a", "b"}, {{1.0, QString("x")}, {2.0, QString("y")}}});
        const QAbstractItemModelTester dataTester(&data, Mode::Fatal);
        QCOMPARE(data.rowCount(), 2);
    }

    void editingKGivesWhatPredictSays()
    {
        PlanDocument document;
        open(document);
        SitePlanTable table(document);
        const SiteId id{2, Site::MlpIn};
        const int row = document.rowOf(id);
        QVERIFY(table.setData(table.index(row, SitePlanTable::SalientColumn), "24", Qt::EditRole));
        Plan expected = makePlan(*m_statistics, {});
        for (const LinearRole role : {LinearRole::Gate, LinearRole::Up})
            expected.linear({2, role}).salient = 24;
        predict(expected, *m_statistics);
        for (std::size_t i = 0; i < expected.linears.size(); ++i) {
            const LinearPlan& got = document.plan().linears[i];
            const LinearPlan& want = expected.linears[i];
            QCOMPARE(got.salient, want.salient);
            QVERIFY2(near(got.effectiveBits, want.effectiveBits), want.id.name().c_str());
            QVERIFY2(near(got.predictedError, want.predictedError), want.id.name().c_str());
            QCOMPARE(got.bytes, want.bytes);
        }
        QVERIFY(near(document.totals().effectiveBits, expected.totals.effectiveBits));
        QVERIFY(near(document.totals().predictedError, expected.totals.predictedError));
        QCOMPARE(document.totals().bytes, expected.totals.bytes);
        QCOMPARE(document.energyShare(row),
                 salientEnergyShare(m_statistics->site(id), Basis::Pca, Select::Top, 24));
        QCOMPARE(table.index(row, SitePlanTable::SalientColumn).data().toString(), "24");
    }

    void kTakesFractionsAndRefusesNonsense()
    {
        PlanDocument document;
        open(document);
        SitePlanTable table(document);
        QSignalSpy refused(&document, &PlanDocument::refused);
        const QModelIndex cell = table.index(0, SitePlanTable::SalientColumn);
        QVERIFY(table.setData(cell, "1/4", Qt::EditRole));
        QCOMPARE(cell.data(Qt::EditRole).toInt(), 32);
        QVERIFY(!table.setData(cell, "many", Qt::EditRole));
        QCOMPARE(refused.size(), 1);
        QVERIFY(table.setData(cell, "100000", Qt::EditRole));
        QCOMPARE(cell.data(Qt::EditRole).toInt(), 128); // clamped to the site's channels
        QVERIFY(!table.setData(table.index(0, SitePlanTable::BitsColumn), 9, Qt::EditRole));
        QVERIFY(!table.setData(table.index(0, SitePlanTable::LayerColumn), 1, Qt::EditRole));
    }

    void undoAndRedoPutEverythingBack()
    {
        PlanDocument document;
        open(document);
        const PlanTotals before = document.totals();
        document.setBits({1, 2}, 2);
        const PlanTotals after = document.totals();
        QVERIFY(after.effectiveBits < before.effectiveBits);
        document.undoStack().undo();
        QCOMPARE(document.totals().effectiveBits, before.effectiveBits);
        QCOMPARE(document.summary(1).bits, 4);
        document.undoStack().redo();
        QCOMPARE(document.totals().effectiveBits, after.effectiveBits);
        QCOMPARE(document.totals().bytes, after.bytes);
        QCOMPARE(document.summary(1).bits, 2);
    }

    void consecutiveEditsOfOneKindMerge()
    {
        PlanDocument document;
        open(document);
        const int first = document.summary(3).salient;
        for (const int salient : {1, 2, 3, 4})
            document.setSalient({3}, {double(salient), false});
        QCOMPARE(document.undoStack().count(), 1);
        document.setSalient({4}, {2, false}); // another row: a step of its own
        document.setBits({4}, 5);             // another kind: likewise
        QCOMPARE(document.undoStack().count(), 3);
        document.undoStack().undo();
        document.undoStack().undo();
        document.undoStack().undo();
        QCOMPARE(document.summary(3).salient, first);
        QVERIFY(document.undoStack().isClean());
    }

    void applyingOptionsEqualsMakePlan()
    {
        PlanDocument document;
        open(document);
        PlanOptions options;
        options.bits = 3;
        options.method = Method::Salient;
        document.applyOptions(options, {2, 3});
        QCOMPARE(document.summary(2).method, Method::Salient);
        QCOMPARE(document.summary(2).bits, 3);
        QCOMPARE(document.summary(1).bits, 4);
        document.applyOptions(options, {});
        const Plan expected = makePlan(*m_statistics, options);
        QVERIFY(near(document.totals().effectiveBits, expected.totals.effectiveBits));
        QVERIFY(near(document.totals().predictedError, expected.totals.predictedError));
        document.undoStack().undo();
        document.undoStack().undo();
        QCOMPARE(document.summary(2).method, Method::Rosaq);
    }

    void refusedOptionsLeaveThePlanAlone()
    {
        PlanDocument document;
        open(document);
        QSignalSpy refused(&document, &PlanDocument::refused);
        PlanOptions options;
        options.salient = {1000000, false};
        const PlanTotals before = document.totals();
        document.applyOptions(options, {});
        QCOMPARE(refused.size(), 1);
        QCOMPARE(document.totals().effectiveBits, before.effectiveBits);
        QCOMPARE(document.undoStack().count(), 0);
        Plan other = makePlan(*test::syntheticStatistics({.layers = 2}), {});
        document.replacePlan(other, "load");
        QCOMPARE(refused.size(), 2);
    }

    void floatRowsTakeNoEdits()
    {
        PlanDocument document;
        open(document);
        SitePlanTable table(document);
        PlanOptions options;
        options.method = Method::Float;
        document.applyOptions(options, {0});
        QVERIFY(!(table.index(0, SitePlanTable::BitsColumn).flags() & Qt::ItemIsEditable));
        QVERIFY(!(table.index(0, SitePlanTable::SalientColumn).flags() & Qt::ItemIsEditable));
        QVERIFY(table.index(1, SitePlanTable::BitsColumn).flags() & Qt::ItemIsEditable);
        document.setBits({0}, 2);
        QCOMPARE(document.summary(0).effectiveBits, 16.0);
    }

    void outliersAreRankedAndSurviveBadNumbers()
    {
        SiteStatistics site{.channels = 5};
        site.channelEnergy = {1, 100, NAN, 4, -3};
        site.channelMax = {2, 50, 0, 5, 0};
        const auto top = topOutliers(site, 3);
        QCOMPARE(int(top.size()), 3);
        QCOMPARE(top[0].channel, 1);
        QCOMPARE(top[0].rootMeanSquare, 10.0);
        QCOMPARE(top[0].largest, 50.0);
        QVERIFY(std::abs(top[0].energyShare - 100.0 / 105) < 1e-12);
        QCOMPARE(top[1].channel, 3);
        QVERIFY(topOutliers(SiteStatistics{}, 3).empty());
    }

    void tsvHoldsHeadingsAndSelectedRows()
    {
        DataTable data({{"name", "value"}, {{QString("a\tb"), 1.5}, {QString("c"), 2.5}}});
        QTableView view;
        view.setModel(&data);
        view.setSelectionBehavior(QAbstractItemView::SelectRows);
        QCOMPARE(selectionAsTsv(view), "name\tvalue\na b\t1.5\nc\t2.5\n");
        view.selectRow(1);
        QCOMPARE(selectionAsTsv(view), "name\tvalue\nc\t2.5\n");
    }

    void csvIsQuotedAndPrecise()
    {
        TableData data{{"a,b", "x"}, {{QString("he said \"no\""), 0.1}, {QString("n"), NAN}}};
        QCOMPARE(data.toCsv(), "\"a,b\",x\r\n\"he said \"\"no\"\"\",0.10000000000000001\r\nn,\r\n");
    }

    void selectionStaysInsideTheModel()
    {
        Selection selection;
        selection.setLayerCount(4);
        selection.setSite({9, Site::MlpOut});
        QCOMPARE(selection.layer(), 3);
        selection.setChannel(7);
        QSignalSpy spy(&selection, &Selection::siteChanged);
        selection.setLayerCount(2);
        QCOMPARE(selection.layer(), 1);
        QCOMPARE(selection.channel(), -1);
        QCOMPARE(spy.size(), 1);
    }
};

QTEST_MAIN(ModelsTest)
#include "tst_models.moc"
