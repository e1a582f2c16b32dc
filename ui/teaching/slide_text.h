// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPalette>
#include <QRectF>
#include <QString>
#include <QWidget>

#include <utility>
#include <vector>

class QPainter;

namespace eigenquant {

/// A piece of a slide's text.
struct SlideBlock {
    enum class Kind {
        Paragraph, ///< plain words
        Formula,   ///< `text` is the source of a Formula
        Facts,     ///< numbers with captions
    };
    Kind kind = Kind::Paragraph;
    QString text;
    std::vector<std::pair<QString, QString>> facts; ///< caption and value
};

/// What stands beside the figure of a slide.
struct SlideContent {
    QString title;
    std::vector<SlideBlock> blocks;
    QString sources; ///< papers, and where the numbers are from

    SlideContent& say(const QString& paragraph);
    SlideContent& formula(const QString& source);
    SlideContent& fact(const QString& caption, const QString& value);
    /// All of it as lines of text, for screen readers.
    QString plainText() const;
};

/// Paints blocks and sources into the rectangle, with letters as large as fit, and at most `pixels` high. Returns the
/// height of letters that was used.
double paintSlideText(QPainter& painter, const QRectF& area, const SlideContent& content, const QPalette& palette,
                      double pixels);

/// The text of a slide on the screen, without its title.
class SlideText : public QWidget {
    Q_OBJECT

public:
    explicit SlideText(QWidget* parent = nullptr);
    void setContent(SlideContent content);
    const SlideContent& content() const { return m_content; }
    QSize sizeHint() const override { return {420, 400}; }
    QSize minimumSizeHint() const override { return {260, 220}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    SlideContent m_content;
};

} // namespace eigenquant
