// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/fitted_columns.h"

#include <QEvent>
#include <QHeaderView>
#include <QTableView>

#include <algorithm>
#include <numeric>

namespace eigenquant {

FittedColumns::FittedColumns(QTableView& view, const QStringList& samples, int margins)
    : QObject(&view), m_view(view)
{
    QHeaderView& header = *view.horizontalHeader();
    for (int column = 0; column < samples.size(); ++column) {
        const QString heading = view.model()->headerData(column, Qt::Horizontal).toString();
        m_least.push_back(margins + std::max(header.fontMetrics().horizontalAdvance(heading),
                                              view.fontMetrics().horizontalAdvance(samples[column])));
    }
    header.setMinimumSectionSize(*std::ranges::min_element(m_least));
    header.setSectionResizeMode(QHeaderView::Interactive);
    view.viewport()->installEventFilter(this);
    fit();
}

int FittedColumns::leastWidth() const
{
    return std::accumulate(m_least.begin(), m_least.end(), 0);
}

bool FittedColumns::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Resize)
        fit();
    return QObject::eventFilter(watched, event);
}

void FittedColumns::fit()
{
    const int count = int(m_least.size());
    const int spare = std::max(0, m_view.viewport()->width() - leastWidth());
    for (int column = 0; column < count; ++column) {
        // The differences of rounded running sums add up to the whole.
        const int share = spare * (column + 1) / count - spare * column / count;
        m_view.setColumnWidth(column, m_least[std::size_t(column)] + share);
    }
}

} // namespace eigenquant
