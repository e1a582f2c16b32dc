// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/teaching/slide.h"

#include "ui/plots/plot_view.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QSlider>
#include <QVBoxLayout>

#include <algorithm>

namespace eigenquant {

namespace {

constexpr int kTextShare = 5, kFigureShare = 7;
constexpr double kTitleScale = 1.7;

} // namespace

int slideLetters(QSize size)
{
    return std::clamp(std::min(size.width() / 68, size.height() / 36), 13, 44);
}

Slide::Slide(const QString& name, PlotView* figure, QWidget* parent)
    : QWidget(parent), m_name(name), m_figure(figure)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 12, 20, 8);
    layout->setSpacing(10);
    m_title = new QLabel(this);
    m_title->setWordWrap(true);
    layout->addWidget(m_title);
    auto* row = new QHBoxLayout;
    row->setSpacing(24);
    layout->addLayout(row, 1);
    m_text = new SlideText(this);
    row->addWidget(m_text, kTextShare);
    m_right = new QVBoxLayout;
    m_right->addWidget(figure, 1);
    row->addLayout(m_right, kFigureShare);
}

void Slide::setContent(SlideContent content)
{
    m_title->setText(content.title);
    m_text->setContent(std::move(content));
}

QHBoxLayout* Slide::addControls()
{
    auto* row = new QHBoxLayout;
    row->setSpacing(12);
    m_right->addLayout(row);
    return row;
}

QSlider* Slide::addSlider(QHBoxLayout& row, const QString& caption, int least, int most, int value,
                          QString (*title)(int value))
{
    auto* label = new QLabel(caption, this);
    auto* slider = new QSlider(Qt::Horizontal, this);
    slider->setRange(least, most);
    slider->setValue(value);
    slider->setFocusPolicy(Qt::TabFocus);
    slider->setAccessibleName(caption);
    slider->setMinimumWidth(90);
    auto* shown = new QLabel(title(value), this);
    label->setBuddy(slider);
    connect(slider, &QSlider::valueChanged, shown, [shown, title](int now) { shown->setText(title(now)); });
    row.addWidget(label);
    row.addWidget(slider, 1);
    row.addWidget(shown);
    return slider;
}

void Slide::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const int pixels = slideLetters(size());
    QFont letters = font();
    if (letters.pixelSize() == pixels)
        return;
    letters.setPixelSize(pixels);
    setFont(letters);
    letters.setPixelSize(qRound(pixels * kTitleScale));
    letters.setBold(true);
    m_title->setFont(letters);
    QFont small = font();
    small.setPixelSize(std::max(12, qRound(pixels * 0.85)));
    m_figure->setFont(small);
}

} // namespace eigenquant
