// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

#include <vector>

namespace eigenquant {

/// The raw value of a cell, for sorting and for tests; what DisplayRole says is rounded.
inline constexpr int kRawValueRole = Qt::UserRole + 1;
/// A share in 0..1 that a delegate draws as a bar behind the number.
inline constexpr int kBarRole = Qt::UserRole + 2;
/// What a copied table says in place of DisplayRole, where that is nothing to read, as with a check box.
inline constexpr int kCopyRole = Qt::UserRole + 9;

/// A flat table that does the index arithmetic, headers and alignment; a subclass writes cell().
class CellTable : public QAbstractTableModel {
    Q_OBJECT

public:
    struct Column {
        QString title;
        QString toolTip;
        bool numeric = true;
    };

    CellTable(std::vector<Column> columns, QObject* parent);

    int rowCount(const QModelIndex& parent = {}) const final;
    int columnCount(const QModelIndex& parent = {}) const final;
    QVariant data(const QModelIndex& index, int role) const final;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    /// `row` and `column` are valid; `role` is never TextAlignmentRole.
    virtual QVariant cell(int row, int column, int role) const = 0;
    virtual int rows() const = 0;
    void setColumns(std::vector<Column> columns) { m_columns = std::move(columns); }

private:
    std::vector<Column> m_columns;
};

} // namespace eigenquant
