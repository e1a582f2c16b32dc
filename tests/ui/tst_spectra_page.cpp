// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/session/session.h"
#include "tests/ui/heartbeat.h"
#include "tests/ui/patience.h"
#include "tests/ui/shown.h"
#include "tests/ui/synthetic_statistics.h"
#include "tests/ui/ui_test.h"
#include "ui/plots/energy_heatmap.h"
#include "ui/plots/error_plot.h"
#include "ui/plots/spectrum_plot.h"
#include "ui/shell/main_window.h"
#include "ui/text/format.h"
#include "ui/widgets/card.h"

#include <QCheckBox>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTemporaryDir>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

using namespace eigenquant;
using test::shown;

namespace {

/// The words on a plot that can be seen now.
QStringList wordsOn(const PlotView& plot)
{
    QStringList words;
    for (int i = 0; i < plot.canvas().itemCount(); ++i)
        if (const auto* text = qobject_cast<QCPItemText*>(plot.canvas().item(i)); text && text->visible())
            words << text->text();
    return words;
}

bool saysAnywhere(const PlotView& plot, const QString& part)
{
    const QStringList words = wordsOn(plot);
    return std::ranges::any_of(words, [&](const QString& each) { return each.contains(part); });
}

QString tileValue(const QWidget& window, const QString& caption)
{
    for (const auto* label : window.findChildren<QLabel*>())
        if (label->isVisible() && label->accessibleName() == caption)
            return label->text();
    return {};
}

} // namespace

class SpectraPageTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_settings;
    std::shared_ptr<ModelStatistics> m_statistics;
    std::unique_ptr<MainWindow> m_window;

    void open(const test::SyntheticOptions& options = {})
    {
        m_statistics = test::syntheticStatistics(options);
        m_window = std::make_unique<MainWindow>();
        m_window->resize(1400, 900);
        m_window->workspace().setStatistics(m_statistics, makePlan(*m_statistics, {}));
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        m_window->showPage("spectra");
        test::settle(*m_window);
    }
    PlanDocument& plan() { return m_window->workspace().plan(); }
    Selection& selection() { return m_window->workspace().selection(); }
    SpectrumPlot& spectrum() { return *shown<SpectrumPlot>(*m_window); }
    EnergyHeatmap& heatmap() { return *shown<EnergyHeatmap>(*m_window); }
    QPoint onSpectrum(double rank)
    {
        const auto* rect = spectrum().canvas().axisRects().front();
        return {int(std::lround(rect->axis(QCPAxis::atBottom)->coordToPixel(rank))), rect->center().y()};
    }
    QPoint onHeatmap(double percent, int layer)
    {
        const auto* rect = heatmap().canvas().axisRects().front();
        return {int(std::lround(rect->axis(QCPAxis::atBottom)->coordToPixel(percent))),
                int(std::lround(rect->axis(QCPAxis::atLeft)->coordToPixel(layer)))};
    }

private slots:
    void init() { QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path()); }
    void cleanup() { m_window.reset(); }

    void aDragShowsTheNumbersOfTheCoreAndIsOneStep()
    {
        open();
        const SiteId site{0, Site::AttnIn};
        const int row = plan().rowOf(site), before = plan().summary(row).salient;
        QWidget& canvas = spectrum().canvas();
        QTest::mousePress(&canvas, Qt::LeftButton, {}, onSpectrum(before + 0.5));
        for (const double rank : {20.5, 30.5, 48.5}) {
            QTest::mouseMove(&canvas, onSpectrum(rank));
            QCoreApplication::processEvents();
        }
        QTest::mouseRelease(&canvas, Qt::LeftButton, {}, onSpectrum(48.5));
        QCoreApplication::processEvents();
        const int salient = plan().summary(row).salient;
        QVERIFY2(std::abs(salient - 48) <= 1, qPrintable(QString::number(salient)));
        QCOMPARE(plan().undoStack().count(), 1);

        // What a plan made by hand says, as the command line would.
        Plan made = makePlan(*m_statistics, {});
        for (LinearPlan& linear : made.linears)
            if (linear.id.site() == site)
                linear.salient = salient;
        predict(made, *m_statistics);
        for (const LinearPlan& linear : made.linears)
            QCOMPARE(plan().plan().linear(linear.id).predictedError, linear.predictedError);
        const double share = salientEnergyShare(m_statistics->site(site), Basis::Pca, Select::Top, salient);
        QCOMPARE(tileValue(*m_window, "Top K hold (rotated)"), text::percent(share));
        QCOMPARE(tileValue(*m_window, "Predicted error"), text::number(plan().summary(row).predictedError));
        QVERIFY(saysAnywhere(spectrum(), salientNote(salient, share, plan().summary(row).predictedError)));
        plan().undoStack().undo();
        QCOMPARE(plan().summary(row).salient, before);
    }

    void keysMoveTheLine()
    {
        open();
        const int row = plan().rowOf({0, Site::AttnIn}), before = plan().summary(row).salient;
        QWidget& canvas = spectrum().canvas();
        canvas.setFocus();
        for (int i = 0; i < 3; ++i)
            QTest::keyClick(&canvas, Qt::Key_Right);
        QTest::keyClick(&canvas, Qt::Key_PageUp);
        QCOMPARE(plan().summary(row).salient, before + 11);
        QCOMPARE(plan().undoStack().count(), 1);
        QTest::keyClick(&canvas, Qt::Key_Home);
        QTest::keyClick(&canvas, Qt::Key_Left);
        QCOMPARE(plan().summary(row).salient, 0);
        QTest::keyClick(&canvas, Qt::Key_End);
        QTest::keyClick(&canvas, Qt::Key_Right);
        QCOMPARE(plan().summary(row).salient, 128);
        QVERIFY(!canvas.accessibleDescription().isEmpty());
        plan().undoStack().undo();
        QCOMPARE(plan().summary(row).salient, before);
    }

    void pointingAtOnePlotMarksTheOthers()
    {
        open();
        QTest::mouseMove(&heatmap().canvas(), onHeatmap(50.2, 3));
        QCOMPARE(selection().pointed().layer, 3);
        QCOMPARE(selection().pointed().dimension, 64);
        QVERIFY(saysAnywhere(heatmap(), "layer 3"));
        QVERIFY(saysAnywhere(spectrum(), "dimension 65 of 128"));
        QVERIFY(saysAnywhere(spectrum(),
                             "layer 3 " + text::number(m_statistics->site({3, Site::AttnIn}).eigenvalues[64], 4)));
        QTest::mouseMove(&spectrum().canvas(), onSpectrum(11));
        QCOMPARE(selection().pointed().dimension, 10);
        QVERIFY(saysAnywhere(heatmap(), "dimension 11"));
        QEvent leave(QEvent::Leave);
        QCoreApplication::sendEvent(&spectrum().canvas(), &leave);
        QCOMPARE(selection().pointed(), Pointed());
        QVERIFY(!saysAnywhere(heatmap(), "dimension"));

        // Across pages, too: the plots of the overview follow the same pointer.
        m_window->showPage("overview");
        test::settle(*m_window);
        selection().setPointed({.layer = 2});
        QVERIFY(saysAnywhere(*shown<ErrorPlot>(*m_window), "layer 2"));
        QTest::mouseClick(&heatmap().canvas(), Qt::LeftButton, {}, onHeatmap(10, 4));
        QCOMPARE(selection().layer(), 4);
    }

    void otherStatisticsAreDrawnBesideAndTheirDifferencesSaid()
    {
        open();
        auto other = test::syntheticStatistics({.layers = 2, .seed = 7});
        other->textName = "poems.txt";
        other->path = "/statistics/poems.stats";
        m_window->workspace().setComparedStatistics(other);
        test::settle(*m_window);
        const auto sentence = [&] {
            for (const auto* label : m_window->findChildren<QLabel*>())
                if (label->isVisible() && label->text().startsWith("Compared with"))
                    return label->text();
            return QString();
        };
        const SiteId site{0, Site::AttnIn};
        const int salient = plan().summary(plan().rowOf(site)).salient;
        QVERIFY(sentence().contains("poems.txt"));
        QVERIFY(sentence().endsWith(
            text::differenceSentence(spectrumDifference(*m_statistics, *other, site, salient))));
        const TableData table = spectrum().table();
        QCOMPARE(table.rows.front().back().toDouble(), other->site(site).eigenvalues.front());

        selection().setLayer(5); // which the other statistics do not have
        test::settle(*m_window);
        QVERIFY2(sentence().contains("no such layer"), qPrintable(sentence()));
        QVERIFY(!spectrum().table().rows.front().back().isValid());
        m_window->tasks().compareStatistics({});
        QCOMPARE(sentence(), QString());
        QSignalSpy failed(&m_window->tasks(), &StudioTasks::failed);
        m_window->tasks().compareStatistics("/absent.stats");
        AWAIT_COMPARE(failed.size(), 1);
    }

    void whatIsClosedOrShorterLeavesNothingBehind()
    {
        open();
        selection().setSite({5, Site::MlpOut});
        QTest::mouseMove(&heatmap().canvas(), onHeatmap(99.9, 5));
        const auto shorter = test::syntheticStatistics({.layers = 2, .hidden = 16, .intermediate = 24});
        m_window->workspace().setStatistics(shorter, makePlan(*shorter, {}));
        QTest::mouseMove(&heatmap().canvas(), onHeatmap(99.9, 1));
        test::settle(*m_window);
        QCOMPARE(selection().layer(), 1);
        selection().setPointed({.layer = 77, .site = Site::MlpOut, .dimension = 5000});
        selection().setPointed({.layer = 1, .site = Site::MlpOut, .dimension = 5000});
        QVERIFY(!m_window->grab().isNull());
    }

    void eightyLayersFollowThePointerAtOnce()
    {
        open({.layers = 80, .hidden = 512, .intermediate = 1024, .kvChannels = 128});
        double longest = 0;
        for (int step = 0; step < 160; ++step) {
            const double before = test::Heartbeat::threadSeconds();
            QTest::mouseMove(&heatmap().canvas(), onHeatmap(step % 100, step % 80));
            longest = std::max(longest, 1000 * (test::Heartbeat::threadSeconds() - before));
        }
        qInfo("at most %.1f ms of work a move", longest);
        QVERIFY2(longest < test::Heartbeat::kLongestWorkMs, qPrintable(QString::number(longest)));
    }
};

EIGENQUANT_UI_TEST(tst_spectra_page, SpectraPageTest)
#include "tst_spectra_page.moc"
