// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/site_plan_table.h"

#include "core/base/error.h"
#include "ui/text/format.h"

#include <algorithm>
#include <cmath>

namespace eigenquant {

namespace {

std::vector<CellTable::Column> planColumns()
{
    const auto tr = [](const char* text) { return SitePlanTable::tr(text); };
    return {
        {tr("Layer"), tr("Decoder layer, counted from 0"), true},
        {tr("Site"), tr("The activation that the site's linears read"), false},
        {tr("Channels"), tr("Width of the activation"), true},
        {tr("Method"), tr("How the site's linears are quantized"), false},
        {tr("Rotation"), tr("The basis in which salient channels are chosen and weights are rounded"), false},
        {tr("K"), tr("Salient channels that stay FP16. Type a count, or a fraction such as 1/32"), true},
        {tr("Bits"), tr("Width of the codes of all other channels, 2 to 8"), true},
        {tr("Eff. bits"), tr("All bits a weight needs at run time: codes, scales, FP16 channels, rotations"), true},
        {tr("Rot. bits"), tr("Of these, the share of rotations that are applied at run time"), true},
        {tr("Size"), tr("What the site's linears take, rotations included"), true},
        {tr("Pred. error"), tr("‖XΔW‖² / ‖XW‖² expected from the statistics"), true},
        {tr("Energy kept"), tr("Share of the activation's energy in the K channels"), true},
    };
}

} // namespace

SitePlanTable::SitePlanTable(PlanDocument& document, QObject* parent)
    : CellTable(planColumns(), parent), m_document(document)
{
    connect(&document, &PlanDocument::planReset, this, &SitePlanTable::reload);
    connect(&document, &PlanDocument::rowsChanged, this, &SitePlanTable::emitRows);
    reload();
}

void SitePlanTable::reload()
{
    beginResetModel();
    m_rowCount = m_document.rowCount();
    m_largestError = largestError();
    endResetModel();
}

double SitePlanTable::largestError() const
{
    double largest = 0;
    for (int row = 0; row < m_rowCount; ++row)
        if (const double error = m_document.summary(row).predictedError; std::isfinite(error))
            largest = std::max(largest, error);
    return largest;
}

Qt::ItemFlags SitePlanTable::flags(const QModelIndex& index) const
{
    Qt::ItemFlags flags = CellTable::flags(index);
    if (index.isValid() && isEditable(index.row(), index.column()))
        flags |= Qt::ItemIsEditable;
    return flags;
}

bool SitePlanTable::isEditable(int row, int column) const
{
    const Method method = m_document.summary(row).method;
    if (column == SalientColumn)
        return method == Method::Salient || method == Method::Rosaq;
    return column == BitsColumn && method != Method::Float;
}

bool SitePlanTable::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::EditRole || !index.isValid() || !isEditable(index.row(), index.column()))
        return false;
    if (index.column() == BitsColumn) {
        bool isNumber = false;
        const int bits = value.toInt(&isNumber);
        if (!isNumber || bits < kMinBits || bits > kMaxBits)
            return false;
        m_document.setBits({index.row()}, bits);
        return true;
    }
    try {
        m_document.setSalient({index.row()}, SalientBudget::parse(value.toString().trimmed().toStdString()));
        return true;
    } catch (const Error& error) {
        emit m_document.refused(QString::fromUtf8(error.what()));
        return false;
    }
}

QVariant SitePlanTable::cell(int row, int column, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return shown(row, column);
    case Qt::EditRole:
    case kRawValueRole:
        return raw(row, column);
    case kBarRole: {
        if (column == EnergyShareColumn)
            return m_document.energyShare(row);
        const double error = m_document.summary(row).predictedError;
        return column == ErrorColumn && m_largestError > 0 ? QVariant(std::clamp(error / m_largestError, 0.0, 1.0))
                                                           : QVariant();
    }
    case Qt::ToolTipRole:
        if (column == SiteColumn)
            return text::siteTitle(m_document.summary(row).id.site);
        return isEditable(row, column) ? QVariant(tr("Double-click to edit")) : QVariant();
    default:
        return {};
    }
}

QVariant SitePlanTable::raw(int row, int column) const
{
    const SiteSummary& site = m_document.summary(row);
    switch (column) {
    case LayerColumn:
        return site.id.layer;
    case SiteColumn:
        return int(site.id.site);
    case ChannelsColumn:
        return site.channels;
    case MethodColumn:
        return text::methodTitle(site.method);
    case BasisColumn:
        return text::basisTitle(site.basis);
    case SalientColumn:
        return site.salient;
    case BitsColumn:
        return site.bits;
    case EffectiveBitsColumn:
        return site.effectiveBits;
    case RotationBitsColumn:
        return site.rotationBits;
    case BytesColumn:
        return qulonglong(site.bytes);
    case ErrorColumn:
        return site.predictedError;
    case EnergyShareColumn:
        return m_document.energyShare(row);
    default:
        return {};
    }
}

QString SitePlanTable::shown(int row, int column) const
{
    const SiteSummary& site = m_document.summary(row);
    const bool isFloat = site.method == Method::Float;
    switch (column) {
    case SiteColumn:
        return text::siteName(site.id.site);
    case MethodColumn:
        return site.uniform ? text::methodTitle(site.method) : tr("mixed");
    case SalientColumn:
        return isFloat || site.method == Method::Rtn ? QStringLiteral("–") : QString::number(site.salient);
    case BitsColumn:
        return isFloat ? QStringLiteral("–") : QString::number(site.bits);
    case EffectiveBitsColumn:
        return text::fixed(site.effectiveBits, 3);
    case RotationBitsColumn:
        return text::fixed(site.rotationBits, 3);
    case BytesColumn:
        return text::bytes(site.bytes);
    case ErrorColumn:
        return text::number(site.predictedError);
    case EnergyShareColumn:
        return text::percent(m_document.energyShare(row));
    default:
        return raw(row, column).toString();
    }
}

void SitePlanTable::emitRows(const std::vector<int>& rows)
{
    if (rows.empty() || m_rowCount == 0)
        return;
    const auto [first, last] = std::minmax_element(rows.begin(), rows.end());
    emit dataChanged(index(*first, 0), index(*last, ColumnCount - 1));
    // The bars are drawn against the largest error, so a new largest one moves all of them.
    if (const double largest = largestError(); largest != m_largestError) {
        m_largestError = largest;
        emit dataChanged(index(0, ErrorColumn), index(m_rowCount - 1, ErrorColumn), {kBarRole});
    }
}

} // namespace eigenquant
