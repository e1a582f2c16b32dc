// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/site_plan_table.h"

#include "core/base/error.h"
#include "ui/state/plan_choices.h"
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
        {tr("Bits"), tr("Width of the codes of all other channels; a mean for CMPQ and ETQ"), true},
        {tr("Locked"), tr("Locked sites keep their settings when rows are planned anew or bits are spread"), false},
        {tr("Eff. bits"), tr("All bits a weight needs at run time: codes, scales, FP16 channels, rotations"), true},
        {tr("Rot. bits"), tr("Of these, the share of rotations that are applied at run time"), true},
        {tr("Size"), tr("What the site's linears take, rotations included"), true},
        {tr("Error"), tr("‖XΔW‖² / ‖XW‖² expected from the statistics"), true},
        {tr("KL"), tr("KL(float ‖ quantized), nats a token, that the errors of the site's linears are expected to cost"),
         true},
        {tr("Energy"), tr("Share of the activation's energy in the K channels"), true},
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

QStringList SitePlanTable::samples()
{
    return {{}, QStringLiteral("attn_out"), {}, text::methodTitle(Method::RandRot), text::basisTitle(Basis::HeadWiseRandom),
            tr("mixed"), text::bits(2.8125), {}, QStringLiteral("14.114"), QStringLiteral("13.667"),
            QStringLiteral("99.9 MiB"), QStringLiteral("0.000123"), QStringLiteral("0.000123"), QStringLiteral("83.1 %")};
}

void SitePlanTable::reload()
{
    beginResetModel();
    m_rowCount = m_document.rowCount();
    m_largestError = largest(&SiteSummary::predictedError);
    m_largestDivergence = largest(&SiteSummary::predictedKl);
    endResetModel();
}

double SitePlanTable::largest(double SiteSummary::*value) const
{
    double largest = 0;
    for (int row = 0; row < m_rowCount; ++row)
        if (const double candidate = m_document.summary(row).*value; std::isfinite(candidate))
            largest = std::max(largest, candidate);
    return largest;
}

Qt::ItemFlags SitePlanTable::flags(const QModelIndex& index) const
{
    Qt::ItemFlags flags = CellTable::flags(index);
    if (!index.isValid())
        return flags;
    if (isEditable(index.row(), index.column()))
        flags |= Qt::ItemIsEditable;
    if (index.column() == LockedColumn)
        flags |= Qt::ItemIsUserCheckable;
    return flags;
}

bool SitePlanTable::isEditable(int row, int column) const
{
    const Method method = m_document.summary(row).method;
    if (column == SalientColumn)
        return keepsSalient(method);
    return column == BitsColumn && method != Method::Float;
}

bool SitePlanTable::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (!index.isValid())
        return false;
    if (role == Qt::CheckStateRole && index.column() == LockedColumn) {
        m_document.setLocked({index.row()}, value.toInt() == Qt::Checked);
        return true;
    }
    if (role != Qt::EditRole || !isEditable(index.row(), index.column()))
        return false;
    return index.column() == BitsColumn ? setBits(index.row(), value) : setSalient(index.row(), value);
}

bool SitePlanTable::setBits(int row, const QVariant& value)
{
    bool isNumber = false;
    const double bits = value.toDouble(&isNumber);
    if (!isNumber || nearestBits(m_document.summary(row).method, bits) != bits)
        return false;
    m_document.setBits({row}, bits);
    return true;
}

bool SitePlanTable::setSalient(int row, const QVariant& value)
{
    try {
        m_document.setSalient({row}, SalientBudget::parse(value.toString().trimmed().toStdString()));
        return true;
    } catch (const Error& error) {
        emit m_document.refused(QString::fromUtf8(error.what()));
        return false;
    }
}

QVariant SitePlanTable::cell(int row, int column, int role) const
{
    const SiteSummary& site = m_document.summary(row);
    switch (role) {
    case Qt::DisplayRole:
        return shown(row, column);
    case Qt::EditRole:
    case kRawValueRole:
        return raw(row, column);
    case kBarRole:
        return bar(row, column);
    case kMethodRole:
        return int(site.method);
    case Qt::CheckStateRole:
        if (column != LockedColumn)
            return {};
        return int(site.locked ? Qt::Checked : site.partlyLocked ? Qt::PartiallyChecked : Qt::Unchecked);
    case Qt::ToolTipRole:
        return toolTip(row, column);
    default:
        return {};
    }
}

QVariant SitePlanTable::bar(int row, int column) const
{
    const SiteSummary& site = m_document.summary(row);
    const auto against = [](double value, double largest) {
        return largest > 0 && std::isfinite(value) ? QVariant(std::clamp(value / largest, 0.0, 1.0)) : QVariant();
    };
    switch (column) {
    case ErrorColumn:
        return against(site.predictedError, m_largestError);
    case DivergenceColumn:
        return against(site.predictedKl, m_largestDivergence);
    case EnergyShareColumn:
        return keepsSalient(site.method) ? QVariant(m_document.energyShare(row)) : QVariant();
    default:
        return {};
    }
}

QVariant SitePlanTable::toolTip(int row, int column) const
{
    const SiteSummary& site = m_document.summary(row);
    if (column == SiteColumn)
        return text::siteTitle(site.id.site);
    if (column == BitsColumn && !site.sameBits)
        return tr("The mean of linears that differ. Double-click to edit");
    if (column == LockedColumn && site.partlyLocked)
        return tr("Some linears of the site are locked");
    return isEditable(row, column) ? QVariant(tr("Double-click to edit")) : QVariant();
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
    case LockedColumn:
        return site.locked;
    case EffectiveBitsColumn:
        return site.effectiveBits;
    case RotationBitsColumn:
        return site.rotationBits;
    case BytesColumn:
        return qulonglong(site.bytes);
    case ErrorColumn:
        return site.predictedError;
    case DivergenceColumn:
        return site.predictedKl;
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
        return site.sameMethod ? text::methodTitle(site.method) : tr("mixed");
    case SalientColumn:
        if (!keepsSalient(site.method))
            return QStringLiteral("–");
        return site.sameSalient ? QString::number(site.salient) : tr("mixed");
    case BitsColumn:
        if (isFloat)
            return QStringLiteral("–");
        return site.sameBits ? text::bits(site.bits) : QStringLiteral("≈ ") + text::fixed(site.bits, 2);
    case LockedColumn:
        return {};
    case EffectiveBitsColumn:
        return text::fixed(site.effectiveBits, 3);
    case RotationBitsColumn:
        return text::fixed(site.rotationBits, 3);
    case BytesColumn:
        return text::bytes(site.bytes);
    case ErrorColumn:
        return text::number(site.predictedError);
    case DivergenceColumn:
        return text::number(site.predictedKl);
    case EnergyShareColumn:
        return keepsSalient(site.method) ? text::percent(m_document.energyShare(row)) : QStringLiteral("–");
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
    // The bars are drawn against the largest value, so a new largest one moves all of them.
    const auto follow = [this](double& known, double now, int column) {
        if (now == known)
            return;
        known = now;
        emit dataChanged(index(0, column), index(m_rowCount - 1, column), {kBarRole});
    };
    follow(m_largestError, largest(&SiteSummary::predictedError), ErrorColumn);
    follow(m_largestDivergence, largest(&SiteSummary::predictedKl), DivergenceColumn);
}

} // namespace eigenquant
