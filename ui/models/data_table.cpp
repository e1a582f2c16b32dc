// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/data_table.h"

#include "ui/text/format.h"

#include <cmath>

namespace eigenquant {

namespace {

std::vector<CellTable::Column> columnsOf(const TableData& data)
{
    std::vector<CellTable::Column> columns;
    for (qsizetype i = 0; i < data.headings.size(); ++i) {
        const bool text = !data.rows.empty() && i < data.rows.front().size() &&
                          data.rows.front()[i].typeId() == QMetaType::QString;
        columns.push_back({data.headings[i], {}, !text});
    }
    return columns;
}

bool isReal(const QVariant& value)
{
    return value.typeId() == QMetaType::Double || value.typeId() == QMetaType::Float;
}

QString csvField(const QVariant& value)
{
    if (isReal(value)) {
        const double number = value.toDouble();
        return std::isfinite(number) ? QString::number(number, 'g', 17) : QString();
    }
    QString text = value.toString();
    if (text.contains(QLatin1Char('"')) || text.contains(QLatin1Char(',')) || text.contains(QLatin1Char('\n')))
        text = QLatin1Char('"') + text.replace(QLatin1String("\""), QLatin1String("\"\"")) + QLatin1Char('"');
    return text;
}

template <typename Row>
QString csvLine(const Row& row)
{
    QStringList fields;
    for (const auto& value : row)
        fields << csvField(value);
    return fields.join(QLatin1Char(',')) + QStringLiteral("\r\n");
}

} // namespace

QString TableData::toCsv() const
{
    QString text = csvLine(headings);
    for (const QVariantList& row : rows)
        text += csvLine(row);
    return text;
}

DataTable::DataTable(TableData data, QObject* parent)
    : CellTable(columnsOf(data), parent), m_data(std::move(data))
{
}

QVariant DataTable::cell(int row, int column, int role) const
{
    const QVariantList& values = m_data.rows[std::size_t(row)];
    const QVariant value = column < values.size() ? values[column] : QVariant();
    if (role == kRawValueRole)
        return value;
    if (role != Qt::DisplayRole)
        return {};
    return isReal(value) ? text::number(value.toDouble(), 6) : value;
}

} // namespace eigenquant
