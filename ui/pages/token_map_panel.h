// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

class QCheckBox;
class QLabel;
class QPushButton;
class QSpinBox;

namespace eigenquant {

class TokenMapPlot;

/// The part of the outliers page that looks at single tokens: which of them, and their map.
class TokenMapPanel : public QWidget {
    Q_OBJECT

public:
    explicit TokenMapPanel(PageContext context, QWidget* parent = nullptr);

private:
    QWidget* buildControls();
    void read();
    void showMaps();
    void followSite();
    /// What is missing before a sample can be read, as a sentence; empty: nothing.
    QString missing() const;

    PageContext m_context;
    QSpinBox* m_window = nullptr;
    QSpinBox* m_tokens = nullptr;
    QCheckBox* m_logarithmic = nullptr;
    QPushButton* m_read = nullptr;
    QLabel* m_source = nullptr;
    TokenMapPlot* m_plot = nullptr;
};

} // namespace eigenquant
