// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

class QComboBox;
class QLabel;
class QPushButton;

namespace eigenquant {

class FactTile;
class WeightHistogram;
class WeightRangePlot;

/// One linear's weights: their distribution and their range in each group, before and after the plan.
class WeightsPage : public Page {
    Q_OBJECT

public:
    explicit WeightsPage(PageContext context);

private:
    QWidget* buildControls();
    QWidget* buildFacts();
    QWidget* buildPlots();
    void listLinears();
    void showRanges();
    LinearId linear() const;
    QString missingNow() const;
    /// The plan has other settings for the linear than those that were measured.
    bool isStale(const WeightRanges& ranges) const;

    QComboBox* m_linear = nullptr;
    QPushButton* m_measure = nullptr;
    QLabel* m_note = nullptr;
    FactTile* m_settings = nullptr;
    FactTile* m_range = nullptr;
    FactTile* m_rotatedRange = nullptr;
    FactTile* m_predicted = nullptr;
    FactTile* m_error = nullptr;
    WeightHistogram* m_histogram = nullptr;
    WeightRangePlot* m_groups = nullptr;
};

} // namespace eigenquant
