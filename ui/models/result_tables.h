// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/outcome.h"
#include "ui/models/cell_table.h"

#include <optional>

namespace eigenquant {

/// One line of the before-and-after comparison.
struct CheckRow {
    QString name;
    std::optional<PerplexityResult> perplexity;
    double effectiveBits = 0;          ///< 0: not known
    std::uint64_t bytes = 0;           ///< of the linears; 0: not known
    std::optional<double> outputError; ///< mean over the linears; nothing for the float model
};

/// Float against quantized.
class CheckTable : public CellTable {
    Q_OBJECT

public:
    explicit CheckTable(QObject* parent = nullptr);
    void setResults(std::vector<CheckRow> results);

protected:
    int rows() const override { return int(m_results.size()); }
    QVariant cell(int row, int column, int role) const override;

private:
    std::vector<CheckRow> m_results;
};

/// What quantizing did to every linear, predicted and measured.
class OutcomeTable : public CellTable {
    Q_OBJECT

public:
    explicit OutcomeTable(QObject* parent = nullptr);
    void setOutcomes(std::vector<LinearOutcome> outcomes);

protected:
    int rows() const override { return int(m_outcomes.size()); }
    QVariant cell(int row, int column, int role) const override;

private:
    std::vector<LinearOutcome> m_outcomes;
};

/// Mean of the linears' output errors, each weighed by its number of weights; nothing without linears.
std::optional<double> meanOutputError(const QuantizeResult& result);

} // namespace eigenquant
