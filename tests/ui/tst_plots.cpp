// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/session/session.h"
#include "tests/ui/synthetic_statistics.h"
#include "tests/ui/ui_test.h"
#include "ui/plots/energy_heatmap.h"
#include "ui/plots/error_plot.h"
#include "ui/plots/label_places.h"
#include "ui/plots/outlier_plot.h"
#include "ui/plots/series.h"
#include "ui/plots/spectrum_plot.h"
#include "ui/render/render.h"

#include <QDir>
#include <QFile>
#include <QImage>
#include <QSignalSpy>
#include <QSvgRenderer>
#include <QTemporaryDir>
#include <qcustomplot.h>

#include <cmath>
#include <limits>
#include <set>

using namespace eigenquant;

namespace {

SiteStatistics siteOf(const std::vector<double>& values)
{
    return {.channels = int(values.size()), .eigenvalues = values, .channelEnergy = values, .channelMax = values};
}

/// More than a flat picture: at least this many colours.
bool isDrawn(const QImage& image, std::size_t colours = 8)
{
    std::set<QRgb> seen;
    for (int y = 0; y < image.height(); y += 3)
        for (int x = 0; x < image.width() && seen.size() < colours; x += 3)
            seen.insert(image.pixel(x, y));
    return seen.size() >= colours;
}

} // namespace

class PlotsTest : public QObject {
    Q_OBJECT

private slots:
    void strangeDataIsDrawnWithoutFailing_data()
    {
        QTest::addColumn<QList<double>>("values");
        QTest::newRow("none") << QList<double>{};
        QTest::newRow("one") << QList<double>{3};
        QTest::newRow("all zero") << QList<double>{0, 0, 0};
        QTest::newRow("all equal") << QList<double>(50, 2.0);
        QTest::newRow("not a number") << QList<double>{NAN, 1, NAN, INFINITY, -1, 0};
        QTest::newRow("only not a number") << QList<double>{NAN, NAN};
        QTest::newRow("huge range") << QList<double>{1e300, 1, 1e-300};
    }

    void strangeDataIsDrawnWithoutFailing()
    {
        QFETCH(QList<double>, values);
        const SiteStatistics site = siteOf({values.begin(), values.end()});
        const SiteSummary summary{.channels = site.channels, .method = Method::Rosaq, .salient = site.channels / 2};
        SpectrumPlot spectrum;
        for (const SpectrumStyle style :
             {SpectrumStyle{}, SpectrumStyle{true, true, true}, SpectrumStyle{false, false}}) {
            spectrum.setStyle(style);
            spectrum.setSpectra({makeSpectrumData(site, &summary, NAN)});
            spectrum.drawNow();
            QVERIFY(!spectrum.canvas().toPixmap(400, 300).isNull());
        }
        OutlierPlot outliers;
        outliers.setSites({site}, 5);
        outliers.setHighlight(3);
        outliers.drawNow();
        QVERIFY(!outliers.canvas().toPixmap(400, 300).isNull());
        auto statistics = test::syntheticStatistics({.layers = 1});
        for (SiteStatistics& each : statistics->sites)
            each.eigenvalues = site.eigenvalues;
        EnergyHeatmap heatmap;
        heatmap.setStatistics(statistics, {Site::AttnIn, Site::MlpOut});
        heatmap.drawNow();
        QVERIFY(!heatmap.canvas().toPixmap(400, 300).isNull());
        ErrorPlot errors;
        errors.setSummaries({{.predictedError = values.isEmpty() ? 0 : values.front()}});
        errors.drawNow();
        QVERIFY(!errors.canvas().toPixmap(400, 300).isNull());
        for (const PlotView* view : std::initializer_list<const PlotView*>{&spectrum, &outliers, &heatmap, &errors})
            QVERIFY(!view->table().headings.isEmpty());
    }

    void emptyPlotsSayWhy()
    {
        SpectrumPlot spectrum;
        spectrum.drawNow();
        ErrorPlot errors;
        errors.drawNow();
        EnergyHeatmap heatmap;
        heatmap.drawNow();
        for (PlotView* view : std::initializer_list<PlotView*>{&spectrum, &errors, &heatmap})
            QVERIFY(qobject_cast<QCPTextElement*>(view->canvas().plotLayout()->element(0, 0)));
    }

    void seriesArithmetic()
    {
        QCOMPARE(series::descending({1, NAN, 3, -2}), (std::vector<double>{3, 1, 0, 0}));
        QCOMPARE(series::cumulativeShare({3, 1}), (std::vector<double>{0.75, 1}));
        QCOMPARE(series::cumulativeShare({0, 0}), (std::vector<double>{0, 0}));
        QCOMPARE(series::topIndices({1, 5, NAN, 5, 2}, 3), (std::vector<int>{1, 3, 4}));
        QCOMPARE(series::topIndices({1}, 9), (std::vector<int>{0}));
        const std::vector<double> wide{1e20, 1e-20};
        const auto [low, high] = series::logRange({&wide});
        QVERIFY(low > 1e9 && low < high);
        const std::vector<double> none;
        QVERIFY(series::logRange({&none}).first < series::logRange({&none}).second);
    }

    void eachPanelHasItsOwnLegend()
    {
        const auto statistics = test::syntheticStatistics({.layers = 1});
        std::vector<SpectrumData> spectra;
        for (const SiteStatistics& site : statistics->sites)
            spectra.push_back(makeSpectrumData(site, nullptr, 0));
        SpectrumPlot plot;
        plot.setSpectra(std::move(spectra));
        plot.drawNow();
        std::multiset<int> entries;
        for (const QCPAxisRect* rect : plot.canvas().axisRects())
            entries.insert(qobject_cast<QCPLegend*>(rect->insetLayout()->elementAt(0))->itemCount());
        // Two curves each, and the head-wise one at attn_out.
        QCOMPARE(entries, (std::multiset<int>{2, 2, 2, 3}));
    }

    void powersOfTenDoNotFollowTheLocale()
    {
        const QLocale before;
        QLocale::setDefault(QLocale(QLocale::German)); // has another letter before the exponent
        SpectrumPlot plot;
        QLocale::setDefault(before);
        plot.setSpectra({makeSpectrumData(test::syntheticStatistics({.layers = 1})->sites[0], nullptr, 0)});
        plot.drawNow();
        QCOMPARE(plot.canvas().locale().exponential(), "e");
    }

    void namesCoverNothing()
    {
        const QSizeF label(0.1, 0.1);
        QCOMPARE(placeLabels({{0.2, 0.9}, {0.6, 0.9}}, label), (std::vector{LabelSide::Right, LabelSide::Right}));
        // At the right edge, or beside a neighbour, it goes to the left; between two of them it stays away.
        QCOMPARE(placeLabels({{0.95, 0.5}}, label), (std::vector{LabelSide::Left}));
        QCOMPARE(placeLabels({{0.3, 0.5}, {0.35, 0.5}}, label), (std::vector{LabelSide::Left, LabelSide::Right}));
        QCOMPARE(placeLabels({{0.3, 0.5}, {0.35, 0.5}, {0.25, 0.5}}, label),
                 (std::vector{LabelSide::Nowhere, LabelSide::Right, LabelSide::Left}));
        QCOMPARE(placeLabels({{0.5, 0.01}}, label), (std::vector{LabelSide::Nowhere})); // on the axis
        QVERIFY(placeLabels({}, label).empty());
    }

    void relativeSpectrumIsAgainstTheMean()
    {
        const auto flat = relativeSpectrum(std::vector<double>(64, 7.0), 8);
        for (const double value : flat)
            QVERIFY(std::abs(value) < 1e-12);
        const auto falling = relativeSpectrum({100, 0, 0, 0}, 4);
        QVERIFY(std::abs(falling[0] - std::log10(4)) < 1e-12);
        QVERIFY(std::isnan(falling[3]));
    }

    void exportsAreWholeFiles()
    {
        const auto statistics = test::syntheticStatistics({.layers = 1});
        SpectrumPlot plot;
        plot.setSpectra({makeSpectrumData(statistics->sites[0], nullptr, 0)});
        const QTemporaryDir folder;
        plot.exportTo(folder.filePath("a.png"), {600, 400});
        const QImage png(folder.filePath("a.png"));
        QCOMPARE(png.size(), QSize(1200, 800));
        QVERIFY(isDrawn(png));
        plot.exportTo(folder.filePath("a.svg"), {600, 400});
        QSvgRenderer svg(folder.filePath("a.svg"));
        QVERIFY(svg.isValid());
        QCOMPARE(svg.viewBox(), QRect(0, 0, 600, 400));
        plot.exportTo(folder.filePath("a.pdf"), {600, 400});
        QFile pdf(folder.filePath("a.pdf"));
        QVERIFY(pdf.open(QIODevice::ReadOnly));
        QVERIFY(pdf.readAll().startsWith("%PDF"));
        plot.exportTo(folder.filePath("a.csv"), {600, 400});
        QFile csv(folder.filePath("a.csv"));
        QVERIFY(csv.open(QIODevice::ReadOnly));
        QCOMPARE(csv.readAll().count("\r\n"), 129); // the headings and 128 channels
        QVERIFY_THROWS_EXCEPTION(Error, plot.exportTo(folder.filePath("a.bmp")));
        QVERIFY_THROWS_EXCEPTION(Error, plot.exportTo(folder.filePath("missing/a.png")));
    }

    void draggingTheLineTellsK()
    {
        const auto statistics = test::syntheticStatistics({.layers = 1});
        const SiteSummary summary{
            .id = statistics->sites[0].id, .channels = 128, .method = Method::Rosaq, .salient = 8};
        SpectrumPlot plot;
        plot.resize(800, 500);
        plot.setSpectra({makeSpectrumData(statistics->sites[0], &summary, 0.5)});
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        plot.drawNow();
        plot.canvas().replot();
        const QCPAxis* x = plot.canvas().axisRects().front()->axis(QCPAxis::atBottom);
        QSignalSpy dragged(&plot, &SpectrumPlot::salientDragged);
        const int y = plot.canvas().height() / 2;
        QTest::mousePress(&plot.canvas(), Qt::LeftButton, {}, {int(x->coordToPixel(8.5)), y});
        QTest::mouseMove(&plot.canvas(), {int(x->coordToPixel(40)), y});
        QTest::mouseMove(&plot.canvas(), {int(std::lround(x->coordToPixel(64.5))), y});
        QTest::mouseRelease(&plot.canvas(), Qt::LeftButton, {}, {int(std::lround(x->coordToPixel(64.5))), y});
        QVERIFY(dragged.size() >= 1);
        QVERIFY(std::abs(dragged.last()[1].toInt() - 64) <= 1);
    }

    void renderWritesEveryFigure()
    {
        const auto statistics = test::syntheticStatistics({.layers = 2});
        const QTemporaryDir folder;
        const QStringList files = renderAll({statistics, makePlan(*statistics, {})}, folder.filePath("plots"));
        QCOMPARE(files.size(), 2 * (2 + 2 * 2));
        QVERIFY(files.contains("spectra_layer01.svg"));
        QVERIFY(files.contains("outliers_layer00.png"));
        QVERIFY(files.contains("heatmap_overview.png"));
        QVERIFY(files.contains("predicted_error.png"));
        for (const QString& name : files) {
            const QString file = QDir(folder.filePath("plots")).filePath(name);
            if (name.endsWith(".png"))
                QVERIFY2(isDrawn(QImage(file)), qPrintable(name));
            else
                QVERIFY2(QSvgRenderer(file).isValid(), qPrintable(name));
        }
    }

    void channelNormsAreRenderedWithoutSpectra()
    {
        const auto statistics = test::syntheticStatistics({.layers = 1, .normsOnly = true});
        const QTemporaryDir folder;
        const QStringList files = renderAll({statistics, makePlan(*statistics, PlanOptions::of(Method::Cmpq))},
                                            folder.filePath("plots"));
        QCOMPARE(files, (QStringList{"predicted_error.png", "predicted_error.svg", "outliers_layer00.png",
                                     "outliers_layer00.svg"}));
        QVERIFY(isDrawn(QImage(folder.filePath("plots/outliers_layer00.png"))));
        EnergyHeatmap heatmap;
        heatmap.setStatistics(statistics, {Site::AttnIn});
        heatmap.drawNow();
        QVERIFY(qobject_cast<QCPTextElement*>(heatmap.canvas().plotLayout()->element(0, 0)));
    }

    void theResidualStreamsRotationIsDrawnWhereItIsUsed()
    {
        const auto statistics = test::syntheticStatistics({.layers = 1});
        SiteSummary summary{.id = statistics->sites[0].id, .channels = 128, .method = Method::Rosaq, .salient = 8};
        QVERIFY(makeSpectrumData(statistics->sites[0], &summary, 0.5).global.empty());
        summary.basis = Basis::Global;
        const SpectrumData turned = makeSpectrumData(statistics->sites[0], &summary, 0.5);
        QCOMPARE(int(turned.global.size()), 128);
        QVERIFY(turned.keepsTop);
        summary.basis = Basis::Random; // no dimension of which is a top one
        QVERIFY(!makeSpectrumData(statistics->sites[0], &summary, 0.5).keepsTop);
    }

    void renderRefusesWhatIsNoProject()
    {
        const QTemporaryDir folder;
        QVERIFY_THROWS_EXCEPTION(Error, loadRenderSource(folder.path()));
        QVERIFY_THROWS_EXCEPTION(Error, loadRenderSource(folder.filePath("absent.stats")));
    }
};

EIGENQUANT_UI_TEST(tst_plots, PlotsTest)
#include "tst_plots.moc"
