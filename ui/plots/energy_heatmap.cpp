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
constexpr double kDecades = 5;

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

void EnergyHeatmap::draw(const PlotTheme& theme)
{
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
}

void EnergyHeatmap::drawPanel(const PlotTheme& theme, int row, int column, Site site)
{
    QCPAxisRect& rect = addPanel(canvas(), theme, row, column, m_sites.size() > 1 ? text::siteTitle(site) : QString());
    QCPAxis* x = rect.axis(QCPAxis::atBottom);
    QCPAxis* y = rect.axis(QCPAxis::atLeft);
    const int layers = int(m_statistics->sites.size() / kAllSites.size());
    auto* map = new QCPColorMap(x, y);
    map->data()->setSize(kBins, layers);
    map->data()->setRange({0.5 / kBins * 100, (1 - 0.5 / kBins) * 100}, {0, std::max(1.0, layers - 1.0)});
    for (int layer = 0; layer < layers; ++layer) {
        const auto values = relativeSpectrum(m_statistics->site({layer, site}).eigenvalues, kBins);
        for (int bin = 0; bin < kBins; ++bin)
            map->data()->setCell(bin, layer, values[std::size_t(bin)]);
    }
    map->setInterpolate(false);
    auto* scale = new QCPColorScale(&canvas());
    static_cast<QCPLayoutGrid*>(rect.layout())->addElement(rect.layout()->elementCount() > 1 ? 1 : 0, 1, scale);
    scale->setGradient(PlotTheme::heatGradient());
    scale->setBarWidth(12);
    map->setColorScale(scale);
    map->rescaleDataRange(true);
    // A few dimensions without any energy must not take the colours from all the others.
    const QCPRange whole = map->dataRange();
    map->setDataRange({std::max(whole.lower, whole.upper - kDecades), whole.upper});
    auto* margins = new QCPMarginGroup(&canvas());
    rect.setMarginGroup(QCP::msTop | QCP::msBottom, margins);
    scale->setMarginGroup(QCP::msTop | QCP::msBottom, margins);
    QCPAxis* axis = scale->axis();
    axis->setTickLabelColor(theme.text);
    axis->setLabelColor(theme.text);
    axis->setBasePen(QPen(theme.axis));
    axis->setTickPen(QPen(theme.axis));
    axis->setSubTickPen(QPen(theme.axis));
    axis->setTickLabelFont(x->tickLabelFont());
    axis->setLabelFont(x->labelFont());
    axis->setLabel(tr("log₁₀ (eigenvalue / mean)"));
    x->setLabel(tr("Dimension, % of the width, by falling eigenvalue"));
    y->setLabel(tr("Layer"));
    x->setRange(0, 100);
    y->setRange(-0.5, std::max(1, layers) - 0.5);
    x->setNumberFormat(QStringLiteral("gb"));
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
