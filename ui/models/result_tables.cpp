// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/result_tables.h"

#include "ui/text/format.h"

#include <algorithm>

namespace eigenquant {

namespace {

std::vector<CellTable::Column> checkColumns()
{
    const auto tr = [](const char* text) { return CheckTable::tr(text); };
    return {{tr("Model"), {}, false},
            {tr("Perplexity"), tr("With its standard error over the windows; lower is better"), true},
            {tr("Windows"), tr("Windows × tokens a window"), true},
            {tr("Eff. bits"), tr("Bits a weight of the quantized linears, rotations included"), true},
            {tr("Size"), tr("Of the linears, as stored"), true},
            {tr("Output error"), tr("Mean of ‖XΔW‖² / ‖XW‖² over the linears, on the calibration text"), true}};
}

std::vector<CellTable::Column> outcomeColumns()
{
    const auto tr = [](const char* text) { return OutcomeTable::tr(text); };
    return {{tr("Linear"), {}, false},
            {tr("Eff. bits"), tr("All bits a weight needs at run time"), true},
            {tr("Rot. bits"), tr("Of these, the share of run-time rotations"), true},
            {tr("Size"), tr("As stored"), true},
            {tr("Pred. error"), tr("Expected from the statistics"), true},
            {tr("Output error"), tr("Measured on the calibration text, of what is stored"), true}};
}

} // namespace

CheckTable::CheckTable(QObject* parent) : CellTable(checkColumns(), parent) {}

void CheckTable::setResults(std::vector<CheckRow> results)
{
    beginResetModel();
    m_results = std::move(results);
    endResetModel();
}

QVariant CheckTable::cell(int row, int column, int role) const
{
    if (role != Qt::DisplayRole && role != kRawValueRole)
        return {};
    const CheckRow& result = m_results[std::size_t(row)];
    switch (column) {
    case 0:
        return result.name;
    case 1:
        return result.perplexity
                   ? text::withError(result.perplexity->perplexity, result.perplexity->standardError, 3)
                   : tr("not measured");
    case 2:
        return result.perplexity
                   ? QStringLiteral("%1 × %2").arg(result.perplexity->windows).arg(result.perplexity->context)
                   : text::kUnknown;
    case 3:
        return result.effectiveBits > 0 ? text::fixed(result.effectiveBits, 3) : text::kUnknown;
    case 4:
        return result.bytes > 0 ? text::bytes(result.bytes) : text::kUnknown;
    default:
        return result.outputError ? text::number(*result.outputError) : text::kUnknown;
    }
}

OutcomeTable::OutcomeTable(QObject* parent) : CellTable(outcomeColumns(), parent) {}

void OutcomeTable::setOutcomes(std::vector<LinearOutcome> outcomes)
{
    beginResetModel();
    m_outcomes = std::move(outcomes);
    endResetModel();
}

QVariant OutcomeTable::cell(int row, int column, int role) const
{
    const LinearOutcome& outcome = m_outcomes[std::size_t(row)];
    const bool raw = role == kRawValueRole;
    if (!raw && role != Qt::DisplayRole)
        return {};
    switch (column) {
    case 0:
        return raw ? QVariant(row) : QString::fromStdString(outcome.id.name());
    case 1:
        return raw ? QVariant(outcome.effectiveBits) : text::fixed(outcome.effectiveBits, 3);
    case 2:
        return raw ? QVariant(outcome.rotationBits) : text::fixed(outcome.rotationBits, 3);
    case 3:
        return raw ? QVariant(qulonglong(outcome.bytes)) : text::bytes(outcome.bytes);
    case 4:
        return raw ? QVariant(outcome.predictedError) : text::number(outcome.predictedError);
    default:
        return raw ? QVariant(outcome.outputError) : text::number(outcome.outputError);
    }
}

std::optional<double> meanOutputError(const QuantizeResult& result)
{
    double sum = 0;
    double weights = 0;
    for (const LinearOutcome& linear : result.linears) {
        const double count = linear.effectiveBits > 0 ? double(linear.bytes) * 8 / linear.effectiveBits : 0;
        sum += linear.outputError * count;
        weights += count;
    }
    return weights > 0 ? std::optional(sum / weights) : std::nullopt;
}

} // namespace eigenquant
