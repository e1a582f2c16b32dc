// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

class QComboBox;

namespace eigenquant {

class Card;
class EnergyHeatmap;
class ErrorPlot;
class FactTile;

/// The model, its calibration and its plan at a glance.
class OverviewPage : public Page {
    Q_OBJECT

public:
    explicit OverviewPage(PageContext context);

private:
    QWidget* buildFacts();
    QWidget* buildPlots();
    void showStatistics();
    void showHeatmap();
    void showPlan();

    FactTile* m_model = nullptr;
    FactTile* m_size = nullptr;
    FactTile* m_calibration = nullptr;
    FactTile* m_bits = nullptr;
    FactTile* m_rotationBits = nullptr;
    FactTile* m_bytes = nullptr;
    FactTile* m_error = nullptr;
    FactTile* m_divergence = nullptr;
    QComboBox* m_site = nullptr;
    EnergyHeatmap* m_heatmap = nullptr;
    ErrorPlot* m_errors = nullptr;
};

} // namespace eigenquant
