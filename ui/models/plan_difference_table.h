// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan_difference.h"
#include "ui/models/cell_table.h"

namespace eigenquant {

/// The linears that two plans store in different ways, with what it changes.
class PlanDifferenceTable : public CellTable {
    Q_OBJECT

public:
    explicit PlanDifferenceTable(std::vector<LinearDifference> differences, QObject* parent = nullptr);

    /// The longest text that is usual in each column, for its width.
    static QStringList samples();

protected:
    int rows() const override { return int(m_differences.size()); }
    QVariant cell(int row, int column, int role) const override;

private:
    std::vector<LinearDifference> m_differences;
};

/// "bits 4 → 3, K 16 → 24".
QString changesText(const LinearDifference& difference);

} // namespace eigenquant
