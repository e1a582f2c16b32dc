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
        LockedColumn,
        EffectiveBitsColumn,
        RotationBitsColumn,
        BytesColumn,
        ErrorColumn,
        DivergenceColumn,
        EnergyShareColumn,
        ColumnCount
    };
    /// The Method of a row, as int, from any of its cells; for the editors.
    static constexpr int kMethodRole = kBarRole + 1;

    /// The longest text that is usual in each column, for its width.
    static QStringList samples();

    explicit SitePlanTable(PlanDocument& document, QObject* parent = nullptr);

    Qt::ItemFlags flags(const QModelIndex& index) const override;
    /// K takes a count, or a fraction such as 1/32; bits a whole number, and a fraction where the method has such
    /// widths; the lock a check state.
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

protected:
    int rows() const override { return m_rowCount; }
    QVariant cell(int row, int column, int role) const override;

private:
    bool setBits(int row, const QVariant& value);
    bool setSalient(int row, const QVariant& value);
    QVariant raw(int row, int column) const;
    QVariant bar(int row, int column) const;
    QVariant toolTip(int row, int column) const;
    QString shown(int row, int column) const;
    bool isEditable(int row, int column) const;
    void emitRows(const std::vector<int>& rows);
    void reload();
    /// The largest finite value of a site; 0 if there is none.
    double largest(double SiteSummary::*value) const;

    PlanDocument& m_document;
    int m_rowCount = 0;
    double m_largestError = 0;
    double m_largestDivergence = 0;
};

} // namespace eigenquant
