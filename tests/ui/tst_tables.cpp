// SPDX-License-Identifier: GPL-3.0-or-later
// The tables beside that of the plan, what they copy and write, and the selection that all pages share.
#include "tests/ui/synthetic_statistics.h"
#include "tests/ui/ui_test.h"
#include "ui/models/data_table.h"
#include "ui/models/outlier_table.h"
#include "ui/models/result_tables.h"
#include "ui/models/tsv.h"
#include "ui/state/selection.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTableView>

#include <cmath>

using namespace eigenquant;
using Mode = QAbstractItemModelTester::FailureReportingMode;

class TablesTest : public QObject {
    Q_OBJECT

private slots:
    void tablesKeepTheContract()
    {
        OutlierTable outliers;
        const QAbstractItemModelTester outlierTester(&outliers, Mode::Fatal);
        outliers.setOutliers(topOutliers(test::syntheticStatistics()->sites.front(), 5));
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

EIGENQUANT_UI_TEST(tst_tables, TablesTest)
#include "tst_tables.moc"
