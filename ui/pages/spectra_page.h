// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

class QCheckBox;
class QLabel;
class QPushButton;
class QSpinBox;

namespace eigenquant {

class EnergyHeatmap;
class FactTile;
class SpectrumPlot;

/// Eigenvalues of the selected site, with K to drag or to type, beside those of all layers; and beside those in other
/// statistics, of another text or model.
class SpectraPage : public Page {
    Q_OBJECT

public:
    explicit SpectraPage(PageContext context);

protected:
    QString missing() const override;

private:
    QWidget* buildControls();
    QWidget* buildFacts();
    QWidget* buildPlots();
    QWidget* buildComparison();
    void showSite();
    void showHeatmap();
    void showComparison();
    void askComparison();
    /// The eigenvalues of the site in the compared statistics; none if there are none.
    std::vector<double> comparedSpectrum(SiteId site) const;
    void showPlan();
    void takeSalient(SiteId site, int salient);
    void takeStyle();
    /// The row of the selected site in the plan; -1 if there is none, or none with a spectrum.
    int selectedRow() const;

    QCheckBox* m_logY = nullptr;
    QCheckBox* m_logX = nullptr;
    QCheckBox* m_cumulative = nullptr;
    QCheckBox* m_allSites = nullptr;
    QSpinBox* m_salient = nullptr;
    SpectrumPlot* m_plot = nullptr;
    EnergyHeatmap* m_heatmap = nullptr;
    QWidget* m_comparison = nullptr;
    QLabel* m_difference = nullptr;
    QPushButton* m_compare = nullptr;
    FactTile* m_channels = nullptr;
    FactTile* m_keptRotated = nullptr;
    FactTile* m_keptOriginal = nullptr;
    FactTile* m_bits = nullptr;
    FactTile* m_error = nullptr;
};

} // namespace eigenquant
