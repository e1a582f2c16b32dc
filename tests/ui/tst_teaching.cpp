// SPDX-License-Identifier: GPL-3.0-or-later
// The lesson: its numbers are core's, its keys turn the pages, its slides can be exported.
#include "core/base/error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"
#include "tests/ui/files.h"
#include "tests/ui/patience.h"
#include "tests/ui/synthetic_statistics.h"
#include "tests/ui/ui_test.h"
#include "ui/plots/grid_plot.h"
#include "ui/plots/plane_plot.h"
#include "ui/shell/main_window.h"
#include "ui/shell/theme.h"
#include "ui/teaching/lesson_view.h"
#include "ui/teaching/published_results.h"
#include "ui/teaching/slide_export.h"
#include "ui/teaching/slides.h"
#include "ui/text/format.h"
#include "ui/widgets/formula.h"

#include <QFile>
#include <QImage>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QSvgRenderer>
#include <QTemporaryDir>

#include <cmath>
#include <numbers>

using namespace eigenquant;
using test::fromPath;

namespace {

template <typename T>
T& slideOf(LessonView& lesson)
{
    for (int i = 0; i < lesson.stepCount(); ++i)
        if (auto* found = qobject_cast<T*>(&lesson.slide(i)))
            return *found;
    throw std::logic_error("no such slide");
}

QSlider& sliderOf(Slide& slide, const QString& name)
{
    for (auto* slider : slide.findChildren<QSlider*>())
        if (slider->accessibleName() == name)
            return *slider;
    throw std::logic_error("no such slider");
}

QString factOf(const Slide& slide, const QString& caption)
{
    for (const SlideBlock& block : slide.content().blocks)
        for (const auto& [name, value] : block.facts)
            if (name.startsWith(caption))
                return value;
    return {};
}

} // namespace

class TeachingTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_settings;

private slots:
    void init() { QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path()); }

    void formulasAreReadAndRefused()
    {
        QCOMPARE(Formula("XW = (XR)(R^\\top W)").plainText(), "XW = (XR)(R^TW)");
        QCOMPARE(Formula("\\frac{1}{n} x_j^2").plainText(), "1/nx_j^2");
        const Formula sum("\\sum_{j > K} \\lambda_j \\| \\Delta W_j \\|^2");
        QVERIFY(std::abs(sum.size(40).width() / sum.size(20).width() - 2) < 0.06); // sizes go with the letters
        QVERIFY(sum.size(20).width() > Formula("\\lambda_j").size(20).width());
        for (const char* bad : {"{x", "x}", "\\nonsense", "^2", "\\frac{1}", "\\text x", "\\"})
            QVERIFY_THROWS_EXCEPTION(Error, Formula{QString::fromLatin1(bad)});
    }

    void theKeyboardTurnsThePages()
    {
        const auto statistics = test::syntheticStatistics();
        MainWindow window;
        window.show();
        window.workspace().setStatistics(statistics, makePlan(*statistics, {}));
        window.showPage("teaching");
        auto& lesson = *window.findChild<LessonView*>();
        window.activateWindow(); // shortcuts are for the active window
        QVERIFY(QTest::qWaitForWindowActive(&window));
        lesson.setFocus();
        QCOMPARE(lesson.step(), 0);
        QTest::keyClick(&lesson, Qt::Key_Left);
        QCOMPARE(lesson.step(), 0);
        QTest::keyClick(&lesson, Qt::Key_Right);
        QTest::keyClick(&lesson, Qt::Key_PageDown);
        QCOMPARE(lesson.step(), 2);
        QTest::keyClick(&lesson, Qt::Key_End);
        QCOMPARE(lesson.step(), lesson.stepCount() - 1);
        QTest::keyClick(&lesson, Qt::Key_Right);
        QCOMPARE(lesson.step(), lesson.stepCount() - 1);
        QTest::keyClick(&lesson, Qt::Key_Home);
        QCOMPARE(lesson.step(), 0);
        QTest::keyClick(&lesson, Qt::Key_F5);
        QVERIFY(lesson.isPresenting() && lesson.isFullScreen() && lesson.isWindow());
        lesson.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&lesson));
        QTest::keyClick(&lesson, Qt::Key_Right);
        QCOMPARE(lesson.step(), 1);
        QTest::keyClick(&lesson, Qt::Key_Escape);
        QVERIFY(!lesson.isPresenting() && !lesson.isWindow() && lesson.isVisible());
        lesson.setPresenting(true);
        lesson.close(); // by the desktop: the lesson is not lost
        QVERIFY(!lesson.isPresenting() && !lesson.isWindow());
        lesson.setPresenting(true); // and the program may end meanwhile
    }

    void theGridIsTheQuantizers()
    {
        Workspace workspace;
        LessonView lesson(workspace);
        auto& slide = slideOf<GridSlide>(lesson);
        const auto errorAt = [&](int bits) {
            sliderOf(slide, "Bits").setValue(bits);
            return factOf(slide, "Mean squared").toDouble();
        };
        const TableData table = slide.figure().table();
        QCOMPARE(table.rows.size(), 32u);
        std::vector<float> weights;
        for (const QVariantList& row : table.rows)
            weights.push_back(row[0].toFloat());
        const RoundedGroup group = roundGroup(weights, 3, false);
        for (std::size_t i = 0; i < weights.size(); ++i)
            QCOMPARE(table.rows[i][1].toDouble(), group.rounded[i]);
        QCOMPARE(factOf(slide, "Step"), text::number(group.scale));
        QVERIFY(errorAt(2) > errorAt(4) && errorAt(4) > errorAt(8));
        const double before = errorAt(4);
        sliderOf(slide, "Outlier").setValue(40);
        QVERIFY(errorAt(4) > before);
    }

    void turningTheAxesMovesEnergyAndLosesNone()
    {
        PlanePlot plot;
        std::vector<std::pair<double, double>> points;
        for (int i = 0; i < 100; ++i)
            points.emplace_back(std::sin(i * 0.7) * 3, std::sin(i * 0.7) * 2 + std::cos(i * 1.3) * 0.2);
        points.emplace_back(std::nan(""), 1); // is left out
        plot.setPoints(points, "a", "b");
        const PlaneMoment& moment = plot.moment();
        QVERIFY(std::isfinite(moment.first));
        const double best = moment.principalAngle();
        for (double angle = -3; angle < 3; angle += 0.1) {
            const double whole = moment.along(angle) + moment.along(angle + std::numbers::pi / 2);
            QVERIFY(std::abs(whole - moment.first - moment.second) < 1e-9);
            QVERIFY(moment.along(angle) <= moment.along(best) + 1e-9);
        }
        QVERIFY(std::abs(moment.crossing(best)) < 1e-9);
        plot.setAngle(best);
        const TableData table = plot.table();
        QCOMPARE(table.rows.size(), 100u);
        double along = 0;
        for (const QVariantList& row : table.rows)
            along += row[2].toDouble() * row[2].toDouble() / 100;
        QVERIFY(std::abs(along - moment.along(best)) < 1e-9);
        plot.setPoints({}, "a", "b");
        plot.drawNow();
    }

    void numbersAreThoseOfTheStatistics()
    {
        const auto statistics = test::syntheticStatistics();
        Workspace workspace;
        workspace.setStatistics(statistics, makePlan(*statistics, {}));
        workspace.selection().setSite({2, Site::MlpIn});
        LessonView lesson(workspace);
        lesson.show();
        const SiteStatistics& site = statistics->site({2, Site::MlpIn});
        auto& rotated = slideOf<RotatedSlide>(lesson);
        sliderOf(rotated, "K / d").setValue(8); // 1/16
        const int salient = SalientBudget{1.0 / 16, true}.count(site.channels);
        QCOMPARE(factOf(rotated, "The first K"),
                 text::percent(salientEnergyShare(site, Basis::Pca, Select::Top, salient)));
        QCOMPARE(factOf(rotated, "The strongest K"),
                 text::percent(salientEnergyShare(site, Basis::Original, Select::Top, salient)));

        auto& remaining = slideOf<RemainingSlide>(lesson);
        lesson.goTo(lesson.stepCount() - 1);
        sliderOf(remaining, "K / d").setValue(8);
        AWAIT_VERIFY(!factOf(remaining, "3 bits").isEmpty());
        PlanOptions options = PlanOptions::of(Method::Rosaq);
        options.bits = 3;
        options.groupSize = statistics->groupSizes.front();
        options.salient = {1.0 / 16, true};
        options.attnOut = SiteTreatment::Full;
        const Plan plan = makePlan(*statistics, options);
        std::vector<int> linears;
        for (std::size_t i = 0; i < plan.linears.size(); ++i)
            if (plan.linears[i].id.site() == site.id)
                linears.push_back(int(i));
        const SiteSummary summary = summarize(plan, *statistics, plan.site(site.id), linears);
        QVERIFY(factOf(remaining, "3 bits").startsWith(text::percent(summary.predictedError, 2)));
        QVERIFY(
            factOf(remaining, "3 bits").endsWith(text::fixed(summary.effectiveBits - summary.rotationBits, 2)));
        // Another site takes other numbers.
        const QString before = factOf(remaining, "3 bits");
        workspace.selection().setSite({5, Site::MlpOut});
        AWAIT_VERIFY(!factOf(remaining, "3 bits").isEmpty() && factOf(remaining, "3 bits") != before);
    }

    void statisticsWithoutEigenvaluesAreNoTrap()
    {
        const auto statistics = test::syntheticStatistics({.normsOnly = true});
        Workspace workspace;
        workspace.setStatistics(statistics, makePlan(*statistics, PlanOptions::of(Method::Cmpq)));
        LessonView lesson(workspace);
        lesson.resize(1200, 700);
        lesson.show();
        for (int i = 0; i < lesson.stepCount(); ++i) {
            lesson.goTo(i);
            lesson.grab();
        }
        QVERIFY(!factOf(slideOf<ChannelsSlide>(lesson), "Strongest").isEmpty());
        QVERIFY(factOf(slideOf<RotatedSlide>(lesson), "K of d").isEmpty());
    }

    void slidesAreExported()
    {
        const auto statistics = test::syntheticStatistics();
        Workspace workspace;
        workspace.setStatistics(statistics, makePlan(*statistics, {}));
        LessonView lesson(workspace);
        const QTemporaryDir folder;
        for (const QPalette& palette : {lightPalette(), darkPalette()}) {
            for (int i = 0; i < lesson.stepCount(); ++i) {
                const QString stem = folder.filePath(lesson.slide(i).name());
                exportSlides({&lesson.slide(i)}, stem + ".png", palette);
                const QImage image(stem + ".png");
                QCOMPARE(image.size(), QSize(3200, 1800));
                QCOMPARE(image.pixelColor(2, 2), palette.color(QPalette::Base));
                exportSlides({&lesson.slide(i)}, stem + ".svg", palette);
                QVERIFY(QSvgRenderer(stem + ".svg").isValid());
            }
        }
        std::vector<const Slide*> all;
        for (int i = 0; i < lesson.stepCount(); ++i)
            all.push_back(&lesson.slide(i));
        exportSlides(all, folder.filePath("all.pdf"), lightPalette());
        QFile pdf(folder.filePath("all.pdf"));
        QVERIFY(pdf.open(QIODevice::ReadOnly));
        const QByteArray bytes = pdf.readAll();
        QVERIFY(bytes.startsWith("%PDF"));
        QVERIFY(bytes.contains("/Count 6"));
        QVERIFY_THROWS_EXCEPTION(Error, exportSlides(all, folder.filePath("all.png"), lightPalette()));
        QVERIFY_THROWS_EXCEPTION(Error, exportSlides(all, folder.filePath("no/such/all.pdf"), lightPalette()));
    }

    void thePublishedFiguresAreComplete()
    {
        const PublishedResults published = publishedResults();
        QCOMPARE(published.rows.size(), 6u);
        QVERIFY(published.reference > 20 && published.origin.contains("SmolLM2"));
        for (const KeptRow& row : published.rows)
            QVERIFY(row.perplexity > published.reference);
    }

    void theOpenModelIsReadAndMeasured()
    {
        const test::TemporaryFolder folder;
        const auto model = test::writeTinyModel(folder / "tiny");
        const auto text = folder.write("text.txt", test::tinyText(20000));
        MainWindow window;
        window.show();
        QSignalSpy failed(&window.tasks(), &StudioTasks::failed);
        window.tasks().openPath(fromPath(model));
        window.tasks().openPath(fromPath(text));
        AWAIT_VERIFY(window.workspace().session());
        AnalyzeOptions analyze;
        analyze.text = {.file = text, .context = 64, .windows = 8};
        analyze.out = folder / "tiny.stats";
        window.tasks().analyze(analyze);
        AWAIT_VERIFY(window.workspace().statistics() || !failed.isEmpty());
        QVERIFY(failed.isEmpty());
        window.showPage("teaching");
        auto& lesson = *window.findChild<LessonView*>();
        lesson.goTo(2);
        auto& plane = slideOf<PlaneSlide>(lesson);
        AWAIT_VERIFY(plane.content().sources.contains("text.txt"));

        auto& kept = slideOf<KeptSlide>(lesson);
        QVERIFY(kept.content().sources.startsWith("Not measured here"));
        QSignalSpy measured(&kept, &KeptSlide::measured);
        kept.measure();
        AWAIT_COMPARE(measured.size(), 1);
        QCOMPARE(measured[0][0].toString(), QString());
        const auto* plot = static_cast<const KeptPlot*>(&kept.figure());
        QCOMPARE(plot->rows().size(), 6u);
        for (const KeptRow& row : plot->rows())
            QVERIFY(row.perplexity > 1 && row.weightBits > 4);
        QVERIFY(kept.content().sources.startsWith("Measured here"));

        kept.measure();
        window.workspace().jobs().cancelAll();
        AWAIT_COMPARE(measured.size(), 2);
        QVERIFY(kept.content().sources.startsWith("Not measured here"));
    }
};

EIGENQUANT_UI_TEST(tst_teaching, TeachingTest)
#include "tst_teaching.moc"
