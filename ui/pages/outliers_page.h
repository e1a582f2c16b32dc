// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/channel_measure.h"
#include "ui/pages/page.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QSpinBox;

namespace eigenquant {

class OutlierPlot;
class OutlierTable;

/// The channels of the selected site before and after the rotation, by a measure: all of them, the strongest, and token
/// by token.
class OutliersPage : public Page {
    Q_OBJECT

public:
    explicit OutliersPage(PageContext context);

private:
    QWidget* buildControls();
    QWidget* buildPlot();
    QWidget* buildTables();
    QWidget* buildTable(const QString& heading, OutlierTable& model, bool isRotated);
    void takeStatistics();
    /// Of the selected site's channels; empty if the file has none.
    std::vector<double> kurtosis() const;
    void showSite();
    void showChannel(int channel);
    /// The sample, if it is of the selected site and was chosen.
    const ActivationMaps* chosenSample() const;
    ChannelMeasure measure() const;
    QString whyNotRotated() const;

    QSpinBox* m_count = nullptr;
    QComboBox* m_measure = nullptr;
    QComboBox* m_tokens = nullptr;
    QCheckBox* m_logarithmic = nullptr;
    OutlierPlot* m_plot = nullptr;
    OutlierTable* m_original = nullptr;
    OutlierTable* m_rotated = nullptr;
    std::vector<std::vector<double>> m_kurtosis; ///< of all sites, as the file has it
};

} // namespace eigenquant
