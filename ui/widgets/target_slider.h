// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QDoubleSpinBox;
class QLabel;
class QSlider;

namespace eigenquant {

/// One number for the whole model, by slider or by typing: its effective bits.
class TargetSlider : public QWidget {
    Q_OBJECT

public:
    explicit TargetSlider(QWidget* parent = nullptr);

    /// What the plan came to; not a request.
    void showBits(double bits);
    void setRange(double least, double most);
    void setAvailable(bool available, const QString& toolTip);

signals:
    void requested(double bits);
    /// The slider was let go, or a number was typed to its end.
    void finished();

private:
    void takeSlider(int steps);

    QLabel* m_caption = nullptr;
    QSlider* m_slider = nullptr;
    QDoubleSpinBox* m_number = nullptr;
};

} // namespace eigenquant
