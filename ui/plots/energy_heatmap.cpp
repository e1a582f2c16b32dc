// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/energy_heatmap.h"

#include "ui/plots/figure_parts.h"
#include "ui/plots/series.h"
#include "ui/text/format.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace eigenquant {

namespace {

constexpr int kBins = 96;
constexpr double kEnergyDecades = 5;

} // namespace

std::vector<double> relativeSpectrum(const std::vector<double>& eigenvalues, int bins)
{
    std::vector<double> result(std::size_t(bins), std::numeric_limits<double>::quiet_NaN());
    const std::vector<double> falling = series::descending(eigenvalues);
    const double mean = falling.empty() ? 0 : series::sum(falling) / double(falling.size());
    if (mean <= 0)
        return result;
    for (std::size_t bin = 0; bin < result.size(); ++bin) {
        const std::size_t begin = bin * falling.size() / result.size();
        const std::size_t end = std::max(begin + 1, (bin + 1) * falling.size() / result.size());
        double sum = 0;
        for (std::size_t i = begin; i < std::min(end, falling.size()); ++i)
            sum += falling[i];
        if (sum > 0)
            result[bin] = std::log10(sum / double(end - begin) / mean);
    }
    return result;
}

EnergyHeatmap::EnergyHeatmap(QWidget* parent) : PlotView(tr("Energy by layer and dimension"), parent)
{
    canvas().setInteractions(QCP::iNone);
    connect(&canvas(), &QCustomPlot::mouseRelease, this, [this](QMouseEvent* event) {
        const auto* rect = canvas().axisRectAt(event->position());
        if (!rect || !m_statistics)
            return;
        const double layer = rect->axis(QCPAxis::atLeft)->pixelToCoord(event->position().y());
        emit layerClicked(int(std::lround(layer)));
    });
}

void EnergyHeatmap::setStatistics(std::shared_ptr<const ModelStatistics> statistics, std::vector<Site> sites)
{
    m_statistics = std::move(statistics);
    m_sites = std::move(sites);
    scheduleDraw();
}

void EnergyHeatmap::setSelectedLayer(int layer)
{
    m_selectedLayer = layer;
    placeFrames();
    replotOverlay();
}

void EnergyHeatmap::setKeptShares(std::map<Site, std::vector<double>> shares)
{
    m_keptShares = std::move(shares);
    placeKept();
    replotOverlay();
}

void EnergyHeatmap::draw(const PlotTheme& theme)
{
    m_panels.clear();
    if (!m_statistics || m_statistics->sites.empty()) {
        showMessage(theme, tr("No statistics are open"));
        return;
    }
    if (m_statistics->normsOnly) {
        showMessage(theme, tr("These statistics hold channel norms only"));
        return;
    }
    for (std::size_t i = 0; i < m_sites.size(); ++i)
        drawPanel(theme, int(i) / 2, int(i) % 2, m_sites[i]);
    placeFrames();
    placeKept();
}

void EnergyHeatmap::drawPanel(const PlotTheme& theme, int row, int column, Site site)
{
    QCPAxisRect& rect = addPanel(canvas(), theme, row, column, m_sites.size() > 1 ? text::siteTitle(site) : QString());
    QCPAxis* x = rect.axis(QCPAxis::atBottom);
    QCPAxis* y = rect.axis(QCPAxis::atLeft);
    auto* map = new QCPColorMap(x, y);
    map->data()->setSize(kBins, layers());
    map->data()->setRange({0.5 / kBins * 100, (1 - 0.5 / kBins) * 100}, {0, std::max(1.0, layers() - 1.0)});
    for (int layer = 0; layer < layers(); ++layer) {
        const auto values = relativeSpectrum(m_statistics->site({layer, site}).eigenvalues, kBins);
        for (int bin = 0; bin < kBins; ++bin)
            map->data()->setCell(bin, layer, values[std::size_t(bin)]);
    }
    map->setInterpolate(false);
    drawScale(theme, rect, *map);
    x->setLabel(tr("Dimension, % of the width, by falling eigenvalue"));
    y->setLabel(tr("Layer"));
    x->setRange(0, 100);
    y->setRange(-0.5, std::max(1, layers()) - 0.5);
    x->setNumberFormat(QStringLiteral("gb"));
    addMarks(theme, rect, site);
}

void EnergyHeatmap::drawScale(const PlotTheme& theme, QCPAxisRect& rect, QCPColorMap& map)
{
    auto* scale = new QCPColorScale(&canvas());
    static_cast<QCPLayoutGrid*>(rect.layout())->addElement(rect.layout()->elementCount() > 1 ? 1 : 0, 1, scale);
    map.setGradient(PlotTheme::heatGradient());
    map.rescaleDataRange(true);
    // A few dimensions without any energy must not take the colours from all the others.
    const QCPRange whole = map.dataRange();
    map.setDataRange({std::max(whole.lower, whole.upper - kEnergyDecades), whole.upper});
    styleColorScale(*scale, map, rect, theme);
    scale->axis()->setLabel(tr("log₁₀ (eigenvalue / mean)"));
}

void EnergyHeatmap::addMarks(const PlotTheme& theme, QCPAxisRect& rect, Site site)
{
    const QString overlay = QStringLiteral("overlay");
    QCPAxis* x = rect.axis(QCPAxis::atBottom);
    QCPAxis* y = rect.axis(QCPAxis::atLeft);
    Panel panel{.site = site,
                .rect = &rect,
                .frame = new QCPItemRect(&canvas()),
                .row = PlotCursor(rect, theme, PlotCursor::Direction::Level),
                .column = PlotCursor(rect, theme, PlotCursor::Direction::Upright)};
    for (QCPItemPosition* corner : {panel.frame->topLeft, panel.frame->bottomRight}) {
        corner->setAxisRect(&rect);
        corner->setAxes(x, y);
        corner->setTypeX(QCPItemPosition::ptAxisRectRatio);
    }
    panel.frame->setPen(QPen(Qt::white, 2));
    panel.frame->setClipAxisRect(&rect);
    panel.frame->setLayer(overlay);
    for (std::size_t i = 0; i < panel.kept.size(); ++i) {
        panel.kept[i] = new QCPCurve(x, y);
        panel.kept[i]->setPen(i == 0 ? QPen(Qt::white, 4) : QPen(Qt::black, 2));
        panel.kept[i]->setLayer(overlay);
    }
    m_panels.push_back(panel);
}

void EnergyHeatmap::placeFrames()
{
    for (const Panel& panel : m_panels) {
        panel.frame->setVisible(m_selectedLayer >= 0 && m_selectedLayer < layers());
        panel.frame->topLeft->setCoords(0, m_selectedLayer + 0.5);
        panel.frame->bottomRight->setCoords(1, m_selectedLayer - 0.5);
    }
}

void EnergyHeatmap::placeKept()
{
    for (const Panel& panel : m_panels) {
        QVector<double> x, y;
        if (const auto found = m_keptShares.find(panel.site); found != m_keptShares.end())
            for (std::size_t layer = 0; layer < found->second.size(); ++layer)
                for (const double edge : {-0.5, 0.5}) {
                    x.append(found->second[layer] * 100);
                    y.append(double(layer) + edge);
                }
        for (QCPCurve* curve : panel.kept)
            curve->setData(x, y);
    }
}

Pointed EnergyHeatmap::under(const QPointF& position) const
{
    for (const Panel& panel : m_panels) {
        if (!panel.rect->rect().contains(position.toPoint()))
            continue;
        const int layer = int(std::lround(panel.rect->axis(QCPAxis::atLeft)->pixelToCoord(position.y())));
        if (layer < 0 || layer >= layers())
            return {};
        const int channels = int(m_statistics->site({layer, panel.site}).eigenvalues.size());
        const double share = panel.rect->axis(QCPAxis::atBottom)->pixelToCoord(position.x()) / 100;
        return {.layer = layer,
                .site = panel.site,
                .dimension = std::clamp(int(share * channels), 0, std::max(0, channels - 1))};
    }
    return {};
}

QString EnergyHeatmap::wordsAt(SiteId site, int dimension) const
{
    const auto& eigenvalues = m_statistics->site(site).eigenvalues;
    QString words = tr("layer %1").arg(site.layer);
    if (dimension >= 0 && dimension < int(eigenvalues.size()))
        words += tr(" · dimension %1\neigenvalue %2")
                     .arg(dimension + 1)
                     .arg(text::number(eigenvalues[std::size_t(dimension)], 4));
    return words;
}

void EnergyHeatmap::mark(const Pointed& pointed)
{
    for (Panel& panel : m_panels) {
        panel.row.hide();
        panel.column.hide();
        const bool isHere =
            pointed.layer >= 0 && pointed.layer < layers() && (!pointed.site || *pointed.site == panel.site);
        if (!isHere)
            continue;
        const SiteId site{pointed.layer, panel.site};
        panel.row.show(pointed.layer, wordsAt(site, pointed.dimension));
        if (const auto channels = m_statistics->site(site).eigenvalues.size(); pointed.dimension >= 0 && channels > 0)
            panel.column.show((pointed.dimension + 0.5) / double(channels) * 100, {});
    }
}

TableData EnergyHeatmap::table() const
{
    TableData data;
    data.headings = {tr("layer"), tr("site"), tr("dimension_percent"), tr("log10_eigenvalue_over_mean")};
    if (!m_statistics || m_statistics->normsOnly)
        return data;
    for (const SiteStatistics& site : m_statistics->sites) {
        if (std::find(m_sites.begin(), m_sites.end(), site.id.site) == m_sites.end())
            continue;
        const auto values = relativeSpectrum(site.eigenvalues, kBins);
        for (int bin = 0; bin < kBins; ++bin)
            data.rows.push_back({site.id.layer, text::siteName(site.id.site), (bin + 0.5) * 100 / kBins,
                                 values[std::size_t(bin)]});
    }
    return data;
}

} // namespace eigenquant
