// SPDX-License-Identifier: GPL-3.0-or-later
// What a person types or pastes into the budgets, and what it asks for.
#include "core/base/error.h"
#include "ui/models/site_plan_table.h"
#include "ui/state/plan_choices.h"
#include "ui/state/plan_commands.h"
#include "ui/text/format.h"

#include <algorithm>
#include <cmath>

namespace eigenquant {

namespace {

/// What the table itself writes where there is no one value.
bool saysNothing(const QString& text)
{
    return text.isEmpty() || text == QStringLiteral("–") || text.startsWith(QStringLiteral("≈")) ||
           text == SitePlanTable::tr("mixed");
}

Error refusal(const QString& where, const QString& what, const QString& found, const QString& expected)
{
    return Error::usage(what.toStdString())
        .field(where.toStdString())
        .found("\"" + found.toStdString() + "\"")
        .expected(expected.toStdString());
}

bool isYes(const QString& where, const QString& text)
{
    const auto isOneOf = [&text](std::initializer_list<QString> words) {
        return std::ranges::any_of(
            words, [&](const QString& word) { return text.compare(word, Qt::CaseInsensitive) == 0; });
    };
    if (isOneOf({SitePlanTable::tr("yes"), QStringLiteral("yes"), QStringLiteral("true"), QStringLiteral("1")}))
        return true;
    if (isOneOf({SitePlanTable::tr("no"), QStringLiteral("no"), QStringLiteral("false"), QStringLiteral("0")}))
        return false;
    throw refusal(where, SitePlanTable::tr("a lock is on or off"), text, SitePlanTable::tr("yes or no"));
}

double widthOf(const QString& where, Method method, const QString& text)
{
    bool isNumber = false;
    const double bits = text.toDouble(&isNumber);
    if (isNumber && std::abs(nearestBits(method, bits) - bits) < 1e-9)
        return bits;
    const BitsRange range = bitsRange(method);
    throw refusal(where, SitePlanTable::tr("%1 has no codes of this width").arg(text::methodTitle(method)), text,
                  usesGrid(method)
                      ? SitePlanTable::tr("a whole number from %1 to %2").arg(range.least).arg(range.most)
                      : SitePlanTable::tr("a number from %1 to %2").arg(range.least).arg(range.most));
}

int groupOf(const QString& where, const QString& text)
{
    bool isNumber = false;
    const int size = text.toInt(&isNumber);
    if (!isNumber || size < 0)
        throw refusal(where, SitePlanTable::tr("this is no group size"), text,
                      SitePlanTable::tr("a number of weights, or 0 for the whole row"));
    return size;
}

int editKind(int column)
{
    switch (column) {
    case SitePlanTable::SalientColumn:
        return kSalientEdit;
    case SitePlanTable::BitsColumn:
        return kBitsEdit;
    case SitePlanTable::GroupColumn:
        return kGroupEdit;
    default:
        return kLockEdit;
    }
}

} // namespace

std::optional<BudgetChange> SitePlanTable::changeOf(int row, int column, const QString& text) const
{
    const QString value = text.trimmed();
    if (saysNothing(value))
        return std::nullopt;
    const Method method = summary(row).method;
    const QString where = namesOf(row).front();
    if (column != LockedColumn && !isEditable(row, column))
        throw refusal(where, tr("%1 takes no such setting").arg(text::methodTitle(method)), value,
                      tr("nothing, or another method"));
    BudgetChange change{.linears = linearsOf(row)};
    switch (column) {
    case SalientColumn:
        change.salient = SalientBudget::parse(value.toStdString());
        break;
    case BitsColumn:
        change.bits = widthOf(where, method, value);
        break;
    case GroupColumn:
        change.groupSize = groupOf(where, value);
        break;
    default:
        change.locked = isYes(where, value);
        break;
    }
    return change;
}

bool SitePlanTable::setValues(const std::vector<int>& rows, int column, const QString& text)
{
    try {
        std::vector<BudgetChange> changes;
        for (const int row : rows)
            if (auto change = changeOf(row, column, text))
                changes.push_back(std::move(*change));
        if (changes.empty())
            return false;
        m_document.change(changes, editKind(column),
                          tr("change %1").arg(headerData(column, Qt::Horizontal, Qt::DisplayRole).toString()));
        return true;
    } catch (const Error& error) {
        emit m_document.refused(QString::fromUtf8(error.what()));
        return false;
    }
}

bool SitePlanTable::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (!index.isValid())
        return false;
    const int row = index.row(), column = index.column();
    if (role == Qt::CheckStateRole && column == LockedColumn)
        return setValues({row}, column, value.toInt() == Qt::Checked ? tr("yes") : tr("no"));
    if (role != Qt::EditRole || !isEditable(row, column))
        return false;
    return setValues({row}, column, value.toString());
}

} // namespace eigenquant
