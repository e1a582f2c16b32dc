// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "ui/widgets/formula_node.h"

#include <QHash>

namespace eigenquant {

namespace {

using Kind = FormulaNode::Kind;
using Node = std::unique_ptr<FormulaNode>;

struct Named {
    Kind kind;
    QString text;
    double width = 0;
};

const QHash<QString, Named>& namedSigns()
{
    static const QHash<QString, Named> names{
        {"lambda", {Kind::Variable, "λ"}}, {"theta", {Kind::Variable, "θ"}}, {"Delta", {Kind::Upright, "Δ"}},
        {"Lambda", {Kind::Upright, "Λ"}},  {"top", {Kind::Upright, "T"}},    {"|", {Kind::Upright, "‖"}},
        {"approx", {Kind::Sign, "≈"}},     {"le", {Kind::Sign, "≤"}},        {"times", {Kind::Sign, "×"}},
        {"cdot", {Kind::Sign, "·"}},       {"to", {Kind::Sign, "→"}},        {"sum", {Kind::Large, "∑"}},
        {",", {Kind::Space, {}, 0.17}},    {"quad", {Kind::Space, {}, 1}},   {"dots", {Kind::Upright, "…"}},
    };
    return names;
}

Node make(Kind kind, const QString& text = {}, double width = 0)
{
    auto node = std::make_unique<FormulaNode>();
    node->kind = kind;
    node->text = text;
    node->width = width;
    return node;
}

class Parser {
public:
    explicit Parser(const QString& source) : m_source(source) {}

    Node parse()
    {
        Node row = parseRow();
        if (m_at < m_source.size())
            throw wrong("a closing brace without an opening one");
        return row;
    }

private:
    Error wrong(const std::string& what) const
    {
        return Error::usage("the formula cannot be read: " + what).field(m_source.toStdString());
    }

    /// Up to a closing brace or the end.
    Node parseRow()
    {
        Node row = make(Kind::Row);
        while (m_at < m_source.size() && m_source[m_at] != u'}') {
            const QChar sign = m_source[m_at];
            if (sign.isSpace())
                ++m_at;
            else if (sign == u'^' || sign == u'_')
                addScript(*row, sign == u'^');
            else
                row->children.push_back(parseOne());
        }
        return row;
    }

    void addScript(FormulaNode& row, bool above)
    {
        if (row.children.empty())
            throw wrong("a script without anything that bears it");
        ++m_at;
        Node& place = above ? row.children.back()->superscript : row.children.back()->subscript;
        place = parseOne();
    }

    Node parseOne()
    {
        if (m_at >= m_source.size())
            throw wrong("it ends too early");
        const QChar sign = m_source[m_at];
        if (sign == u'{')
            return parseGroup();
        if (sign == u'\\')
            return parseCommand();
        ++m_at;
        if (sign.isLetter())
            return make(Kind::Variable, sign);
        if (sign == u'-')
            return make(Kind::Sign, QStringLiteral("−"));
        return make(QStringLiteral("=+<>").contains(sign) ? Kind::Sign : Kind::Upright, sign);
    }

    Node parseGroup()
    {
        ++m_at;
        Node row = parseRow();
        if (m_at >= m_source.size())
            throw wrong("a closing brace is missing");
        ++m_at;
        return row;
    }

    Node parseCommand()
    {
        const QString name = commandName();
        if (name == QLatin1String("text"))
            return parseWords();
        if (name == QLatin1String("hat") || name == QLatin1String("frac")) {
            Node node = make(name == QLatin1String("hat") ? Kind::Hat : Kind::Fraction);
            for (int i = 0; i < (node->kind == Kind::Hat ? 1 : 2); ++i)
                node->children.push_back(parseOne());
            return node;
        }
        const auto known = namedSigns().constFind(name);
        if (known == namedSigns().constEnd())
            throw wrong("unknown command \\" + name.toStdString());
        return make(known->kind, known->text, known->width);
    }

    QString commandName()
    {
        const qsizetype begin = ++m_at;
        while (m_at < m_source.size() && m_source[m_at].isLetter())
            ++m_at;
        if (m_at == begin && m_at < m_source.size())
            ++m_at; // a single sign, such as \,
        return m_source.mid(begin, m_at - begin);
    }

    /// Words keep their spaces, and hold no commands.
    Node parseWords()
    {
        const qsizetype end = m_source.indexOf(u'}', m_at);
        if (m_at >= m_source.size() || m_source[m_at] != u'{' || end < 0)
            throw wrong("\\text takes its words in braces");
        Node node = make(Kind::Upright, m_source.mid(m_at + 1, end - m_at - 1));
        m_at = end + 1;
        return node;
    }

    QString m_source;
    qsizetype m_at = 0;
};

} // namespace

std::unique_ptr<FormulaNode> parseFormula(const QString& source)
{
    return Parser(source).parse();
}

} // namespace eigenquant
