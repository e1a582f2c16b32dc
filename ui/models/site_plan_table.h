// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/cell_table.h"
#include "ui/state/plan_document.h"

namespace eigenquant {

/// The budget of every site: one row a site, edits go to the document and so to its undo history.
class SitePlanTable : public CellTable {
    Q_OBJECT

public:
    enum ColumnIndex {
        LayerColumn,
        SiteColumn,
        ChannelsColumn,
        MethodColumn,
        BasisColumn,
        SalientColumn,
        BitsColumn,
        EffectiveBitsColumn,
        RotationBitsColumn,
        BytesColumn,
        ErrorColumn,
        EnergyShareColumn,
        ColumnCount
    };

    explicit SitePlanTable(PlanDocument& document, QObject* parent = nullptr);

    Qt::ItemFlags flags(const QModelIndex& index) const override;
    /// K takes a count, or a fraction such as 1/32; bits a whole number.
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

protected:
    int rows() const override { return m_rowCount; }
    QVariant cell(int row, int column, int role) const override;

private:
    QVariant raw(int row, int column) const;
    QString shown(int row, int column) const;
    bool isEditable(int row, int column) const;
    void emitRows(const std::vector<int>& rows);
    void reload();
    double largestError() const;

    PlanDocument& m_document;
    int m_rowCount = 0;
    double m_largestError = 0;
};

} // namespace eigenquant
