// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/fitted_columns.h"

#include <QEvent>
#include <QFont>
#include <QFontMetrics>
#include <QHeaderView>
#include <QTableView>

#include <algorithm>
#include <numeric>

namespace eigenquant {

FittedColumns::FittedColumns(QTableView& view, const QStringList& samples, int margins)
    : QObject(&view), m_view(view)
{
    QHeaderView& header = *view.horizontalHeader();
    QFont bold = header.font();
    bold.setBold(true); // as the theme draws headings
    const QFontMetrics headings(bold);
    for (int column = 0; column < samples.size(); ++column) {
        const QString heading = view.model()->headerData(column, Qt::Horizontal).toString();
        m_least.push_back(margins + std::max(headings.horizontalAdvance(heading),
                                             view.fontMetrics().horizontalAdvance(samples[column])));
    }
    header.setMinimumSectionSize(*std::ranges::min_element(m_least));
    header.setSectionResizeMode(QHeaderView::Interactive);
    view.viewport()->installEventFilter(this);
    fit();
}

int FittedColumns::leastWidth() const
{
    int width = 0;
    for (std::size_t column = 0; column < m_least.size(); ++column)
        if (!m_view.isColumnHidden(int(column)))
            width += m_least[column];
    return width;
}

bool FittedColumns::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Resize)
        fit();
    return QObject::eventFilter(watched, event);
}

void FittedColumns::fit()
{
    std::vector<int> columns;
    for (int column = 0; column < int(m_least.size()); ++column)
        if (!m_view.isColumnHidden(column))
            columns.push_back(column);
    const int count = int(columns.size());
    const int spare = std::max(0, m_view.viewport()->width() - leastWidth());
    for (int i = 0; i < count; ++i) {
        // The differences of rounded running sums add up to the whole.
        const int share = spare * (i + 1) / count - spare * i / count;
        m_view.setColumnWidth(columns[std::size_t(i)], m_least[std::size_t(columns[std::size_t(i)])] + share);
    }
}

} // namespace eigenquant
