// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/session.h"
#include "tests/ui/heartbeat.h"
#include "tests/ui/patience.h"
#include "tests/ui/synthetic_statistics.h"
#include "tests/ui/ui_test.h"
#include "ui/plots/plot_view.h"
#include "ui/render/render.h"
#include "ui/shell/analyze_dialog.h"
#include "ui/shell/command_line.h"
#include "ui/shell/main_window.h"
#include "ui/shell/theme.h"
#include "ui/state/plan_choices.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/path_field.h"
#include "ui/widgets/plan_editor.h"

#include <QAbstractSpinBox>
#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QImage>
#include <QLabel>
#include <QScrollBar>
#include <QSettings>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>

#include <algorithm>

using namespace eigenquant;

using test::Heartbeat;

class WindowTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_settings;

    void writeSettings(const QByteArray& bytes)
    {
        QDir().mkpath(m_settings.filePath("eigenquant"));
        QFile file(m_settings.filePath("eigenquant/studio.ini"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
    }

private slots:
    void init()
    {
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path());
        writeSettings({});
    }

    void startsEmptyAndSaysWhatToDo()
    {
        MainWindow window;
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        QCOMPARE(window.windowTitle(), "Eigenquant Studio");
        for (const QString& page : window.pageIds()) {
            window.showPage(page);
            QCoreApplication::processEvents();
            if (page == "start")
                continue;
            const auto states = window.findChildren<EmptyState*>();
            QVERIFY2(std::any_of(states.begin(), states.end(), [](const auto* state) { return state->isVisible(); }),
                     qPrintable(page));
        }
    }

    void everyPageShowsStatistics()
    {
        const auto statistics = test::syntheticStatistics();
        MainWindow window;
        window.show();
        window.workspace().setStatistics(statistics, makePlan(*statistics, {}));
        QVERIFY(window.windowTitle().startsWith("Synthetic model"));
        for (const QString& page : window.pageIds()) {
            window.showPage(page);
            QCoreApplication::processEvents();
            QVERIFY(page == "start" || page == "runs" || std::ranges::none_of(window.findChildren<EmptyState*>(),
                                                           [](const auto* state) { return state->isVisible(); }));
        }
        window.workspace().selection().setSite({5, Site::MlpOut});
        window.workspace().plan().setBits({0}, 2);
        QVERIFY(window.isWindowModified());
        window.workspace().plan().undoStack().undo();
        QVERIFY(!window.isWindowModified());
    }

    void statisticsOfChannelNormsOpenOnEveryPage()
    {
        const auto statistics = test::syntheticStatistics({.normsOnly = true});
        MainWindow window;
        window.show();
        Workspace& workspace = window.workspace();
        workspace.setStatistics(statistics, makePlan(*statistics, startingOptions(*statistics)));
        QCOMPARE(workspace.plan().summary(0).method, Method::Cmpq);
        for (const QString& page : window.pageIds()) {
            window.showPage(page);
            workspace.selection().setSite({2, Site::MlpIn});
            workspace.plan().setBits({0}, 2.2);
            workspace.plan().undoStack().undo();
            window.grab();
            const auto states = window.findChildren<EmptyState*>();
            const auto shown = std::ranges::find_if(states, [](const auto* state) { return state->isVisible(); });
            QCOMPARE(shown != states.end(), page == "spectra" || page == "runs"); // nothing was run yet
            if (page != "spectra")
                continue;
            const auto labels = (*shown)->findChildren<QLabel*>();
            QVERIFY(std::ranges::any_of(labels,
                                        [](const auto* label) { return label->text().contains("norms only"); }));
        }
        // Statistics with spectra bring the page back.
        const auto whole = test::syntheticStatistics();
        workspace.setStatistics(whole, makePlan(*whole, {}));
        window.showPage("spectra");
        QVERIFY(std::ranges::none_of(window.findChildren<EmptyState*>(),
                                     [](const auto* state) { return state->isVisible(); }));
    }

    void targetBitsAreSpreadOffTheUiThread()
    {
        const auto statistics = test::syntheticStatistics();
        MainWindow window;
        PlanDocument& plan = window.workspace().plan();
        window.workspace().setStatistics(statistics, makePlan(*statistics, {}));
        QSignalSpy failed(&window.tasks(), &StudioTasks::failed);
        PlanOptions options = PlanOptions::of(Method::Salient);
        options.targetBits = 4.5;
        window.tasks().replan(options, {});
        QCOMPARE(plan.undoStack().count(), 0); // not yet
        AWAIT_COMPARE(plan.undoStack().count(), 1);
        QVERIFY(plan.totals().effectiveBits <= 4.5 + 1e-9 && plan.totals().effectiveBits > 4.3);
        QCOMPARE(plan.plan().options.targetBits, 4.5);

        window.tasks().replan(options, {});
        plan.setBits({0}, 8); // what is edited meanwhile is not lost
        AWAIT_COMPARE(failed.size(), 1);
        QCOMPARE(plan.summary(0).bits, 8.0);
        options.targetBits = 0.5;
        window.tasks().replan(options, {});
        AWAIT_COMPARE(failed.size(), 2);
        QVERIFY2(failed[1][1].toString().contains("cannot be reached"), qPrintable(failed[1][1].toString()));
    }

    void theEditorShowsTheSettingsOfALoadedPlan()
    {
        const auto statistics = test::syntheticStatistics();
        MainWindow window;
        window.workspace().setStatistics(statistics, makePlan(*statistics, {}));
        const auto* editor = window.findChild<PlanEditor*>();
        QCOMPARE(editor->options().method, Method::Rosaq);
        PlanOptions options = PlanOptions::of(Method::Cmpq);
        options.bits = 2.2;
        window.workspace().plan().replacePlan(makePlan(*statistics, options), "load");
        QCOMPARE(editor->options().method, Method::Cmpq);
        QCOMPARE(editor->options().bits, 2.2);
        Plan broken = makePlan(*statistics, {});
        broken.linears.front().bits = 2.5; // a grid has whole widths
        window.workspace().plan().replacePlan(broken, "load");
        QCOMPARE(editor->options().method, Method::Cmpq);
        QCOMPARE(window.workspace().plan().summary(0).method, Method::Cmpq);
    }

    void aSmallScreenIsEnough()
    {
        const auto statistics = test::syntheticStatistics();
        MainWindow window;
        window.resetLayout();
        window.workspace().setStatistics(statistics, makePlan(*statistics, {}));
        window.workspace().plan().applyOptions(PlanOptions::of(Method::RandRot), {}); // has the longest words
        window.show();
        for (const QString& page : window.pageIds()) {
            window.showPage(page);
            window.resize(1280, 720);
            QCoreApplication::processEvents();
            QVERIFY2(window.width() <= 1280 && window.height() <= 720, qPrintable(page));
        }
        window.showPage("budgets");
        QCoreApplication::processEvents();
        const auto tables = window.findChildren<QTableView*>();
        const auto table = std::ranges::find_if(tables, [](const auto* view) { return view->isVisible(); });
        QVERIFY(table != tables.end());
        QCOMPARE((*table)->horizontalScrollBar()->maximum(), 0);
    }

    void analysisOfChannelNormsKeepsNoMoments()
    {
        const QTemporaryDir folder;
        Workspace workspace;
        AnalyzeDialog dialog(workspace);
        dialog.findChildren<PathField*>().back()->setPath(folder.filePath("a.stats"));
        QVERIFY(!dialog.options().normsOnly);
        QVERIFY(dialog.options().keepMoments);
        const auto checks = dialog.findChildren<QCheckBox*>();
        const auto norms =
            std::ranges::find_if(checks, [](const auto* check) { return check->text().contains("norms only"); });
        QVERIFY(norms != checks.end());
        (*norms)->setChecked(true);
        QVERIFY(dialog.options().normsOnly);
        QVERIFY(!dialog.options().keepMoments);
    }

    void everyControlHasANameAndEveryActionAToolTip()
    {
        MainWindow window;
        for (const QTableView* table : window.findChildren<QTableView*>())
            QVERIFY(!table->accessibleName().isEmpty());
        for (const PlotView* plot : window.findChildren<PlotView*>())
            QVERIFY(!plot->table().headings.isEmpty());
        for (const QAction* action : window.findChild<StudioActions*>()->findChildren<QAction*>())
            QVERIFY2(!action->toolTip().isEmpty() && !action->icon().isNull(), qPrintable(action->text()));
        for (const QComboBox* box : window.findChildren<QComboBox*>())
            QVERIFY2(!box->accessibleName().isEmpty(), qPrintable(box->currentText()));
        for (const QAbstractSpinBox* box : window.findChildren<QAbstractSpinBox*>())
            QVERIFY2(!box->accessibleName().isEmpty(), qPrintable(box->toolTip()));
    }

    void damagedSettingsDoNotStopTheStart_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("noise") << QByteArray("\x00\xff\xfe[[[=%%%\n\x01\x02", 14);
        QTest::newRow("wrong types") << QByteArray("[window]\ngeometry=@Invalid()\nstate=@ByteArray(zzz)\n"
                                                   "[view]\ntheme=17\n[files]\nrecent=@Variant(\\0)\n"
                                                   "[compute]\ndevice=toaster\n");
        QTest::newRow("geometry of nothing") << QByteArray("[window]\ngeometry=@ByteArray(\\x1\\xd9\\xd0\\xcb)\n");
    }

    void damagedSettingsDoNotStopTheStart()
    {
        QFETCH(QByteArray, bytes);
        writeSettings(bytes);
        MainWindow window;
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        QVERIFY(window.width() > 400 && window.height() > 300);
    }

    void recentFilesAreRemembered()
    {
        AppSettings settings;
        for (int i = 0; i < 12; ++i)
            settings.addRecentFile(QStringLiteral("/data/model%1.gguf").arg(i));
        settings.addRecentFile("/data/model5.gguf");
        QCOMPARE(settings.recentFiles().size(), 10);
        QCOMPARE(settings.recentFiles().front(), "/data/model5.gguf");
        QCOMPARE(settings.recentFiles().count("/data/model5.gguf"), 1);
    }

    void aStormOfKChangesDoesNotStallTheWindow()
    {
        const auto statistics =
            test::syntheticStatistics({.layers = 80, .hidden = 512, .intermediate = 1024, .kvChannels = 128});
        MainWindow window;
        window.show();
        window.workspace().setStatistics(statistics, makePlan(*statistics, {}));
        for (const char* page : {"spectra", "budgets", "overview"}) {
            window.showPage(page);
            test::settle(window); // the first drawing of a page is not the storm
            const Heartbeat heartbeat;
            PlanDocument& plan = window.workspace().plan();
            for (int k = 0; k < 120; ++k) {
                plan.setSalient({k % 4}, {double(k), false});
                QCoreApplication::processEvents();
            }
            QVERIFY2(heartbeat.longestWorkMs() < Heartbeat::kLongestWorkMs,
                     qPrintable(QStringLiteral("%1: %2 ms of work").arg(page).arg(heartbeat.longestWorkMs())));
            QVERIFY2(heartbeat.longestWallMs() < Heartbeat::kLongestWallMs,
                     qPrintable(QStringLiteral("%1: %2 ms").arg(page).arg(heartbeat.longestWallMs())));
            qInfo("%s: at most %.1f ms of work in one turn", page, heartbeat.longestWorkMs());
        }
    }

    void screenshotsShowEveryPageInBothThemes()
    {
        const auto statistics = test::syntheticStatistics();
        const QTemporaryDir folder;
        const QStringList files = writeScreenshots({statistics, makePlan(*statistics, {})}, folder.filePath("shots"));
        const MainWindow window;
        QVERIFY(files.size() >= 2 * window.pageIds().size());
        for (const QString& name : files) {
            const QImage image(QDir(folder.filePath("shots")).filePath(name));
            QCOMPARE(image.size(), QSize(1400, 900));
            const QColor corner = image.pixelColor(4, 890);
            QCOMPARE(corner.lightness() < 128, name.endsWith("_dark.png"));
        }
    }

    void commandLineIsParsedAndRefused()
    {
        QCOMPARE(parseCommandLine({"studio"}).kind, StudioCommand::Kind::Window);
        const StudioCommand open = parseCommandLine({"studio", "m.gguf", "t.txt"});
        QCOMPARE(open.open, (QStringList{"m.gguf", "t.txt"}));
        const StudioCommand render = parseCommandLine({"studio", "--render", "out", "x.stats"});
        QCOMPARE(render.kind, StudioCommand::Kind::Render);
        QCOMPARE(render.folder, "out");
        QCOMPARE(render.source, "x.stats");
        QVERIFY(parseCommandLine({"studio", "--demo"}).demo);
        QVERIFY(parseCommandLine({"studio", "--help"}).text.contains("--screenshots"));
        QVERIFY(parseCommandLine({"studio", "--version"}).text.contains("eigenquant-studio"));
        QVERIFY_THROWS_EXCEPTION(Error, parseCommandLine({"studio", "--render", "out"}));
        QVERIFY_THROWS_EXCEPTION(Error, parseCommandLine({"studio", "--nonsense"}));
        QVERIFY_THROWS_EXCEPTION(Error, parseCommandLine({"studio", "--screenshots"}));
    }

    void themesAreLightAndDark()
    {
        QVERIFY(PlotTheme::fromPalette(darkPalette()).dark);
        QVERIFY(!PlotTheme::fromPalette(lightPalette()).dark);
    }
};

EIGENQUANT_UI_TEST(tst_window, WindowTest)
#include "tst_window.moc"
