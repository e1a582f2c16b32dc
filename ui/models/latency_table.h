// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/latency.h"
#include "ui/models/cell_table.h"

namespace eigenquant {

/// A row a batch size: ours beside FP16, what ran and what it took.
class LatencyTable : public CellTable {
    Q_OBJECT

public:
    enum Column {
        BatchColumn,
        StepColumn,
        RateColumn,
        BaselineColumn,
        SpeedupColumn,
        RooflineColumn,
        MemoryColumn,
        KernelColumn,
        ColumnCount
    };

    explicit LatencyTable(QObject* parent = nullptr);
    void setRows(std::vector<LatencyRow> rows);

protected:
    int rows() const override { return int(m_rows.size()); }
    QVariant cell(int row, int column, int role) const override;

private:
    std::vector<LatencyRow> m_rows;
};

} // namespace eigenquant
