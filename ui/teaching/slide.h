// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/teaching/slide_text.h"

#include <QWidget>

class QHBoxLayout;
class QLabel;
class QSlider;

namespace eigenquant {

class PlotView;

/// One step of the lesson: a title, words and formulas at the left, a figure with its controls at the right.
class Slide : public QWidget {
    Q_OBJECT

public:
    /// `name` is the word for files.
    Slide(const QString& name, PlotView* figure, QWidget* parent = nullptr);

    QString name() const { return m_name; }
    /// For the list of steps; the same on any model.
    virtual QString stepTitle() const = 0;
    const SlideContent& content() const { return m_text->content(); }
    PlotView& figure() const { return *m_figure; }
    /// Called when the slide comes to the front: time for what takes long.
    virtual void shown() {}

protected:
    void setContent(SlideContent content);
    /// A row of controls under the figure.
    QHBoxLayout* addControls();
    /// A slider with its caption and its present value; it takes the keyboard only by Tab, so that the arrow keys
    /// still turn the pages after it was dragged.
    QSlider* addSlider(QHBoxLayout& row, const QString& caption, int least, int most, int value,
                       QString (*title)(int value));
    void resizeEvent(QResizeEvent* event) override;

private:
    QString m_name;
    QLabel* m_title = nullptr;
    SlideText* m_text = nullptr;
    PlotView* m_figure = nullptr;
    class QVBoxLayout* m_right = nullptr;
};

/// The height of a slide's letters in a window of this size.
int slideLetters(QSize size);

} // namespace eigenquant
