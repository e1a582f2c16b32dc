// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/spectrum_plot.h"

#include "ui/plots/series.h"
#include "ui/text/format.h"

#include <qcustomplot.h>

#include <algorithm>

namespace eigenquant {

namespace {

constexpr double kGrabDistance = 8; // pixels on each side of the line

} // namespace

SpectrumPlot::SpectrumPlot(QWidget* parent) : PlotView(tr("Eigenvalue spectrum"), parent)
{
    connect(&canvas(), &QCustomPlot::mousePress, this, &SpectrumPlot::onPress);
    connect(&canvas(), &QCustomPlot::mouseMove, this, &SpectrumPlot::onMove);
    connect(&canvas(), &QCustomPlot::mouseRelease, this, &SpectrumPlot::onRelease);
    canvas().setMouseTracking(true);
}

void SpectrumPlot::setSpectra(std::vector<SpectrumData> spectra)
{
    m_spectra = std::move(spectra);
    m_dragged = nullptr;
    scheduleDraw();
}

void SpectrumPlot::setStyle(const SpectrumStyle& style)
{
    m_style = style;
    scheduleDraw();
}

void SpectrumPlot::draw(const PlotTheme& theme)
{
    m_panels.clear();
    m_dragged = nullptr;
    if (m_spectra.empty()) {
        showMessage(theme, tr("No statistics for this site"));
        return;
    }
    const bool several = m_spectra.size() > 1;
    for (std::size_t i = 0; i < m_spectra.size(); ++i)
        m_panels.push_back(std::make_unique<SpectrumPanel>(canvas(), theme, int(i) / 2, int(i) % 2, m_spectra[i],
                                                           m_style, several));
}

void SpectrumPlot::updateSalient(SiteId site, int salient, const QString& note)
{
    for (SpectrumData& data : m_spectra) {
        if (data.site != site || !data.salient)
            continue;
        data.salient = salient;
        data.note = note;
    }
    for (const auto& panel : m_panels)
        if (panel->site() == site)
            panel->setSalient(salient, note);
    canvas().replot(QCustomPlot::rpQueuedReplot);
}

TableData SpectrumPlot::table() const
{
    TableData data;
    data.headings = {tr("layer"), tr("site"), tr("rank"), tr("eigenvalue"), tr("original_channel_energy"),
                     tr("head_wise_energy"), tr("global_energy"), tr("cumulative_rotated"),
                     tr("cumulative_original")};
    const auto at = [](const std::vector<double>& values, std::size_t i) {
        return i < values.size() ? QVariant(values[i]) : QVariant();
    };
    for (const SpectrumData& spectrum : m_spectra) {
        const auto rotated = series::cumulativeShare(spectrum.eigenvalues);
        const auto original = series::cumulativeShare(spectrum.original);
        for (std::size_t i = 0; i < std::max(rotated.size(), original.size()); ++i)
            data.rows.push_back({spectrum.site.layer, text::siteName(spectrum.site.site), int(i) + 1,
                                 at(spectrum.eigenvalues, i), at(spectrum.original, i), at(spectrum.headWise, i),
                                 at(spectrum.global, i), at(rotated, i), at(original, i)});
    }
    return data;
}

SpectrumPanel* SpectrumPlot::panelWithLineAt(const QPointF& position) const
{
    for (const auto& panel : m_panels)
        if (panel->hasLine() && panel->rect().rect().contains(position.toPoint()) &&
            panel->distanceToLine(position.x()) <= kGrabDistance)
            return panel.get();
    return nullptr;
}

void SpectrumPlot::onPress(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_dragged = panelWithLineAt(event->position());
    m_emitted = -1;
    // While the line is held, the plot itself must not move under it.
    canvas().setInteraction(QCP::iRangeDrag, m_dragged == nullptr);
}

void SpectrumPlot::onMove(QMouseEvent* event)
{
    if (!m_dragged) {
        canvas().setCursor(panelWithLineAt(event->position()) ? Qt::SplitHCursor : Qt::ArrowCursor);
        return;
    }
    m_wanted = m_dragged->salientAt(event->position().x());
    if (m_emitQueued)
        return;
    m_emitQueued = true;
    QMetaObject::invokeMethod(this, &SpectrumPlot::emitDrag, Qt::QueuedConnection);
}

void SpectrumPlot::emitDrag()
{
    m_emitQueued = false;
    if (!m_dragged || m_wanted == m_emitted)
        return;
    m_emitted = m_wanted;
    emit salientDragged(m_dragged->site(), m_wanted);
}

void SpectrumPlot::onRelease()
{
    emitDrag();
    m_dragged = nullptr;
    canvas().setInteraction(QCP::iRangeDrag, true);
}

} // namespace eigenquant
