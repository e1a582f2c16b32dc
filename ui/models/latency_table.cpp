// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/latency_table.h"

#include "ui/text/format.h"

#include <cmath>

namespace eigenquant {

namespace {

std::vector<CellTable::Column> latencyColumns()
{
    const auto tr = [](const char* text) { return LatencyTable::tr(text); };
    return {{tr("Batch"), tr("Sequences that are decoded at once"), true},
            {tr("ms a step"), tr("One token of every sequence"), true},
            {tr("Tokens/s"), tr("Of all sequences together"), true},
            {tr("FP16 ms"), tr("A step with FP16 linears of cuBLAS in the same engine"), true},
            {tr("Speed-up"), tr("FP16's time over ours"), true},
            {tr("Roofline"), tr("The least time that memory and arithmetic allow, over ours"), true},
            {tr("Memory"), tr("Weights, cache and scratch memory; behind the stroke those of FP16"), true},
            {tr("Kernel"), tr("What computed the linears"), false}};
}

QVariant raw(const LatencyRow& row, int column)
{
    switch (column) {
    case LatencyTable::BatchColumn:
        return row.batch;
    case LatencyTable::StepColumn:
        return row.msPerStep;
    case LatencyTable::RateColumn:
        return row.tokensPerSecond;
    case LatencyTable::BaselineColumn:
        return row.baselineMsPerStep;
    case LatencyTable::SpeedupColumn:
        return row.speedup;
    case LatencyTable::RooflineColumn:
        return row.rooflineShare;
    case LatencyTable::MemoryColumn:
        return qulonglong(row.gpuBytes);
    default:
        return text::fromStd(row.kernel);
    }
}

/// "4.13 / 13.1 GiB"; the unit once, if it is the same.
QString memory(const LatencyRow& row)
{
    QString own = row.gpuBytes > 0 ? text::bytes(row.gpuBytes) : text::kUnknown;
    if (row.baselineGpuBytes == 0)
        return own;
    const QString other = text::bytes(row.baselineGpuBytes);
    if (const QString unit = other.mid(other.indexOf(QLatin1Char(' '))); own.endsWith(unit))
        own.chop(unit.size());
    return own + QStringLiteral(" / ") + other;
}

QString shown(const LatencyRow& row, int column)
{
    switch (column) {
    case LatencyTable::BatchColumn:
        return row.askedBatch > row.batch ? LatencyTable::tr("%1 of %2").arg(row.batch).arg(row.askedBatch)
                                          : QString::number(row.batch);
    case LatencyTable::StepColumn:
        return text::fixed(row.msPerStep, 3);
    case LatencyTable::RateColumn:
        return std::isfinite(row.tokensPerSecond) ? text::grouped(std::llround(row.tokensPerSecond)) : text::kUnknown;
    case LatencyTable::BaselineColumn:
        return text::fixed(row.baselineMsPerStep, 3);
    case LatencyTable::SpeedupColumn:
        return std::isfinite(row.speedup) ? text::fixed(row.speedup, 2) + QStringLiteral("×") : text::kUnknown;
    case LatencyTable::RooflineColumn:
        return row.rooflineShare > 0 ? text::percent(row.rooflineShare, 0) : text::kUnknown;
    case LatencyTable::MemoryColumn:
        return memory(row);
    default:
        return row.kernel.empty() ? text::kUnknown : text::fromStd(row.kernel);
    }
}

} // namespace

LatencyTable::LatencyTable(QObject* parent) : CellTable(latencyColumns(), parent) {}

void LatencyTable::setRows(std::vector<LatencyRow> rows)
{
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
}

QVariant LatencyTable::cell(int row, int column, int role) const
{
    const LatencyRow& latency = m_rows[std::size_t(row)];
    if (role == kRawValueRole)
        return raw(latency, column);
    // A kernel's name may be wider than its column.
    if (role == Qt::ToolTipRole && column == KernelColumn)
        return text::fromStd(latency.kernel);
    return role == Qt::DisplayRole ? QVariant(shown(latency, column)) : QVariant();
}

} // namespace eigenquant
