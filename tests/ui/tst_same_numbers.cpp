// SPDX-License-Identifier: GPL-3.0-or-later
// Every number on the screen is the one that the command line prints, of the same files: each page's tables against
// --json of the verb.
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"
#include "tests/ui/files.h"
#include "tests/ui/patience.h"
#include "tests/ui/ui_test.h"
#include "ui/jobs/process_job.h"
#include "ui/models/outlier_table.h"
#include "ui/models/result_tables.h"
#include "ui/models/runs_table.h"
#include "ui/models/site_plan_table.h"
#include "ui/plots/spectrum_plot.h"
#include "ui/plots/weight_histogram.h"
#include "ui/plots/weight_range_plot.h"
#include "ui/shell/main_window.h"
#include "ui/shell/status_summary.h"
#include "ui/text/format.h"
#include "ui/widgets/card.h"

#include <QJsonArray>
#include <QLabel>
#include <QSettings>

#include <algorithm>
#include <cmath>

using namespace eigenquant;
using test::fromPath;

namespace {

constexpr int kContext = 64;

QVariant raw(const QAbstractItemModel& model, int row, int column)
{
    return model.index(row, column).data(kRawValueRole);
}

/// Equal, or null in JSON where the window has no number.
bool same(const QVariant& shown, const QJsonValue& printed)
{
    if (printed.isNull())
        return !shown.isValid() || std::isnan(shown.toDouble());
    return shown.toDouble() == printed.toDouble();
}

} // namespace

class SameNumbersTest : public QObject {
    Q_OBJECT

    test::TemporaryFolder m_folder;
    QString m_model, m_text, m_stats, m_planFile;
    std::unique_ptr<MainWindow> m_window;

    static QJsonObject printed(const QStringList& words)
    {
        return runProcess({EIGENQUANT_PROGRAM, words + QStringList{"--json", "--device", "cpu"}}, {});
    }
    QString at(const char* name) const { return fromPath(m_folder / name); }
    Workspace& workspace() { return m_window->workspace(); }

    template <typename T>
    const T& only() const
    {
        const auto found = m_window->findChildren<T*>();
        const auto shown = std::ranges::find_if(found, [](const T* each) {
            const auto* widget = qobject_cast<const QWidget*>(static_cast<const QObject*>(each));
            return !widget || widget->isVisible();
        });
        return shown != found.end() ? **shown : *found.front();
    }

private slots:
    void initTestCase()
    {
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, fromPath(m_folder.path()));
        m_model = fromPath(test::writeTinyModel(m_folder / "tiny"));
        m_text = fromPath(m_folder.write("text.txt", test::tinyText(20000)));
        m_stats = at("tiny.stats");
        m_planFile = at("plan.json");
        printed({"analyze", m_model, "--text", m_text, "--context", QString::number(kContext), "--windows", "8",
                 "--out", m_stats});
        m_window = std::make_unique<MainWindow>();
        m_window->tasks().setHelperProgram(EIGENQUANT_PROGRAM);
        m_window->show();
        m_window->tasks().openPath(m_model);
        m_window->tasks().openPath(m_text);
        m_window->tasks().openPath(m_stats);
        AWAIT_VERIFY(workspace().session() && workspace().statistics());
        workspace().selection().setSite({1, Site::MlpIn});
    }
    void cleanupTestCase() { m_window.reset(); }

    void spectra()
    {
        const QJsonObject json = printed({"spectrum", m_stats, "--layer", "1", "--site", "mlp_in"});
        m_window->showPage("spectra");
        test::settle(*m_window);
        const TableData table = only<SpectrumPlot>().table();
        const QJsonArray eigenvalues = json["eigenvalues"].toArray();
        QCOMPARE(table.rows.size(), std::size_t(eigenvalues.size()));
        QJsonArray energies = json["channel_energy"].toArray();
        std::vector<double> sorted;
        for (const QJsonValue& energy : energies)
            sorted.push_back(energy.toDouble());
        std::ranges::sort(sorted, std::ranges::greater());
        for (std::size_t i = 0; i < table.rows.size(); ++i) {
            QVERIFY(same(table.rows[i][3], eigenvalues[qsizetype(i)]));
            QCOMPARE(table.rows[i][4].toDouble(), sorted[i]);
        }
        const PlanDocument& plan = workspace().plan();
        const int row = plan.rowOf({1, Site::MlpIn});
        const QJsonObject kept = printed({"spectrum", m_stats, "--layer", "1", "--site", "mlp_in", "--salient",
                                          QString::number(plan.summary(row).salient)});
        QCOMPARE(plan.energyShareIn(row, Basis::Pca), kept["energy_share"].toDouble());
        QCOMPARE(plan.energyShareIn(row, Basis::Original), kept["energy_share_original"].toDouble());
        const auto tiles = m_window->findChildren<FactTile*>();
        for (const char* share : {"energy_share", "energy_share_original"})
            QVERIFY(std::ranges::any_of(tiles, [&](const FactTile* tile) {
                return tile->value() == text::percent(kept[QLatin1String(share)].toDouble());
            }));
    }

    void outliers()
    {
        const QJsonObject json = printed({"spectrum", m_stats, "--layer", "1", "--site", "mlp_in"});
        m_window->showPage("outliers");
        test::settle(*m_window);
        const auto tables = m_window->findChildren<OutlierTable*>();
        QCOMPARE(tables.size(), 2);
        const QAbstractItemModel& original = *tables[0];
        QVERIFY(original.rowCount() > 0);
        for (int row = 0; row < original.rowCount(); ++row) {
            const int channel = raw(original, row, 1).toInt();
            QCOMPARE(raw(original, row, 2).toDouble(), std::sqrt(json["channel_energy"][channel].toDouble()));
            QVERIFY(same(raw(original, row, 3), json["channel_max"][channel]));
        }
        for (int row = 0; row < tables[1]->rowCount(); ++row)
            QCOMPARE(raw(*tables[1], row, 2).toDouble(),
                     std::sqrt(json["eigenvalues"][raw(*tables[1], row, 1).toInt()].toDouble()));
    }

    void plans()
    {
        const QJsonObject json = printed({"plan", m_model, "--stats", m_stats, "--method", "rosaq", "--bits", "3",
                                          "--group-size", "32", "--salient", "1/8", "--out", m_planFile});
        m_window->tasks().loadPlanFile(m_planFile);
        AWAIT_COMPARE(workspace().plan().totals().effectiveBits, json["effective_bits"].toDouble());
        const PlanTotals& totals = workspace().plan().totals();
        QCOMPARE(double(totals.bytes), json["bytes"].toDouble());
        QCOMPARE(totals.rotationBits, json["rotation_bits"].toDouble());
        QCOMPARE(totals.predictedError, json["predicted_error"].toDouble());
        SitePlanTable table(workspace().plan());
        table.setRows(SitePlanTable::Rows::Linears);
        const QJsonArray linears = json["linears"].toArray();
        QCOMPARE(table.rowCount(), int(linears.size()));
        for (int row = 0; row < table.rowCount(); ++row) {
            const QJsonObject linear = linears[row].toObject();
            QVERIFY(table.namesOf(row).contains(linear["name"].toString()));
            QCOMPARE(raw(table, row, SitePlanTable::BitsColumn).toDouble(), linear["bits"].toDouble());
            QCOMPARE(raw(table, row, SitePlanTable::SalientColumn).toInt(), linear["salient"].toInt());
            QCOMPARE(raw(table, row, SitePlanTable::GroupColumn).toInt(), linear["group_size"].toInt());
            QCOMPARE(raw(table, row, SitePlanTable::EffectiveBitsColumn).toDouble(),
                     linear["effective_bits"].toDouble());
            QCOMPARE(raw(table, row, SitePlanTable::RotationBitsColumn).toDouble(),
                     linear["rotation_bits"].toDouble());
            QCOMPARE(raw(table, row, SitePlanTable::BytesColumn).toDouble(), linear["bytes"].toDouble());
            QVERIFY(same(raw(table, row, SitePlanTable::ErrorColumn), linear["predicted_error"]));
        }
        const auto labels = only<StatusSummary>().findChildren<QLabel*>();
        const auto says = [&](const QString& text) {
            return std::ranges::any_of(labels, [&](const QLabel* label) { return label->text().contains(text); });
        };
        QVERIFY(says(text::bytes(std::uint64_t(json["bytes"].toInteger()))));
        QVERIFY(says(text::fixed(json["rotation_bits"].toDouble(), 3)));
        QVERIFY(says(text::bytes(std::uint64_t(json["memory"]["bytes"].toInteger()))));
        QVERIFY(says(text::number(json["predicted_kl"].toDouble())));
    }

    void weights()
    {
        const QJsonObject json =
            printed({"weights", m_model, "--stats", m_stats, "--plan", m_planFile, "--linear", "1.up"});
        m_window->showPage("weights");
        m_window->tasks().measureWeights({1, LinearRole::Up});
        AWAIT_VERIFY(workspace().weightRanges());
        const WeightRanges& ranges = *workspace().weightRanges();
        QCOMPARE(ranges.outputError, json["output_error"].toDouble());
        WeightHistogram histogram;
        histogram.setRanges(workspace().weightRanges());
        const TableData bins = histogram.table();
        QVERIFY(!bins.rows.empty());
        for (std::size_t bin = 0; bin < bins.rows.size(); ++bin) {
            QVERIFY(same(bins.rows[bin][1], json["original"]["histogram"][qsizetype(bin)]));
            QVERIFY(same(bins.rows[bin][2], json["turned"]["histogram"][qsizetype(bin)]));
            QVERIFY(same(bins.rows[bin][3], json["stored"]["histogram"][qsizetype(bin)]));
        }
        WeightRangePlot groups;
        groups.setRanges(workspace().weightRanges(), {});
        const QJsonArray stored = json["stored"]["groups"].toArray();
        const TableData table = groups.table();
        const std::size_t first = table.rows.size() - std::size_t(stored.size());
        for (qsizetype i = 0; i < stored.size(); ++i) {
            QCOMPARE(float(table.rows[first + std::size_t(i)][4].toDouble()), float(stored[i]["min"].toDouble()));
            QCOMPARE(float(table.rows[first + std::size_t(i)][5].toDouble()), float(stored[i]["max"].toDouble()));
        }
    }

    void activations()
    {
        const QJsonObject json =
            printed({"activations", m_model, "--stats", m_stats, "--text", m_text, "--layer", "1", "--site", "mlp_in",
                     "--context", QString::number(kContext), "--window", "2"});
        m_window->tasks().readActivations(2, kContext);
        AWAIT_VERIFY(workspace().activations());
        const ActivationMaps& maps = *workspace().activations();
        const auto compare = [](const std::vector<double>& shown, const QJsonValue& values) {
            QCOMPARE(qsizetype(shown.size()), values.toArray().size());
            for (std::size_t i = 0; i < shown.size(); ++i)
                QVERIFY(same(shown[i], values.toArray()[qsizetype(i)]));
        };
        compare(maps.measures.meanSquare, json["original"]["mean_square"]);
        compare(maps.measures.kurtosis, json["original"]["kurtosis"]);
        compare(maps.rotatedMeasures.meanSquare, json["rotated"]["mean_square"]);
        compare(maps.rotatedMeasures.largest, json["rotated"]["max"]);
    }

    void checks()
    {
        const QJsonObject json = printed({"perplexity", m_model, "--text", m_text, "--context",
                                          QString::number(kContext), "--windows", "4"});
        CheckOptions options{.text = {.file = m_text.toStdU16String(), .context = kContext, .windows = 4},
                             .batches = {1},
                             .generate = 2};
        m_window->showPage("check");
        m_window->tasks().check(options, false);
        AWAIT_VERIFY(workspace().results().floatPerplexity && !m_window->tasks().isChecking());
        const auto& table = only<CheckTable>();
        QCOMPARE(table.index(0, 1).data().toString(), text::fixed(json["perplexity"].toDouble(), 3) +
                                                          QStringLiteral(" ± ") +
                                                          text::fixed(json["stderr"].toDouble(), 3));
        QCOMPARE(table.index(0, 2).data().toString(), QStringLiteral("4 × %1").arg(kContext));
    }

    void comparisons()
    {
        const QJsonObject json =
            printed({"compare", m_model, "--stats", m_stats, "--eval", m_text, "--context", QString::number(kContext),
                     "--windows", "2", "--methods", "rtn,rosaq", "--bits", "4", "--group-size", "32", "--out",
                     at("comparison")});
        m_window->showPage("runs");
        m_window->tasks().openPath(at("comparison"));
        AWAIT_COMPARE(workspace().reports().size(), std::size_t(1));
        const auto& table = only<RunsTable>();
        const QJsonArray rows = json["rows"].toArray();
        QVERIFY(rows.size() >= 3); // the model as it is, and two variants
        QCOMPARE(table.rowCount(), int(rows.size()));
        for (int row = 0; row < table.rowCount(); ++row) {
            QVERIFY(same(raw(table, row, RunsTable::BitsColumn), rows[row]["effective_bits"]));
            QVERIFY(same(raw(table, row, RunsTable::PerplexityColumn), rows[row]["perplexity"]));
            QVERIFY(same(raw(table, row, RunsTable::DivergenceColumn), rows[row]["kl"]));
            QVERIFY(same(raw(table, row, RunsTable::SameTopColumn), rows[row]["same_top"]));
            QVERIFY(same(raw(table, row, RunsTable::SizeColumn), rows[row]["bytes"]));
            QCOMPARE(table.index(row, RunsTable::MethodColumn).data().toString(), rows[row]["method"].toString());
        }
    }
};

EIGENQUANT_UI_TEST(tst_same_numbers, SameNumbersTest)
#include "tst_same_numbers.moc"
