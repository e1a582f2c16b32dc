// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/runs_table.h"

#include "ui/text/format.h"

#include <cmath>
#include <limits>

namespace eigenquant {

namespace {

std::vector<CellTable::Column> runsColumns()
{
    const auto tr = [](const char* text) { return RunsTable::tr(text); };
    return {{tr("Report"), tr("The folder of the comparison"), false},
            {tr("Variant"), {}, false},
            {tr("Method"), {}, false},
            {tr("Eff. bits"), tr("Bits a weight of the quantized linears, rotations included"), true},
            {tr("Size"), tr("Of the linears and their rotations, as stored"), true},
            {tr("Perplexity"), tr("With its standard error over the windows; lower is better"), true},
            {tr("Against first"), tr("Perplexity less that of the variant of the same name in the first report"),
             true},
            {tr("KL"), tr("KL(float ‖ variant), nats a token"), true},
            {tr("Same top"), tr("Share of tokens whose most likely next one is the float model's"), true},
            {tr("ms a step"), tr("Latency of a decoding step at the smallest batch that was measured"), true},
            {tr("Pareto"), tr("No other variant of the report has fewer bits and a lower perplexity"), false}};
}

QString signedNumber(double value, int decimals)
{
    return std::isfinite(value) ? (value > 0 ? QStringLiteral("+") : QString()) + text::fixed(value, decimals)
                                : text::kUnknown;
}

} // namespace

RunsTable::RunsTable(QObject* parent) : CellTable(runsColumns(), parent) {}

void RunsTable::setEntries(std::vector<RunEntry> entries)
{
    beginResetModel();
    m_entries = std::move(entries);
    endResetModel();
}

QStringList RunsTable::samples()
{
    return {QStringLiteral("comparison"),
            QStringLiteral("rosaq 4 g128, salient 1/32"),
            QStringLiteral("randrot"),
            QStringLiteral("14.114"),
            QStringLiteral("99.9 MiB"),
            QStringLiteral("123.456 ± 0.123"),
            {},
            QStringLiteral("0.000123"),
            QStringLiteral("99.9 %"),
            {},
            {}};
}

QVariant RunsTable::cell(int row, int column, int role) const
{
    const RunEntry& entry = m_entries[std::size_t(row)];
    switch (role) {
    case Qt::DisplayRole:
        return shown(entry, column);
    case kRawValueRole:
        return raw(entry, column);
    case Qt::ToolTipRole:
        if (entry.result.control && column == VariantColumn)
            return tr("A control: uniform round to nearest with one bit more than a variant that was asked for");
        return {};
    default:
        return {};
    }
}

QVariant RunsTable::raw(const RunEntry& entry, int column) const
{
    const ComparisonRow& row = entry.result;
    switch (column) {
    case ReportColumn:
        return entry.report;
    case BitsColumn:
        return row.effectiveBits;
    case SizeColumn:
        return qulonglong(row.bytes);
    case PerplexityColumn:
        return row.perplexity;
    case DifferenceColumn:
        return entry.difference;
    case DivergenceColumn:
        return row.kl;
    case SameTopColumn:
        return row.sameTop;
    case LatencyColumn:
        return entry.latency ? entry.latency->msPerStep : std::numeric_limits<double>::quiet_NaN();
    case FrontColumn:
        return entry.onFront;
    default:
        return shown(entry, column);
    }
}

QString RunsTable::shown(const RunEntry& entry, int column) const
{
    const ComparisonRow& row = entry.result;
    switch (column) {
    case ReportColumn:
        return entry.reportName;
    case VariantColumn:
        return row.control ? tr("%1 (control)").arg(text::fromStd(row.name)) : text::fromStd(row.name);
    case MethodColumn:
        return text::fromStd(row.method);
    case BitsColumn:
        return text::fixed(row.effectiveBits, 3);
    case SizeColumn:
        return text::bytes(row.bytes);
    case PerplexityColumn:
        return text::withError(row.perplexity, row.standardError, 3);
    case DifferenceColumn:
        return signedNumber(entry.difference, 3);
    case DivergenceColumn:
        return text::number(row.kl);
    case SameTopColumn:
        return text::percent(row.sameTop);
    case LatencyColumn:
        return entry.latency ? text::fixed(entry.latency->msPerStep, 2) : text::kUnknown;
    default:
        return entry.onFront ? tr("yes") : QString();
    }
}

} // namespace eigenquant
