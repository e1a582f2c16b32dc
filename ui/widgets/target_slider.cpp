// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/target_slider.h"

#include "ui/widgets/labelled_fields.h"

#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>

#include <algorithm>
#include <cmath>

namespace eigenquant {

namespace {

constexpr int kStepsABit = 100;
// What can be reached is known only after the first request.
constexpr double kLeast = 1, kMost = 16;
constexpr double kMet = 0.02;

} // namespace

TargetSlider::TargetSlider(QWidget* parent) : QWidget(parent)
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_caption = new QLabel(tr("&Whole model"));
    m_slider = new QSlider(Qt::Horizontal);
    m_slider->setAccessibleName(tr("Effective bits of the whole model"));
    m_slider->setMinimumWidth(120);
    m_slider->setSingleStep(kStepsABit / 20);
    m_slider->setPageStep(kStepsABit / 2);
    m_number = makeNumber({}, kLeast, kMost, 2, 0.1);
    m_number->setAccessibleName(tr("Effective bits of the whole model, as a number"));
    m_number->setSuffix(tr(" bits"));
    m_number->setKeyboardTracking(false);
    m_caption->setBuddy(m_slider);
    row->addWidget(m_caption);
    row->addWidget(m_slider, 1);
    row->addWidget(m_number);
    setRange(kLeast, kMost);
    connect(m_slider, &QSlider::valueChanged, this, &TargetSlider::takeSlider);
    connect(m_slider, &QSlider::sliderReleased, this, &TargetSlider::finished);
    connect(m_number, &QDoubleSpinBox::valueChanged, this, [this](double bits) {
        const QSignalBlocker blocker(m_slider);
        m_slider->setValue(int(std::lround(bits * kStepsABit)));
        emit requested(bits);
        emit finished();
    });
}

void TargetSlider::takeSlider(int steps)
{
    const double bits = double(steps) / kStepsABit;
    {
        const QSignalBlocker blocker(m_number);
        m_number->setValue(bits);
    }
    emit requested(bits);
    if (!m_slider->isSliderDown()) // a key or a click beside the handle
        emit finished();
}

void TargetSlider::showBits(double bits)
{
    // The plan meets a wish a moment later, and a little below it; the number that was asked for stays.
    const bool isMet = std::abs(bits - m_number->value()) < kMet;
    if (!std::isfinite(bits) || m_slider->isSliderDown() || isMet)
        return;
    // Another plan may lie outside of what was known to be reached, as with rotations that weigh more than the
    // codes.
    if (bits < m_number->minimum() || bits > m_number->maximum())
        setRange(std::min(bits, m_number->minimum()), std::max(std::ceil(bits), m_number->maximum()));
    const QSignalBlocker sliderBlocker(m_slider), numberBlocker(m_number);
    m_slider->setValue(int(std::lround(bits * kStepsABit)));
    m_number->setValue(bits);
}

void TargetSlider::setRange(double least, double most)
{
    const QSignalBlocker sliderBlocker(m_slider), numberBlocker(m_number);
    // Inwards, so that both ends can be reached.
    const int low = int(std::ceil(least * kStepsABit - 1e-6));
    const int high = std::max(low, int(std::floor(most * kStepsABit + 1e-6)));
    m_slider->setRange(low, high);
    m_number->setRange(double(low) / kStepsABit, double(high) / kStepsABit);
}

void TargetSlider::setAvailable(bool available, const QString& toolTip)
{
    setEnabled(available);
    setToolTip(toolTip);
    for (QWidget* part : {static_cast<QWidget*>(m_slider), static_cast<QWidget*>(m_number)})
        part->setToolTip(toolTip);
}

} // namespace eigenquant
