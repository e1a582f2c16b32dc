// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/session.h"
#include "tests/ui/synthetic_statistics.h"
#include "tests/ui/ui_test.h"
#include "ui/models/site_plan_table.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>

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
    void theTableKeepsTheContract()
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
        QCOMPARE(document.summary(1).bits, 4.0);
        document.undoStack().redo();
        QCOMPARE(document.totals().effectiveBits, after.effectiveBits);
        QCOMPARE(document.totals().bytes, after.bytes);
        QCOMPARE(document.summary(1).bits, 2.0);
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
        QCOMPARE(document.summary(2).bits, 3.0);
        QCOMPARE(document.summary(1).bits, 4.0);
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

    void locksAreUndoneAndKept()
    {
        PlanDocument document;
        open(document);
        SitePlanTable table(document);
        const QModelIndex lock = table.index(2, SitePlanTable::LockedColumn);
        QVERIFY(lock.flags() & Qt::ItemIsUserCheckable);
        QVERIFY(table.setData(lock, Qt::Checked, Qt::CheckStateRole));
        QCOMPARE(lock.data(Qt::CheckStateRole).toInt(), int(Qt::Checked));
        QVERIFY(document.plan().linear({0, LinearRole::Gate}).locked);
        QVERIFY(document.plan().linear({0, LinearRole::Up}).locked);
        QVERIFY(!document.plan().linear({0, LinearRole::Down}).locked);
        document.undoStack().undo();
        QCOMPARE(lock.data(Qt::CheckStateRole).toInt(), int(Qt::Unchecked));
        QVERIFY(!document.plan().linear({0, LinearRole::Gate}).locked);
        document.undoStack().redo();
        QVERIFY(document.plan().linear({0, LinearRole::Gate}).locked);

        document.setBits({2}, 7);
        document.applyOptions(PlanOptions::of(Method::Rtn), {});
        QCOMPARE(document.summary(2).method, Method::Rosaq);
        QCOMPARE(document.summary(2).basis, Basis::Pca);
        QCOMPARE(document.summary(2).bits, 7.0);
        QCOMPARE(document.summary(1).method, Method::Rtn);
        QCOMPARE(document.summary(1).basis, Basis::Original);
    }

    void aSiteWithOneLockedLinearIsPartlyLocked()
    {
        Plan plan = makePlan(*m_statistics, {});
        plan.linear({0, LinearRole::K}).locked = true;
        PlanDocument document;
        document.reset(m_statistics, plan);
        const SitePlanTable table(document);
        QCOMPARE(table.index(0, SitePlanTable::LockedColumn).data(Qt::CheckStateRole).toInt(),
                 int(Qt::PartiallyChecked));
        document.applyOptions(PlanOptions::of(Method::Etq), {});
        QCOMPARE(document.plan().linear({0, LinearRole::K}).method, Method::Rosaq);
        QCOMPARE(document.plan().linear({0, LinearRole::Q}).method, Method::Etq);
        QCOMPARE(document.summary(0).basis, Basis::Pca); // the locked one is read in it
        QCOMPARE(table.index(0, SitePlanTable::MethodColumn).data().toString(), "mixed");
    }

    void fractionsOfBitsAreForMethodsThatHaveThem()
    {
        PlanDocument document;
        open(document);
        PlanOptions options = PlanOptions::of(Method::Cmpq);
        options.bits = 2.2;
        document.applyOptions(options, {0, 1});
        SitePlanTable table(document);
        const QModelIndex cmpq = table.index(0, SitePlanTable::BitsColumn);
        const QModelIndex grid = table.index(2, SitePlanTable::BitsColumn);
        QCOMPARE(cmpq.data().toString(), "2.2");
        QCOMPARE(grid.data().toString(), "4");
        QVERIFY(table.setData(cmpq, 3.4, Qt::EditRole));
        QCOMPARE(cmpq.data().toString(), "3.4");
        QVERIFY(!table.setData(cmpq, 1.5, Qt::EditRole));
        QVERIFY(!table.setData(grid, 3.4, Qt::EditRole));
        document.setBits({0, 2}, 3.4); // each the nearest that it can have
        QCOMPARE(cmpq.data(Qt::EditRole).toDouble(), 3.4);
        QCOMPARE(grid.data(Qt::EditRole).toDouble(), 3.0);
        QVERIFY(!(table.index(0, SitePlanTable::SalientColumn).flags() & Qt::ItemIsEditable));

        document.applyOptions(PlanOptions::of(Method::Etq), {});
        QVERIFY(table.setData(cmpq, 1.25, Qt::EditRole));
        QCOMPARE(cmpq.data().toString(), "1.25");
    }

    void linearsThatDifferShowTheirMean()
    {
        Plan plan = makePlan(*m_statistics, PlanOptions::of(Method::Etq));
        plan.linear({0, LinearRole::Gate}).bits = 2.5;
        plan.linear({0, LinearRole::Up}).bits = 3.75;
        PlanDocument document;
        document.reset(m_statistics, plan);
        const SitePlanTable table(document);
        QCOMPARE(table.index(2, SitePlanTable::BitsColumn).data().toString(), "≈ 3.13"); // as many weights in each
        QCOMPARE(table.index(2, SitePlanTable::MethodColumn).data().toString(), "ETQ");
    }

    void divergenceIsSummedOrUnknown()
    {
        PlanDocument document;
        open(document);
        QVERIFY(document.knowsDivergence());
        const SitePlanTable table(document);
        double sum = 0;
        for (int row = 0; row < document.rowCount(); ++row)
            sum += table.index(row, SitePlanTable::DivergenceColumn).data(kRawValueRole).toDouble();
        QVERIFY(sum > 0);
        QVERIFY(std::abs(sum - document.totals().predictedKl) < 1e-9 * sum);

        const auto blind = test::syntheticStatistics({.divergence = false});
        document.reset(blind, makePlan(*blind, {}));
        QVERIFY(!document.knowsDivergence());
        QCOMPARE(table.index(0, SitePlanTable::DivergenceColumn).data().toString(), "–");
        QVERIFY(!table.index(0, SitePlanTable::DivergenceColumn).data(kBarRole).isValid());
    }

    void aGlobalRotationIsAllOrNothing()
    {
        PlanDocument document;
        open(document);
        QSignalSpy refused(&document, &PlanDocument::refused);
        const PlanOptions global = PlanOptions::of(Method::Rosaq, RotationScope::Global);
        const std::string before = planToJson(document.plan());
        document.applyOptions(global, {0, 1});
        QCOMPARE(refused.size(), 1);
        QVERIFY2(refused[0][0].toString().contains("as a whole or not at all"), qPrintable(refused[0][0].toString()));
        QCOMPARE(planToJson(document.plan()), before);
        QCOMPARE(document.undoStack().count(), 0);

        document.applyOptions(global, {});
        QCOMPARE(refused.size(), 1);
        QVERIFY(document.plan().turnsResidual());
        document.applyOptions(PlanOptions::of(Method::Rtn), {0}); // attn_in of one layer alone
        QCOMPARE(refused.size(), 2);
        document.applyOptions(PlanOptions::of(Method::RandRot, RotationScope::Global), {0}); // another kind of rotation
        QCOMPARE(refused.size(), 3);
        QCOMPARE(document.plan().options.basis, RotationKind::Pca);
        PlanOptions finer = global;
        finer.bits = 6;
        document.applyOptions(finer, {0}); // the same rotation, other bits
        QCOMPARE(refused.size(), 3);
        QCOMPARE(document.summary(0).bits, 6.0);
        QCOMPARE(document.summary(0).basis, Basis::Global);
        document.undoStack().undo();
        document.undoStack().undo();
        QVERIFY(!document.plan().turnsResidual());
        QCOMPARE(document.plan().options.scope, RotationScope::PerSite);
    }

    void theResidualSitesTogetherBringTheirRotation()
    {
        PlanDocument document;
        open(document);
        std::vector<int> residual;
        for (int row = 0; row < document.rowCount(); ++row)
            if (const Site site = document.summary(row).id.site; site == Site::AttnIn || site == Site::MlpIn)
                residual.push_back(row);
        document.applyOptions(PlanOptions::of(Method::RandRot, RotationScope::Global), residual);
        QVERIFY(document.plan().turnsResidual());
        QCOMPARE(document.plan().options.basis, RotationKind::Random); // what the rotation is made from
        QCOMPARE(document.summary(3).method, Method::Rosaq);
        document.undoStack().undo();
        QCOMPARE(document.plan().options.basis, RotationKind::Pca);
    }

    void targetBitsAreMetByTheChosenRowsAlone()
    {
        PlanDocument document;
        open(document);
        PlanOptions options = PlanOptions::of(Method::Salient); // rotations weigh too much at this width
        document.applyOptions(options, {});
        document.setLocked({0}, true);
        options.targetBits = 4.6;
        document.applyOptions(options, {});
        QVERIFY(document.totals().effectiveBits > 4.5);
        QVERIFY(document.totals().effectiveBits <= 4.6 + 1e-9);
        QCOMPARE(document.summary(0).bits, 4.0);
        QCOMPARE(document.plan().options.targetBits, 4.6);
        const Plan before = document.plan();
        options.targetBits = 4.8;
        document.applyOptions(options, {4, 5, 6, 7});
        QVERIFY(document.totals().effectiveBits > before.totals.effectiveBits);
        QVERIFY(document.totals().effectiveBits <= 4.8 + 1e-9);
        for (std::size_t i = 0; i < before.linears.size(); ++i) {
            const LinearPlan& now = document.plan().linears[i];
            QCOMPARE(now.locked, before.linears[i].locked);
            if (now.id.layer != 1)
                QCOMPARE(now.effectiveBits, before.linears[i].effectiveBits);
        }
        QSignalSpy refused(&document, &PlanDocument::refused);
        options.targetBits = 0.5;
        document.applyOptions(options, {});
        QCOMPARE(refused.size(), 1);
        QVERIFY(document.plan().linear({0, LinearRole::Q}).locked);
        QVERIFY(!document.plan().linear({1, LinearRole::Q}).locked);
    }
};

EIGENQUANT_UI_TEST(tst_models, ModelsTest)
#include "tst_models.moc"
