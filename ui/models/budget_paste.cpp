// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/budget_paste.h"

#include "core/base/error.h"
#include "ui/text/translate.h"

#include <QSortFilterProxyModel>
#include <QTableView>

#include <algorithm>
#include <map>

namespace eigenquant {

namespace {

std::vector<QStringList> linesOf(QString text)
{
    text.replace(QStringLiteral("\r\n"), QStringLiteral("\n")).replace(QLatin1Char('\r'), QLatin1Char('\n'));
    std::vector<QStringList> lines;
    for (const QString& line : text.split(QLatin1Char('\n')))
        if (!line.trimmed().isEmpty())
            lines.push_back(line.split(QLatin1Char('\t')));
    return lines;
}

QString heading(const SitePlanTable& table, int column)
{
    return table.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
}

bool canTake(int column)
{
    return column == SitePlanTable::SalientColumn || column == SitePlanTable::BitsColumn ||
           column == SitePlanTable::GroupColumn || column == SitePlanTable::LockedColumn;
}

/// The table's column under each field of the first line; empty if it is no line of headings. -1: none of ours.
std::vector<int> headingsOf(const QStringList& line, const SitePlanTable& table)
{
    std::vector<int> columns;
    bool any = false;
    for (const QString& field : line) {
        int found = -1;
        for (int column = 0; column < table.columnCount(); ++column)
            if (heading(table, column).compare(field.trimmed(), Qt::CaseInsensitive) == 0)
                found = column;
        any = any || found >= 0;
        columns.push_back(found);
    }
    return any ? columns : std::vector<int>{};
}

/// The table's rows in the order of the view.
std::vector<int> rowsFrom(const QTableView& view, int first)
{
    const auto* proxy = static_cast<const QSortFilterProxyModel*>(view.model());
    std::vector<int> rows;
    for (int row = std::max(first, 0); row < proxy->rowCount(); ++row)
        rows.push_back(proxy->mapToSource(proxy->index(row, 0)).row());
    return rows;
}

int firstSelectedRow(const QTableView& view)
{
    int first = view.currentIndex().isValid() ? view.currentIndex().row() : 0;
    for (const QModelIndex& index : view.selectionModel()->selectedRows())
        first = std::min(first, index.row());
    return first;
}

void requireRoom(std::size_t lines, std::size_t rows)
{
    if (lines > rows)
        throw Error::usage(tr("more rows than there are below the chosen one").toStdString())
            .found(std::to_string(lines))
            .expected(tr("at most %1").arg(rows).toStdString())
            .hint(tr("choose the row that the first line belongs to").toStdString());
}

using RowNames = std::map<std::pair<QString, QString>, int>;

RowNames rowNames(const SitePlanTable& table)
{
    RowNames names;
    for (int row = 0; row < table.rowCount(); ++row)
        names[{table.index(row, SitePlanTable::LayerColumn).data().toString(),
               table.index(row, SitePlanTable::SiteColumn).data().toString()}] = row;
    return names;
}

int rowNamed(const RowNames& names, const QString& layer, const QString& site)
{
    const auto found = names.find({layer, site});
    if (found == names.end())
        throw Error::usage(tr("the table has no such row").toStdString())
            .found(tr("layer %1, %2").arg(layer, site).toStdString())
            .hint(tr("paste sites into the table of sites, and linears into that of linears").toStdString());
    return found->second;
}

void addLine(std::vector<BudgetChange>& changes, const SitePlanTable& table, int row, const QStringList& fields,
             const std::vector<int>& columns)
{
    for (std::size_t i = 0; i < columns.size() && qsizetype(i) < fields.size(); ++i)
        if (columns[i] >= 0 && canTake(columns[i]))
            if (auto change = table.changeOf(row, columns[i], fields[qsizetype(i)]))
                changes.push_back(std::move(*change));
}

std::vector<BudgetChange> underHeadings(const std::vector<QStringList>& lines, const std::vector<int>& columns,
                                        const SitePlanTable& table, const QTableView& view)
{
    const auto place = [&](int column) { return std::ranges::find(columns, column) - columns.begin(); };
    const auto layer = place(SitePlanTable::LayerColumn), site = place(SitePlanTable::SiteColumn);
    const bool isNamed = layer < std::ssize(columns) && site < std::ssize(columns);
    const std::vector<int> rows = rowsFrom(view, firstSelectedRow(view));
    if (!isNamed)
        requireRoom(lines.size() - 1, rows.size());
    const RowNames names = isNamed ? rowNames(table) : RowNames{};
    std::vector<BudgetChange> changes;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const int row = isNamed ? rowNamed(names, lines[i].value(layer).trimmed(), lines[i].value(site).trimmed())
                                : rows[i - 1];
        addLine(changes, table, row, lines[i], columns);
    }
    return changes;
}

std::vector<BudgetChange> asBlock(const std::vector<QStringList>& lines, const SitePlanTable& table,
                                  const QTableView& view)
{
    const int first = view.currentIndex().column();
    std::vector<int> columns;
    for (int column = std::max(first, 0); column < table.columnCount(); ++column)
        if (!view.isColumnHidden(column))
            columns.push_back(column);
    const auto width = std::size_t(std::ranges::max_element(lines, {}, &QStringList::size)->size());
    columns.resize(std::min(columns.size(), width));
    if (std::ranges::none_of(columns, canTake))
        throw Error::usage(tr("nothing can be pasted here").toStdString())
            .found(first < 0 ? tr("no cell chosen").toStdString() : heading(table, first).toStdString())
            .expected(tr("K, Bits, Group or Lock").toStdString())
            .hint(tr("choose the cell that the first value belongs to, or copy the headings too").toStdString());
    const std::vector<int> rows = rowsFrom(view, firstSelectedRow(view));
    requireRoom(lines.size(), rows.size());
    std::vector<BudgetChange> changes;
    for (std::size_t i = 0; i < lines.size(); ++i)
        addLine(changes, table, rows[i], lines[i], columns);
    return changes;
}

} // namespace

std::vector<BudgetChange> budgetFromTsv(const QString& text, const SitePlanTable& table, const QTableView& view)
{
    const std::vector<QStringList> lines = linesOf(text);
    if (lines.empty() || table.rowCount() == 0)
        return {};
    const std::vector<int> columns = headingsOf(lines.front(), table);
    return columns.empty() ? asBlock(lines, table, view) : underHeadings(lines, columns, table, view);
}

} // namespace eigenquant
