// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/sensitivity.h"
#include "ui/models/cell_table.h"
#include "ui/state/plan_document.h"

#include <optional>
#include <vector>

namespace eigenquant {

/// The budget of every site or of every linear, one row each. Edits go to the document and so to its undo history.
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
        GroupColumn,
        LockedColumn,
        EffectiveBitsColumn,
        RotationBitsColumn,
        BytesColumn,
        ErrorColumn,
        DivergenceColumn,
        SensitivityColumn,
        EnergyShareColumn,
        ColumnCount
    };
    /// The Method of a row, as int, from any of its cells; for the editors.
    static constexpr int kMethodRole = kBarRole + 1;
    /// The group sizes there are statistics for, as a list; for the editor.
    static constexpr int kGroupSizesRole = kMethodRole + 1;

    enum class Rows { Sites, Linears };

    /// The longest text that is usual in each column, for its width.
    static QStringList samples();

    explicit SitePlanTable(PlanDocument& document, QObject* parent = nullptr);

    void setRows(Rows rows);
    Rows rowKind() const { return m_kind; }
    /// What was measured of every layer; shown beside each of its rows.
    void setSensitivity(std::optional<ModelSensitivity> sensitivity);
    bool hasSensitivity() const { return m_sensitivity.has_value(); }
    /// The site that a row is, or whose activation its linear reads.
    SiteId siteOf(int row) const { return summary(row).id; }
    /// "3.mlp_in" and "3.gate 3.up", or "3.gate" and "3.mlp_in": what a pattern may match.
    QStringList namesOf(int row) const;
    /// Positions in Plan::linears.
    std::vector<int> linearsOf(int row) const;
    bool isEditable(int row, int column) const;
    /// What a text in a cell of K, bits, group or lock asks for; nothing where it only says that there is nothing to
    /// say ("–", "mixed", "≈ 3.13"). Throws Error::usage with the row's name.
    std::optional<BudgetChange> changeOf(int row, int column, const QString& text) const;
    /// The same text in a cell of many rows, as one step. False, and the document's refused(), if one cannot take it.
    bool setValues(const std::vector<int>& rows, int column, const QString& text);

    Qt::ItemFlags flags(const QModelIndex& index) const override;
    /// K takes a count, or a fraction such as 1/32; bits a whole number, and a fraction where the method has such
    /// widths; the lock a check state.
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

protected:
    int rows() const override { return m_rowCount; }
    QVariant cell(int row, int column, int role) const override;

private:
    const SiteSummary& summary(int row) const;
    SiteSummary summarizeLinear(int row) const;
    double energyShare(int row) const;
    const LayerSensitivity* sensitivityOf(int row) const;
    QVariant raw(int row, int column) const;
    QVariant bar(int row, int column) const;
    QVariant toolTip(int row, int column) const;
    QString shown(int row, int column) const;
    void emitRows(const std::vector<int>& rows);
    void reload();
    /// The largest finite value of a site; 0 if there is none.
    double largest(double SiteSummary::*value) const;

    PlanDocument& m_document;
    Rows m_kind = Rows::Sites;
    int m_rowCount = 0;
    std::vector<SiteSummary> m_linears; ///< of each linear alone, where the rows are linears
    std::optional<ModelSensitivity> m_sensitivity;
    double m_largestSensitivity = 0;
    double m_largestError = 0;
    double m_largestDivergence = 0;
};

} // namespace eigenquant
