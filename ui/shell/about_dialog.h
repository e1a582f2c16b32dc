// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

namespace eigenquant {

/// Version and licence of the program, and the licences of all that it is made of.
class AboutDialog : public QDialog {
    Q_OBJECT

public:
    explicit AboutDialog(QWidget* parent = nullptr);
};

} // namespace eigenquant
