// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/formula.h"

#include "ui/widgets/formula_node.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>

namespace eigenquant {

namespace {

using Kind = FormulaNode::Kind;

constexpr double kScriptScale = 0.68;
constexpr double kLimitScale = 0.6;
constexpr double kLargeScale = 1.7;
constexpr double kSignSpace = 0.24;  // beside operators and relations
constexpr double kRuleHeight = 0.05; // of a fraction's line
constexpr double kAxis = 0.27;       // a fraction's line lies so far above the baseline
constexpr double kGap = 0.14;        // above and below that line

/// Words and lines at their places, relative to a point on the baseline.
struct Box {
    struct Word {
        QPointF at;
        QString text;
        QFont font;
    };
    double width = 0, ascent = 0, descent = 0;
    std::vector<Word> words;
    std::vector<QRectF> rules;

    void add(const Box& other, QPointF at)
    {
        for (Word word : other.words) {
            word.at += at;
            words.push_back(word);
        }
        for (const QRectF& rule : other.rules)
            rules.push_back(rule.translated(at));
        ascent = std::max(ascent, other.ascent - at.y());
        descent = std::max(descent, other.descent + at.y());
        width = std::max(width, at.x() + other.width);
    }
};

QFont letters(double pixels, bool italic)
{
    QFont font;
    font.setFamilies({QStringLiteral("STIX Two Text"), QStringLiteral("Latin Modern Roman"),
                      QStringLiteral("DejaVu Serif"), QStringLiteral("serif")});
    font.setPixelSize(std::max(1, qRound(pixels)));
    font.setItalic(italic);
    font.setHintingPreference(QFont::PreferNoHinting); // sizes scale alike on every device
    return font;
}

Box wordBox(const QString& text, double pixels, bool italic)
{
    const QFont font = letters(pixels, italic);
    const QFontMetricsF metrics(font);
    const QRectF ink = metrics.tightBoundingRect(text);
    Box box{metrics.horizontalAdvance(text),
            std::max(-ink.top(), metrics.xHeight()),
            std::max(ink.bottom(), 0.0),
            {},
            {}};
    // A slanted letter may lean out of its advance, into what follows.
    box.width = std::max(box.width, ink.right() + 0.02 * pixels);
    box.words.push_back({{0, 0}, text, font});
    return box;
}

Box layOut(const FormulaNode& node, double pixels);

Box rowBox(const FormulaNode& row, double pixels)
{
    Box box;
    const FormulaNode* previous = nullptr;
    for (const auto& child : row.children) {
        // A sign behind nothing, a bracket or another sign belongs to what follows: -1.
        const bool leads = !previous || previous->kind == Kind::Sign || previous->text == QLatin1String("(");
        const double space = child->kind == Kind::Sign && !leads ? kSignSpace * pixels : 0;
        box.add(layOut(*child, pixels), {box.width + space, 0});
        previous = child.get();
    }
    return box;
}

Box fractionBox(const FormulaNode& node, double pixels)
{
    const Box above = layOut(*node.children[0], pixels * 0.9);
    const Box below = layOut(*node.children[1], pixels * 0.9);
    const double side = 0.12 * pixels;
    const double width = std::max(above.width, below.width) + 2 * side;
    const double axis = -kAxis * pixels;
    Box box;
    box.add(above, {(width - above.width) / 2, axis - kGap * pixels - above.descent});
    box.add(below, {(width - below.width) / 2, axis + kGap * pixels + below.ascent});
    box.rules.push_back({side / 2, axis, width - side, kRuleHeight * pixels});
    box.width = width;
    return box;
}

Box hatBox(const FormulaNode& node, double pixels)
{
    Box box = layOut(*node.children[0], pixels);
    Box hat = wordBox(QStringLiteral("^"), 0.75 * pixels, false);
    const QRectF ink = QFontMetricsF(hat.words[0].font).tightBoundingRect(hat.words[0].text);
    const double width = box.width;
    // Its ink begins close above the letter, a little to the right, as the letter leans.
    box.add(hat, {width / 2 - ink.center().x() + 0.06 * pixels, -box.ascent + 0.04 * pixels - ink.bottom()});
    box.width = width;
    return box;
}

/// The sign of a sum, its limits below and above.
Box largeBox(const FormulaNode& node, double pixels)
{
    const Box sign = wordBox(node.text, pixels * kLargeScale, false);
    const Box below = node.subscript ? layOut(*node.subscript, pixels * kLimitScale) : Box();
    const Box above = node.superscript ? layOut(*node.superscript, pixels * kLimitScale) : Box();
    const double width = std::max({sign.width, below.width, above.width});
    const double down = (sign.ascent - sign.descent) / 2 - kAxis * pixels; // centred on the axis
    Box box;
    box.add(sign, {(width - sign.width) / 2, down});
    if (node.subscript)
        box.add(below, {(width - below.width) / 2, down + sign.descent + kGap * pixels + below.ascent});
    if (node.superscript)
        box.add(above, {(width - above.width) / 2, down - sign.ascent - kGap * pixels - above.descent});
    box.width = width + 0.12 * pixels;
    return box;
}

Box bareBox(const FormulaNode& node, double pixels)
{
    switch (node.kind) {
    case Kind::Row:
        return rowBox(node, pixels);
    case Kind::Variable:
        return wordBox(node.text, pixels, true);
    case Kind::Upright:
        return wordBox(node.text, pixels, false);
    case Kind::Sign: {
        Box box = wordBox(node.text, pixels, false);
        box.width += kSignSpace * pixels;
        return box;
    }
    case Kind::Large:
        return largeBox(node, pixels);
    case Kind::Space:
        return {node.width * pixels, 0, 0, {}, {}};
    case Kind::Fraction:
        return fractionBox(node, pixels);
    case Kind::Hat:
        return hatBox(node, pixels);
    }
    return {};
}

Box layOut(const FormulaNode& node, double pixels)
{
    Box box = bareBox(node, pixels);
    if (node.kind == Kind::Large)
        return box;
    const double right = box.width + 0.03 * pixels;
    if (node.subscript)
        box.add(layOut(*node.subscript, pixels * kScriptScale), {right, 0.22 * pixels});
    if (node.superscript)
        box.add(layOut(*node.superscript, pixels * kScriptScale),
                {right, -std::max(0.4 * pixels, box.ascent * 0.58)});
    return box;
}

QString spoken(const FormulaNode& node)
{
    QString text = node.text;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        if (i == 1 && node.kind == Kind::Fraction)
            text += QLatin1Char('/');
        const QString part = spoken(*node.children[i]);
        text += node.kind == Kind::Fraction && part.size() > 1 ? QStringLiteral("(%1)").arg(part) : part;
    }
    if (node.kind == Kind::Hat)
        text += QChar(0x0302); // the combining hat
    if (node.kind == Kind::Sign)
        text = QStringLiteral(" %1 ").arg(text);
    const auto script = [](QLatin1Char sign, const FormulaNode& inner) {
        const QString part = spoken(inner).trimmed();
        return sign + (part.size() > 1 ? QStringLiteral("(%1)").arg(part) : part);
    };
    if (node.subscript)
        text += script(QLatin1Char('_'), *node.subscript);
    if (node.superscript)
        text += script(QLatin1Char('^'), *node.superscript);
    return node.kind == Kind::Space ? QStringLiteral(" ") : text;
}

} // namespace

Formula::Formula(const QString& source) : m_root(parseFormula(source)) {}
Formula::~Formula() = default;
Formula::Formula(Formula&&) noexcept = default;
Formula& Formula::operator=(Formula&&) noexcept = default;

QSizeF Formula::size(double pixels) const
{
    const Box box = layOut(*m_root, pixels);
    return {box.width, box.ascent + box.descent};
}

void Formula::paint(QPainter& painter, QPointF topLeft, double pixels, const QColor& color) const
{
    const Box box = layOut(*m_root, pixels);
    const QPointF origin = topLeft + QPointF(0, box.ascent);
    painter.save();
    painter.setPen(color);
    for (const Box::Word& word : box.words) {
        painter.setFont(word.font);
        painter.drawText(origin + word.at, word.text);
    }
    for (const QRectF& rule : box.rules)
        painter.fillRect(rule.translated(origin), color);
    painter.restore();
}

QString Formula::plainText() const
{
    return spoken(*m_root).simplified();
}

} // namespace eigenquant
