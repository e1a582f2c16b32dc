// SPDX-License-Identifier: GPL-3.0-or-later
// Project files: what is saved comes back, what is damaged or missing is told, and a crash loses nothing.
#include "core/base/error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"
#include "tests/ui/files.h"
#include "tests/ui/made_up_latency.h"
#include "tests/ui/patience.h"
#include "tests/ui/ui_test.h"
#include "ui/render/render.h"
#include "ui/shell/main_window.h"
#include "ui/state/check_options.h"
#include "ui/state/project_file.h"
#include "ui/state/project_keeper.h"

#include <QAction>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QLockFile>
#include <QSettings>
#include <QSignalSpy>

#include <cmath>
#include <limits>

using namespace eigenquant;
using test::contentOf;
using test::fromPath;

namespace {

void write(const QString& file, const QByteArray& bytes)
{
    QFile out(file);
    if (out.open(QIODevice::WriteOnly))
        out.write(bytes);
}

} // namespace

class ProjectTest : public QObject {
    Q_OBJECT

    test::TemporaryFolder m_folder;
    QString m_stats, m_model, m_text;

    QString at(const char* name) const { return fromPath(m_folder / name); }

    /// A workspace with model, statistics, an edited plan and results.
    void fill(Workspace& workspace)
    {
        const auto statistics = loadStatistics(m_stats.toStdU16String());
        workspace.setSession(ModelSession::open(m_model.toStdString()), m_model);
        workspace.setStatistics(statistics, plan(*statistics));
        workspace.setTexts(m_text, m_text);
        workspace.plan().setBits({1}, 3);
        WorkspaceResults results;
        results.floatPerplexity =
            PerplexityResult{.perplexity = 12.5, .standardError = 0.25, .windows = 4, .context = 64};
        workspace.setResults(results);
        workspace.selection().setSite({1, Site::MlpIn});
    }

    WorkspaceResults results() const
    {
        WorkspaceResults results;
        results.floatPerplexity = PerplexityResult{.perplexity = 12.5};
        results.latency = test::madeUpLatency();
        results.quantized = QuantizeResult{.directory = at("packed").toStdString(), .effectiveBits = 4.5};
        results.quantized->linears.push_back(
            {.id = {0, LinearRole::Q}, .outputError = std::numeric_limits<double>::quiet_NaN()});
        results.exported = ExportResult{
            .directory = at("exported").toStdString(), .files = {"model.safetensors"}, .loadsIn = {"vLLM"}};
        const auto layers = std::size_t(loadStatistics(m_stats.toStdU16String())->model.layers);
        results.sensitivity = ModelSensitivity{.layers = std::vector<LayerSensitivity>(layers, {0, 0.25, 0.5})};
        for (std::size_t i = 0; i < layers; ++i)
            results.sensitivity->layers[i].layer = int(i);
        return results;
    }

    static Plan plan(const ModelStatistics& statistics)
    {
        PlanOptions options;
        options.groupSize = statistics.groupSizes.front();
        return makePlan(statistics, options);
    }

private slots:
    void initTestCase()
    {
        m_model = fromPath(test::writeTinyModel(m_folder / "tiny"));
        m_text = fromPath(m_folder.write("text.txt", test::tinyText(20000)));
        m_stats = at("tiny.stats");
        AnalyzeOptions analyze;
        analyze.text = {.file = m_text.toStdU16String(), .context = 64, .windows = 8};
        analyze.out = m_stats.toStdU16String();
        ModelSession::open(m_model.toStdString())->analyze(analyze, {});
    }

    void init()
    {
        QDir(at("settings")).removeRecursively();
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, at("settings"));
    }

    void whatIsSavedComesBack()
    {
        Workspace first;
        ProjectKeeper keeper(first, at("recovery"));
        keeper.setPageSource([] { return QStringLiteral("budgets"); });
        fill(first);
        keeper.save(at("a.eigenquant"));
        QVERIFY(!keeper.isModified() && first.plan().undoStack().isClean());
        QCOMPARE(keeper.name(), "a");

        Workspace second;
        ProjectKeeper other(second, at("recovery"));
        QSignalSpy opened(&other, &ProjectKeeper::opened), page(&other, &ProjectKeeper::pageWanted);
        QSignalSpy incomplete(&other, &ProjectKeeper::incomplete), failed(&other, &ProjectKeeper::failed);
        other.open(at("a.eigenquant"));
        AWAIT_COMPARE(opened.size(), 1);
        QVERIFY(incomplete.isEmpty() && failed.isEmpty());
        QCOMPARE(planToJson(second.plan().plan()), planToJson(first.plan().plan()));
        QCOMPARE(second.plan().totals().bytes, first.plan().totals().bytes);
        QCOMPARE(second.session()->info().fingerprint, first.session()->info().fingerprint);
        QCOMPARE(second.calibrationText(), m_text);
        QCOMPARE(second.results().floatPerplexity->perplexity, 12.5);
        QCOMPARE(second.selection().site(), (SiteId{1, Site::MlpIn}));
        QCOMPARE(page[0][0].toString(), "budgets");
        QVERIFY(!other.isModified());
        second.plan().setBits({0}, 2);
        QVERIFY(other.isModified());

        const RenderSource source = loadRenderSource(at("a.eigenquant")); // and can be drawn
        QCOMPARE(planToJson(source.plan), planToJson(first.plan().plan()));
    }

    void whatWasMeasuredComesBack()
    {
        const QString report = at("comparison");
        QDir().mkpath(report + "/rows");
        ComparisonRow row{
            .name = "rtn 4", .method = "rtn", .bits = 4, .effectiveBits = 4.5, .rotationBits = 0, .perplexity = 13.5};
        row.standardError = row.kl = row.sameTop = row.seconds = row.quantizeSeconds = 0.5;
        write(report + "/rows/001-rtn-4.json", QByteArray::fromStdString(comparisonRowToJson(row)));
        QDir().mkpath(at("packed"));
        QDir().mkpath(at("exported"));
        Workspace first;
        ProjectKeeper keeper(first, at("recovery"));
        fill(first);
        const WorkspaceResults measured = results();
        first.setResults(measured);
        first.addReport(loadRunReport(report));
        first.setComparedStatistics(first.statistics());
        keeper.save(at("measured.eigenquant"));

        Workspace second;
        ProjectKeeper other(second, at("recovery"));
        QSignalSpy opened(&other, &ProjectKeeper::opened), incomplete(&other, &ProjectKeeper::incomplete);
        other.open(at("measured.eigenquant"));
        AWAIT_COMPARE(opened.size(), 1);
        QVERIFY(incomplete.isEmpty() && !other.isModified());
        const WorkspaceResults& back = second.results();
        QCOMPARE(latencyToJson(*back.latency), latencyToJson(*measured.latency));
        QCOMPARE(back.exported->directory, measured.exported->directory);
        QCOMPARE(back.exported->files, measured.exported->files);
        QCOMPARE(back.exported->loadsIn, measured.exported->loadsIn);
        QCOMPARE(back.sensitivity->layers.size(), measured.sensitivity->layers.size());
        QCOMPARE(back.sensitivity->layers.back().on, measured.sensitivity->layers.back().on);
        QVERIFY(std::isnan(back.quantized->linears.front().outputError)); // unknown is not 0
        QCOMPARE(second.reports().size(), 1u);
        QCOMPARE(second.reports().front().comparison.rows.front().perplexity, 13.5);
        QCOMPARE(second.comparedStatistics()->fingerprint, first.statistics()->fingerprint);
        second.removeReport(0);
        QVERIFY(other.isModified());

        // What a folder has lost is told, and kept for when it is put back.
        QVERIFY(QDir(at("comparison")).removeRecursively() && QDir().rename(at("packed"), at("elsewhere")));
        Workspace third;
        ProjectKeeper last(third, at("recovery"));
        QSignalSpy told(&last, &ProjectKeeper::incomplete);
        last.open(at("measured.eigenquant"));
        AWAIT_COMPARE(told.size(), 1);
        for (const char* what : {"comparison is missing", "packed is missing"})
            QVERIFY2(told[0][0].toString().contains(what), qPrintable(told[0][0].toString()));
        QVERIFY(third.reports().empty() && !third.results().quantized && third.results().floatPerplexity);
        last.save(at("measured.eigenquant"));
        QVERIFY(QDir().rename(at("elsewhere"), at("packed")));
        const Project kept = loadProject(at("measured.eigenquant"));
        QCOMPARE(kept.reports.size(), 1u);
        QVERIFY(kept.results.quantized && kept.missingFolders.checkpoint.isEmpty());
        QCOMPARE(kept.results.latency->rows.size(), measured.latency->rows.size());
    }

    void aProjectWithoutTheNewerKeysOpens()
    {
        const Project project = projectFromJson(
            "{\"format\": \"eigenquant-project\", \"version\": 1, \"results\": {\"float_perplexity\": "
            "{\"perplexity\": 9.5, \"stderr\": 0.5}}}",
            at("old.eigenquant"));
        QCOMPARE(project.results.floatPerplexity->perplexity, 9.5);
        QVERIFY(project.reports.empty() && !project.results.latency && !project.results.exported);
    }

    void aFolderMayBeMovedAsAWhole()
    {
        QDir().mkpath(at("here"));
        QFile::copy(m_stats, at("here/s.stats"));
        Project project;
        project.statistics.path = at("here/s.stats");
        saveProject(project, at("here/p.eigenquant"));
        QVERIFY(QDir().rename(at("here"), at("there")));
        const Project moved = loadProject(at("there/p.eigenquant"));
        QCOMPARE(moved.statistics.path, at("there/s.stats"));
        QVERIFY(moved.statistics.missing.isEmpty());
        // The project alone: the absolute path still leads there.
        QVERIFY(QDir().rename(at("there"), at("here")));
        QVERIFY(QFile::rename(at("here/p.eigenquant"), at("p.eigenquant")));
        QCOMPARE(loadProject(at("p.eigenquant")).statistics.path, at("here/s.stats"));
    }

    void whatIsMissingIsToldAndKept()
    {
        Workspace first;
        ProjectKeeper keeper(first, at("recovery"));
        fill(first);
        QFile::copy(m_stats, at("moved.stats"));
        auto statistics = std::make_shared<ModelStatistics>(*first.statistics());
        statistics->path = at("gone.stats").toStdString();
        first.setStatistics(statistics, plan(*statistics));
        keeper.save(at("b.eigenquant"));

        Workspace second;
        ProjectKeeper other(second, at("recovery"));
        QSignalSpy incomplete(&other, &ProjectKeeper::incomplete);
        other.open(at("b.eigenquant"));
        AWAIT_COMPARE(incomplete.size(), 1);
        QVERIFY(incomplete[0][0].toString().contains("gone.stats"));
        QVERIFY(second.session() && !second.statistics());
        other.save(at("c.eigenquant")); // the plan is not lost by that
        const Project kept = loadProject(at("c.eigenquant"));
        QVERIFY(kept.plan && kept.statistics.path.endsWith("gone.stats"));
        QVERIFY_THROWS_EXCEPTION(Error, loadRenderSource(at("c.eigenquant")));
    }

    void damagedFilesAreRefused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        QTest::newRow("nothing") << QByteArray() << "damaged";
        QTest::newRow("cut off") << QByteArray("{\"format\": \"eigenquant-pro") << "damaged";
        QTest::newRow("noise") << QByteArray("\x00\xff\xfe\x01", 4) << "damaged";
        QTest::newRow("a list") << QByteArray("[1, 2]") << "damaged";
        QTest::newRow("another kind") << QByteArray("{\"format\": \"plan\"}") << "no project file";
        QTest::newRow("newer") << QByteArray("{\"format\": \"eigenquant-project\", \"version\": 99}")
                               << "newer version";
        QTest::newRow("no version") << QByteArray("{\"format\": \"eigenquant-project\"}") << "no version";
        QTest::newRow("a broken plan") << QByteArray("{\"format\": \"eigenquant-project\", \"version\": 1, "
                                                     "\"plan\": {\"linears\": 7}}")
                                       << "broken.eigenquant";
    }

    void damagedFilesAreRefused()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        const QString file = at("broken.eigenquant");
        write(file, bytes);
        Workspace workspace;
        ProjectKeeper keeper(workspace, at("recovery"));
        QSignalSpy failed(&keeper, &ProjectKeeper::failed);
        keeper.open(file);
        QCOMPARE(failed.size(), 1);
        QVERIFY2(failed[0][0].toString().contains(says), qPrintable(failed[0][0].toString()));
        QCOMPARE(contentOf(file), bytes); // and left alone
    }

    void wrongTypesAreNoTrap()
    {
        const Project project =
            projectFromJson("{\"format\": \"eigenquant-project\", \"version\": 1, \"model\": 3, "
                            "\"statistics\": [], \"texts\": \"x\", \"results\": {\"quantized\": 5}, "
                            "\"view\": {\"layer\": \"x\", \"site\": 9}, \"plan\": []}",
                            at("x.eigenquant"));
        QVERIFY(project.model.path.isEmpty() && !project.plan && !project.results.quantized);
    }

    void unknownKeysAreWrittenAgain()
    {
        write(at("future.eigenquant"),
              "{\"format\": \"eigenquant-project\", \"version\": 1, \"notes\": \"keep me\"}");
        const Project project = loadProject(at("future.eigenquant"));
        const QByteArray again = projectToJson(project, at("future.eigenquant"));
        QCOMPARE(QJsonDocument::fromJson(again)["notes"].toString(), "keep me");
    }

    void whatCannotBeWrittenIsSaid()
    {
        Workspace workspace;
        ProjectKeeper keeper(workspace, at("recovery"));
        QVERIFY_THROWS_EXCEPTION(Error, keeper.save(at("no/such/folder/p.eigenquant")));
        QVERIFY(keeper.path().isEmpty());
    }

    void aCrashLosesNothing()
    {
        const QString folder = at("crash");
        QString left;
        {
            Workspace workspace;
            ProjectKeeper keeper(workspace, folder);
            fill(workspace);
            QVERIFY(keeper.isModified());
            keeper.writeRecovery();
            const QStringList files = QDir(folder).entryList({"recovery-*.eigenquant"});
            QCOMPARE(files.size(), 1);
            QVERIFY(keeper.recoverable().isEmpty()); // our own
            // As a process that died would have left it: a file whose lock nobody holds.
            left = folder + "/recovery-999999999.eigenquant";
            QVERIFY(QFile::copy(folder + "/" + files.front(), left));
        }
        QCOMPARE(QDir(folder).entryList({"recovery-*.eigenquant"}).size(), 1); // an orderly end takes its own away
        Workspace workspace;
        ProjectKeeper keeper(workspace, folder);
        QCOMPARE(keeper.recoverable(), left);
        keeper.recover(left);
        AWAIT_VERIFY(workspace.statistics());
        QCOMPARE(workspace.plan().summary(1).bits, 3.0);
        QVERIFY(keeper.isModified() && keeper.path().isEmpty());
        QVERIFY(!QFile::exists(left));
        QVERIFY(keeper.recoverable().isEmpty());
    }

    void aLivingStudiosFileIsLeftAlone()
    {
        const QString file = at("living/recovery-4.eigenquant");
        QDir().mkpath(at("living"));
        write(file, "{}");
        QLockFile lock(file + ".lock");
        QVERIFY(lock.tryLock());
        Workspace workspace;
        QVERIFY(ProjectKeeper(workspace, at("living")).recoverable().isEmpty());
    }

    void theWindowOpensProjectsAndAsksBeforeItStopsAJob()
    {
        Workspace first;
        ProjectKeeper keeper(first, at("recovery"));
        fill(first);
        keeper.save(at("window.eigenquant"));
        MainWindow window;
        window.show();
        window.tasks().openPath(at("window.eigenquant"));
        AWAIT_COMPARE(window.windowTitle(), "window[*] — Eigenquant Studio");
        JobRunner& jobs = window.workspace().jobs();
        AWAIT_VERIFY(jobs.activeJobs().empty()); // the project's model is open, too
        QVERIFY(!window.isWindowModified());
        QCOMPARE(AppSettings().recentFiles().front(), at("window.eigenquant"));
        window.workspace().plan().setBits({0}, 2);
        QVERIFY(window.isWindowModified());
        window.findChild<StudioActions*>()->saveProject->trigger();
        QVERIFY(!window.isWindowModified());
        QCOMPARE(loadProject(at("window.eigenquant")).plan->linears.front().bits, 2.0);

        QString asked;
        bool allow = false;
        window.tasks().setMayStop([&](const QString& job) {
            asked = job;
            return allow;
        });
        bool cancelled = false;
        jobs.submit(
            JobLane::Model, "quantize", "Quantize it",
            [](const RunContext& context) {
                while (true)
                    context.checkpoint();
                return 0;
            },
            [&](const JobOutcome<int>& outcome) { cancelled = outcome.cancelled; });
        const auto session = window.workspace().session();
        window.tasks().openModel(m_model);
        QCOMPARE(asked, "Quantize it");
        QCOMPARE(jobs.activeJobs().size(), 1u);
        allow = true;
        window.tasks().openModel(m_model);
        AWAIT_VERIFY(cancelled);
        AWAIT_VERIFY(window.workspace().session() != session);
    }
};

EIGENQUANT_UI_TEST(tst_project, ProjectTest)
#include "tst_project.moc"
