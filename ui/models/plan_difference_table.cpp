// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/plan_difference_table.h"

#include "ui/text/format.h"

namespace eigenquant {

namespace {

enum ColumnIndex {
    LinearColumn,
    ChangesColumn,
    BitsBefore,
    BitsAfter,
    BytesBefore,
    BytesAfter,
    ErrorBefore,
    ErrorAfter
};

std::vector<CellTable::Column> differenceColumns()
{
    const auto tr = [](const char* text) { return PlanDifferenceTable::tr(text); };
    return {{tr("Linear"), {}, false},
            {tr("Changed"), tr("The settings that differ, before → after"), false},
            {tr("Eff. bits before"), tr("All bits a weight needs at run time"), true},
            {tr("after"), tr("All bits a weight needs at run time"), true},
            {tr("Size before"), {}, true},
            {tr("after"), {}, true},
            {tr("Error before"), tr("‖XΔW‖² / ‖XW‖² expected from the statistics"), true},
            {tr("after"), tr("‖XΔW‖² / ‖XW‖² expected from the statistics"), true}};
}

QString arrow(const QString& what, const QString& before, const QString& after)
{
    return QStringLiteral("%1 %2 → %3").arg(what, before, after);
}

QString yesOrNo(bool value)
{
    return value ? PlanDifferenceTable::tr("yes") : PlanDifferenceTable::tr("no");
}

/// One setting by its word in plan files.
QString changeText(const LinearDifference& d, const std::string& setting)
{
    const auto tr = [](const char* text) { return PlanDifferenceTable::tr(text); };
    if (setting == "method")
        return arrow(tr("method"), text::methodTitle(d.before.method), text::methodTitle(d.after.method));
    if (setting == "bits")
        return arrow(tr("bits"), text::bits(d.before.bits), text::bits(d.after.bits));
    if (setting == "salient")
        return arrow(tr("K"), QString::number(d.before.salient), QString::number(d.after.salient));
    if (setting == "group_size")
        return arrow(tr("group"), QString::number(d.before.groupSize), QString::number(d.after.groupSize));
    if (setting == "rounding")
        return arrow(tr("rounding"), text::roundingTitle(d.before.rounding),
                     text::roundingTitle(d.after.rounding));
    if (setting == "rotation")
        return arrow(tr("rotation"), text::basisTitle(d.siteBefore.basis), text::basisTitle(d.siteAfter.basis));
    if (setting == "select")
        return arrow(tr("stay FP16"), text::selectTitle(d.siteBefore.select),
                     text::selectTitle(d.siteAfter.select));
    if (setting == "symmetric")
        return arrow(tr("symmetric"), yesOrNo(d.before.symmetric), yesOrNo(d.after.symmetric));
    if (setting == "locked")
        return arrow(tr("lock"), yesOrNo(d.before.locked), yesOrNo(d.after.locked));
    return text::fromStd(setting);
}

} // namespace

QString changesText(const LinearDifference& difference)
{
    QStringList parts;
    for (const std::string& setting : difference.settings())
        parts << changeText(difference, setting);
    return parts.join(QStringLiteral(", "));
}

PlanDifferenceTable::PlanDifferenceTable(std::vector<LinearDifference> differences, QObject* parent)
    : CellTable(differenceColumns(), parent), m_differences(std::move(differences))
{
}

QStringList PlanDifferenceTable::samples()
{
    return {QStringLiteral("29.gate"),
            QStringLiteral("method ROSAQ → GPTQ, bits 4 → 3, K 16 → 0"),
            {},
            QStringLiteral("14.114"),
            {},
            QStringLiteral("99.9 MiB"),
            {},
            QStringLiteral("0.000123")};
}

QVariant PlanDifferenceTable::cell(int row, int column, int role) const
{
    const bool raw = role == kRawValueRole;
    if (!raw && role != Qt::DisplayRole)
        return {};
    const LinearDifference& difference = m_differences[std::size_t(row)];
    switch (column) {
    case LinearColumn:
        return raw ? QVariant(row) : text::fromStd(difference.after.id.name());
    case ChangesColumn:
        return changesText(difference);
    case BitsBefore:
    case BitsAfter: {
        const double bits = (column == BitsBefore ? difference.before : difference.after).effectiveBits;
        return raw ? QVariant(bits) : text::fixed(bits, 3);
    }
    case BytesBefore:
    case BytesAfter: {
        const std::uint64_t bytes = (column == BytesBefore ? difference.before : difference.after).bytes;
        return raw ? QVariant(qulonglong(bytes)) : text::bytes(bytes);
    }
    default: {
        const double error = (column == ErrorBefore ? difference.before : difference.after).predictedError;
        return raw ? QVariant(error) : text::number(error);
    }
    }
}

} // namespace eigenquant
