// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

namespace eigenquant {

/// The manual, from the program's own resources: it needs no network.
class HelpWindow : public QDialog {
    Q_OBJECT

public:
    explicit HelpWindow(QWidget* parent = nullptr);
};

} // namespace eigenquant
