// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <memory>
#include <vector>

namespace eigenquant {

/// A part of a formula.
struct FormulaNode {
    enum class Kind {
        Row,      ///< children side by side
        Variable, ///< an italic letter
        Upright,  ///< digits, brackets, words
        Sign,     ///< an operator or relation, with space around it
        Large,    ///< a sum's sign, with its limits below and above
        Space,    ///< `width` wide
        Fraction, ///< children: above, below
        Hat,      ///< one child with a hat on
    };
    Kind kind = Kind::Row;
    QString text;
    double width = 0; ///< of a Space, in letter heights
    std::vector<std::unique_ptr<FormulaNode>> children;
    std::unique_ptr<FormulaNode> subscript, superscript;
};

/// Throws Error::usage.
std::unique_ptr<FormulaNode> parseFormula(const QString& source);

} // namespace eigenquant
