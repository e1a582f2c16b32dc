// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/state/selection.h"

#include <QWidget>

class QComboBox;
class QSpinBox;

namespace eigenquant {

/// Layer and site, bound to the shared selection.
class SiteSelector : public QWidget {
    Q_OBJECT

public:
    explicit SiteSelector(Selection& selection, QWidget* parent = nullptr);

private:
    void showSelection();
    void takeEdits();

    Selection& m_selection;
    QSpinBox* m_layer = nullptr;
    QComboBox* m_site = nullptr;
};

} // namespace eigenquant
