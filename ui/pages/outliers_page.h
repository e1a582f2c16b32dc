// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

class QSpinBox;
class QTableView;

namespace eigenquant {

class OutlierPlot;
class OutlierTable;

/// The strongest channels of the selected site, before and after the rotation.
class OutliersPage : public Page {
    Q_OBJECT

public:
    explicit OutliersPage(PageContext context);

private:
    QWidget* buildControls();
    QWidget* buildTable();
    void showSite();
    void showChannel(int channel);

    QSpinBox* m_count = nullptr;
    OutlierPlot* m_plot = nullptr;
    OutlierTable* m_outliers = nullptr;
    QTableView* m_table = nullptr;
};

} // namespace eigenquant
