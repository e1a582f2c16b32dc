// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QStringList>

#include <vector>

class QTableView;

namespace eigenquant {

/// Keeps every column of a table wide enough for its heading and for a sample of its longest text, and gives what is
/// left of the table's width to all of them alike. Belongs to the view.
class FittedColumns : public QObject {
    Q_OBJECT

public:
    /// One sample a column; empty: the heading says how wide. `margins`: pixels beside the text, both sides together.
    FittedColumns(QTableView& view, const QStringList& samples, int margins = 14);

    /// The least width at which nothing is cut off.
    int leastWidth() const;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

public:
    /// Again, after columns were hidden or shown.
    void fit();

private:

    QTableView& m_view;
    std::vector<int> m_least;
};

} // namespace eigenquant
