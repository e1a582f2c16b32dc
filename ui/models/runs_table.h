// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/cell_table.h"
#include "ui/state/run_report.h"

namespace eigenquant {

/// All variants of the open comparisons with their figures.
class RunsTable : public CellTable {
    Q_OBJECT

public:
    enum ColumnIndex {
        ReportColumn,
        VariantColumn,
        MethodColumn,
        BitsColumn,
        SizeColumn,
        PerplexityColumn,
        DifferenceColumn,
        DivergenceColumn,
        SameTopColumn,
        LatencyColumn,
        FrontColumn,
        ColumnCount
    };

    explicit RunsTable(QObject* parent = nullptr);
    void setEntries(std::vector<RunEntry> entries);
    const RunEntry& entry(int row) const { return m_entries[std::size_t(row)]; }
    /// The longest text that is usual in each column, for its width.
    static QStringList samples();

protected:
    int rows() const override { return int(m_entries.size()); }
    QVariant cell(int row, int column, int role) const override;

private:
    QVariant raw(const RunEntry& entry, int column) const;
    QString shown(const RunEntry& entry, int column) const;

    std::vector<RunEntry> m_entries;
};

} // namespace eigenquant
