// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/spectrum_plot.h"

#include "ui/plots/series.h"
#include "ui/text/format.h"

#include <QKeyEvent>
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
    canvas().setFocusPolicy(Qt::StrongFocus);
    canvas().setAccessibleDescription(tr("Left and Right move the line of K by one channel, Page Up and Page Down "
                                         "by 8, Home and End to the ends. The "
                                         "numbers can be read with Show as table in its menu."));
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
    if (SpectrumPanel* panel = keyboardPanel())
        panel->setFocused(canvas().hasFocus());
}

SpectrumPanel* SpectrumPlot::keyboardPanel() const
{
    const auto found = std::ranges::find_if(m_panels, [&](const auto& panel) {
        return panel->hasLine() && panel->site() == m_keyboardSite;
    });
    if (found != m_panels.end())
        return found->get();
    const auto first = std::ranges::find_if(m_panels, [](const auto& panel) { return panel->hasLine(); });
    return first == m_panels.end() ? nullptr : first->get();
}

Pointed SpectrumPlot::under(const QPointF& position) const
{
    for (const auto& panel : m_panels)
        if (panel->rect().rect().contains(position.toPoint()))
            return {.layer = panel->site().layer, .site = panel->site().site, .dimension = panel->rankAt(position.x())};
    return {};
}

void SpectrumPlot::mark(const Pointed& pointed)
{
    for (const auto& panel : m_panels) {
        const SiteId site = panel->site();
        const bool sameSite = !pointed.site || *pointed.site == site.site;
        const bool isElsewhere = sameSite && pointed.layer >= 0 && pointed.layer != site.layer && m_glanceOf;
        const SiteId glance{pointed.layer, site.site};
        panel->setGlance(isElsewhere ? m_glanceOf(glance) : std::vector<double>(), tr("layer %1").arg(pointed.layer));
        panel->mark(sameSite ? pointed.dimension : -1);
    }
}

bool SpectrumPlot::eventFilter(QObject* object, QEvent* event)
{
    if (object == &canvas()) {
        if (event->type() == QEvent::KeyPress && pressKey(*static_cast<QKeyEvent*>(event)))
            return true;
        const bool focusMoved = event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut;
        if (SpectrumPanel* panel = focusMoved ? keyboardPanel() : nullptr) {
            panel->setFocused(event->type() == QEvent::FocusIn);
            replotOverlay();
        }
    }
    return PlotView::eventFilter(object, event);
}

bool SpectrumPlot::pressKey(const QKeyEvent& event)
{
    constexpr int kPage = 8; // kernels take salient channels by eights
    SpectrumPanel* panel = keyboardPanel();
    if (!panel)
        return false;
    const auto data = std::ranges::find(m_spectra, panel->site(), &SpectrumData::site);
    int salient = data->salient.value_or(0);
    switch (event.key()) {
    case Qt::Key_Left:
        salient -= 1;
        break;
    case Qt::Key_Right:
        salient += 1;
        break;
    case Qt::Key_PageDown:
        salient -= kPage;
        break;
    case Qt::Key_PageUp:
        salient += kPage;
        break;
    case Qt::Key_Home:
        salient = 0;
        break;
    case Qt::Key_End:
        salient = panel->channels();
        break;
    default:
        return false;
    }
    emit salientDragged(panel->site(), std::clamp(salient, 0, panel->channels()));
    return true;
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
    replotOverlay();
}

TableData SpectrumPlot::table() const
{
    TableData data;
    data.headings = {tr("layer"), tr("site"), tr("rank"), tr("eigenvalue"), tr("original_channel_energy"),
                     tr("head_wise_energy"), tr("global_energy"), tr("cumulative_rotated"),
                     tr("cumulative_original"), tr("compared_eigenvalue")};
    const auto at = [](const std::vector<double>& values, std::size_t i) {
        return i < values.size() ? QVariant(values[i]) : QVariant();
    };
    for (const SpectrumData& spectrum : m_spectra) {
        const auto rotated = series::cumulativeShare(spectrum.eigenvalues);
        const auto original = series::cumulativeShare(spectrum.original);
        for (std::size_t i = 0; i < std::max({rotated.size(), original.size(), spectrum.compared.size()}); ++i)
            data.rows.push_back({spectrum.site.layer, text::siteName(spectrum.site.site), int(i) + 1,
                                 at(spectrum.eigenvalues, i), at(spectrum.original, i), at(spectrum.headWise, i),
                                 at(spectrum.global, i), at(rotated, i), at(original, i),
                                 at(spectrum.compared, i)});
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
    if (m_dragged)
        m_keyboardSite = m_dragged->site();
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
