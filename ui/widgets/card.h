// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QFormLayout;
class QLabel;
class QVBoxLayout;

namespace eigenquant {

/// A rounded panel in the palette's base colour, with an optional heading.
class Card : public QFrame {
    Q_OBJECT

public:
    explicit Card(const QString& heading = {}, QWidget* parent = nullptr);
    QVBoxLayout* body() const { return m_body; }
    /// A form below what is there already: captions to the left, fields as wide as they may be.
    QFormLayout* addForm();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QVBoxLayout* m_body = nullptr;
};

/// A small caption over a large value.
class FactTile : public QWidget {
    Q_OBJECT

public:
    explicit FactTile(const QString& caption, QWidget* parent = nullptr);
    void setValue(const QString& value);
    QString value() const;
    /// Lets the tile become as narrow as this: a longer value is cut with "…".
    void setLeastWidth(int pixels);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void showValue();

    QLabel* m_value = nullptr;
    QString m_text;
    bool m_elides = false;
};

} // namespace eigenquant
