// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/cell_table.h"

#include <QStringList>
#include <QVariant>

namespace eigenquant {

/// Numbers under headings: a plot as a table, for the screen and for CSV. Cells are doubles or texts.
struct TableData {
    QStringList headings;
    std::vector<QVariantList> rows;

    /// RFC 4180 with the C locale's numbers at full precision.
    QString toCsv() const;
};

/// Shows TableData.
class DataTable : public CellTable {
    Q_OBJECT

public:
    explicit DataTable(TableData data, QObject* parent = nullptr);

protected:
    int rows() const override { return int(m_data.rows.size()); }
    QVariant cell(int row, int column, int role) const override;

private:
    TableData m_data;
};

} // namespace eigenquant
