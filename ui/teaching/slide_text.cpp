// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/teaching/slide_text.h"

#include "ui/widgets/formula.h"

#include <QAbstractTextDocumentLayout>
#include <QApplication>
#include <QFontMetricsF>
#include <QPainter>
#include <QTextDocument>

#include <algorithm>

namespace eigenquant {

namespace {

using BlockKind = SlideBlock::Kind;

constexpr double kFormulaScale = 1.3; // of the letters of the text
constexpr double kSourceScale = 0.72;
constexpr double kValueScale = 1.15;
constexpr double kMostGrowth = 1.3; // beside what the controls have, where there is room
constexpr double kLeastLetter = 9;        // letters smaller than this are of no use; then the text is cut off

/// Goes through the blocks from top to bottom: measures them, and paints them if there is a painter.
class Flow {
public:
    Flow(QPainter* painter, const QRectF& area, const QPalette& palette, double pixels)
        : m_painter(painter), m_area(area), m_palette(palette), m_pixels(pixels), m_y(area.top())
    {
    }

    double height() const { return m_y - m_area.top(); }

    void add(const SlideContent& content)
    {
        for (const SlideBlock& block : content.blocks) {
            if (block.kind == BlockKind::Paragraph)
                words(block.text, m_pixels, QPalette::Text);
            else if (block.kind == BlockKind::Formula)
                formula(Formula(block.text));
            else
                facts(block);
        }
        if (!content.sources.isEmpty()) {
            m_y += 0.4 * m_pixels;
            words(content.sources, m_pixels * kSourceScale, QPalette::PlaceholderText);
        }
    }

private:
    QFont letters(double pixels) const
    {
        QFont font = QApplication::font();
        font.setPixelSize(std::max(1, qRound(pixels)));
        return font;
    }

    void words(const QString& text, double pixels, QPalette::ColorRole color)
    {
        QTextDocument document;
        document.setDefaultFont(letters(pixels));
        document.setDocumentMargin(0);
        document.setPlainText(text);
        document.setTextWidth(m_area.width());
        if (m_painter) {
            m_painter->save();
            m_painter->translate(m_area.left(), m_y);
            QAbstractTextDocumentLayout::PaintContext context;
            context.palette.setColor(QPalette::Text, m_palette.color(color));
            document.documentLayout()->draw(m_painter, context);
            m_painter->restore();
        }
        m_y += document.size().height() + 0.55 * m_pixels;
    }

    void formula(const Formula& formula)
    {
        double pixels = m_pixels * kFormulaScale;
        QSizeF size = formula.size(pixels);
        // Letters come in whole pixels, and are not equally wide on every device: a little room stays free.
        const double room = m_area.width() - 1.4 * m_pixels;
        while (size.width() > room && pixels > kLeastLetter) {
            pixels *= 0.97;
            size = formula.size(pixels);
        }
        m_y += 0.15 * m_pixels;
        if (m_painter)
            formula.paint(*m_painter, {m_area.left() + m_pixels, m_y}, pixels, m_palette.color(QPalette::Text));
        m_y += size.height() + 0.75 * m_pixels;
    }

    /// Captions to the left, values at the right end of a line each.
    void facts(const SlideBlock& block)
    {
        QFont strong = letters(m_pixels * kValueScale);
        strong.setBold(true);
        const QFont plain = letters(m_pixels * 0.9);
        const double line = 1.35 * QFontMetricsF(strong).height();
        QColor rule = m_palette.color(QPalette::Text);
        rule.setAlphaF(0.18f);
        for (const auto& [caption, value] : block.facts) {
            const double wide = QFontMetricsF(strong).horizontalAdvance(value) + m_pixels;
            const QFontMetricsF metrics(plain);
            const QRectF left(m_area.left(), m_y, std::max(m_area.width() - wide, 10.0), m_area.height());
            const int flags = Qt::AlignLeft | Qt::TextWordWrap;
            const double tall =
                std::max(line, metrics.boundingRect(left, flags, caption).height() + 0.3 * m_pixels);
            if (m_painter) {
                const QRectF row(m_area.left(), m_y, m_area.width(), tall);
                m_painter->fillRect(QRectF(row.left(), row.top(), row.width(), 1), rule);
                m_painter->setPen(m_palette.color(QPalette::PlaceholderText));
                m_painter->setFont(plain);
                m_painter->drawText(QRectF(row.left(), row.top(), left.width(), tall), flags | Qt::AlignVCenter,
                                    caption);
                m_painter->setPen(m_palette.color(QPalette::Text));
                m_painter->setFont(strong);
                m_painter->drawText(row, Qt::AlignRight | Qt::AlignVCenter, value);
            }
            m_y += tall;
        }
        m_y += 0.55 * m_pixels;
    }

    QPainter* m_painter;
    QRectF m_area;
    const QPalette& m_palette;
    double m_pixels;
    double m_y;
};

double heightOf(const QRectF& area, const SlideContent& content, const QPalette& palette, double pixels)
{
    Flow flow(nullptr, area, palette, pixels);
    flow.add(content);
    return flow.height();
}

} // namespace

SlideContent& SlideContent::say(const QString& paragraph)
{
    blocks.push_back({BlockKind::Paragraph, paragraph, {}});
    return *this;
}

SlideContent& SlideContent::formula(const QString& source)
{
    blocks.push_back({BlockKind::Formula, source, {}});
    return *this;
}

SlideContent& SlideContent::fact(const QString& caption, const QString& value)
{
    if (blocks.empty() || blocks.back().kind != BlockKind::Facts)
        blocks.push_back({BlockKind::Facts, {}, {}});
    blocks.back().facts.emplace_back(caption, value);
    return *this;
}

QString SlideContent::plainText() const
{
    QStringList lines;
    for (const SlideBlock& block : blocks) {
        if (block.kind == BlockKind::Paragraph)
            lines << block.text;
        else if (block.kind == BlockKind::Formula)
            lines << Formula(block.text).plainText();
        for (const auto& [caption, value] : block.facts)
            lines << caption + QStringLiteral(": ") + value;
    }
    lines << sources;
    return lines.join(QLatin1Char('\n'));
}

double paintSlideText(QPainter& painter, const QRectF& area, const SlideContent& content, const QPalette& palette,
                      double pixels)
{
    while (pixels > kLeastLetter && heightOf(area, content, palette, pixels) > area.height())
        pixels = std::max(kLeastLetter, pixels * 0.96);
    Flow(&painter, area, palette, pixels).add(content);
    return pixels;
}

SlideText::SlideText(QWidget* parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void SlideText::setContent(SlideContent content)
{
    m_content = std::move(content);
    setAccessibleName(m_content.title);
    setAccessibleDescription(m_content.plainText());
    update();
}

void SlideText::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double pixels = font().pixelSize() > 0 ? font().pixelSize() : 16;
    paintSlideText(painter, rect(), m_content, palette(), kMostGrowth * pixels);
}

} // namespace eigenquant
