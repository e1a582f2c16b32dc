// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPointF>
#include <QSizeF>
#include <QString>

#include <memory>

class QPainter;

namespace eigenquant {

struct FormulaNode;

/// A formula in a small part of TeX's language, painted with the fonts that there are:
/// letters, digits and signs; ^ and _ with {groups}; \frac, \hat, \text, \sum with limits; Greek letters and signs by
/// their names (see formula_parser.cpp). It has no colours or sizes of its own.
class Formula {
public:
    /// Throws Error::usage for a command that is not known, and for braces that do not match.
    explicit Formula(const QString& source);
    ~Formula();
    Formula(Formula&&) noexcept;
    Formula& operator=(Formula&&) noexcept;

    /// In logical pixels, with letters `pixels` high.
    QSizeF size(double pixels) const;
    void paint(QPainter& painter, QPointF topLeft, double pixels, const QColor& color) const;
    /// As a line of text, for screen readers.
    QString plainText() const;

private:
    std::unique_ptr<FormulaNode> m_root;
};

} // namespace eigenquant
