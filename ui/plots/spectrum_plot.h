// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/plot_view.h"
#include "ui/plots/spectrum_figure.h"

#include <functional>
#include <memory>
#include <vector>

class QKeyEvent;
class QMouseEvent;

namespace eigenquant {

/// Eigenvalue spectra against the original channels' energies, one panel a site (one, or four in a
/// square), each with a K line that can be dragged.
class SpectrumPlot : public PlotView {
    Q_OBJECT

public:
    explicit SpectrumPlot(QWidget* parent = nullptr);

    void setSpectra(std::vector<SpectrumData> spectra);
    void setStyle(const SpectrumStyle& style);
    const SpectrumStyle& style() const { return m_style; }
    /// Moves the K line without drawing the curves again.
    void updateSalient(SiteId site, int salient, const QString& note);
    TableData table() const override;
    /// What to draw thinly while the pointer is on another layer; asked for each time.
    using Glance = std::function<std::vector<double>(SiteId)>;
    void setGlance(Glance glance) { m_glanceOf = std::move(glance); }

signals:
    /// The user drags, or presses an arrow key; at most one signal for each turn of the event loop.
    void salientDragged(eigenquant::SiteId site, int salient);

protected:
    void draw(const PlotTheme& theme) override;
    Pointed under(const QPointF& position) const override;
    void mark(const Pointed& pointed) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    bool pressKey(const QKeyEvent& event);
    SpectrumPanel* keyboardPanel() const;
    SpectrumPanel* panelWithLineAt(const QPointF& position) const;
    void onPress(QMouseEvent* event);
    void onMove(QMouseEvent* event);
    void onRelease();
    void emitDrag();

    std::vector<SpectrumData> m_spectra;
    SpectrumStyle m_style;
    std::vector<std::unique_ptr<SpectrumPanel>> m_panels;
    SpectrumPanel* m_dragged = nullptr;
    Glance m_glanceOf;
    SiteId m_keyboardSite; ///< whose line the keys move, if it is shown
    int m_wanted = -1;
    int m_emitted = -1;
    bool m_emitQueued = false;
};

} // namespace eigenquant
