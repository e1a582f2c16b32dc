// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/site_plan_table.h"

#include "ui/state/bit_parts.h"
#include "ui/text/format.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace eigenquant {

namespace {

std::vector<CellTable::Column> planColumns()
{
    const auto tr = [](const char* text) { return SitePlanTable::tr(text); };
    return {
        {tr("Layer"), tr("Decoder layer, counted from 0"), true},
        {tr("Site"), tr("The activation that the site's linears read"), false},
        {tr("Width"), tr("Channels of the activation"), true},
        {tr("Method"), tr("How the site's linears are quantized"), false},
        {tr("Rotation"), tr("The basis in which salient channels are chosen and weights are rounded"), false},
        {tr("K"), tr("Salient channels that stay FP16. Type a count, or a fraction such as 1/32"), true},
        {tr("Bits"), tr("Width of the codes of all other channels; a mean for CMPQ and ETQ"), true},
        {tr("Group"), tr("Weights of a row that share a scale; 0: the whole row"), true},
        {tr("Lock"), tr("Locked sites keep their settings when rows are planned anew or bits are spread"), false},
        {tr("Eff. bits"), tr("All bits a weight needs at run time: codes, scales, FP16 channels, rotations"),
         true},
        {tr("Rot. bits"), tr("Of these, the share of rotations that are applied at run time"), true},
        {tr("Size"), tr("What the site's linears take, rotations included"), true},
        {tr("Error"), tr("‖XΔW‖² / ‖XW‖² expected from the statistics"), true},
        {tr("KL"),
         tr("KL(float ‖ quantized), nats a token, that the errors of the site's linears are expected to cost"),
         true},
        {tr("Measured"), tr("KL(float ‖ this layer alone quantized), nats a token, as measured of a checkpoint"),
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
    const QString small = QStringLiteral("0.000123");
    return {{}, QStringLiteral("attn_out"), {}, text::methodTitle(Method::RandRot),
            text::basisTitle(Basis::HeadWiseRandom), tr("mixed"), text::bits(2.8125), {}, {},
            QStringLiteral("14.114"), QStringLiteral("13.667"), QStringLiteral("99.9 MiB"), small, small, small,
            QStringLiteral("83.1 %")};
}

void SitePlanTable::setRows(Rows rows)
{
    if (rows == m_kind)
        return;
    m_kind = rows;
    reload();
    emit headerDataChanged(Qt::Horizontal, SiteColumn, SiteColumn);
}

void SitePlanTable::setSensitivity(std::optional<ModelSensitivity> sensitivity)
{
    m_sensitivity = std::move(sensitivity);
    m_largestSensitivity = 0;
    if (m_sensitivity)
        for (const LayerSensitivity& layer : m_sensitivity->layers)
            if (std::isfinite(layer.on))
                m_largestSensitivity = std::max(m_largestSensitivity, layer.on);
    if (m_rowCount > 0)
        emit dataChanged(index(0, SensitivityColumn), index(m_rowCount - 1, SensitivityColumn));
}

void SitePlanTable::reload()
{
    beginResetModel();
    m_linears.clear();
    m_rowCount = m_document.rowCount();
    if (m_kind == Rows::Linears && !m_document.isEmpty()) {
        m_rowCount = int(m_document.plan().linears.size());
        for (int row = 0; row < m_rowCount; ++row)
            m_linears.push_back(summarizeLinear(row));
    }
    m_largestError = largest(&SiteSummary::predictedError);
    m_largestDivergence = largest(&SiteSummary::predictedKl);
    endResetModel();
}

SiteSummary SitePlanTable::summarizeLinear(int row) const
{
    const Plan& plan = m_document.plan();
    return summarize(plan, m_document.statistics(), plan.site(plan.linears[std::size_t(row)].id.site()), {row});
}

const SiteSummary& SitePlanTable::summary(int row) const
{
    return m_kind == Rows::Sites ? m_document.summary(row) : m_linears[std::size_t(row)];
}

double SitePlanTable::energyShare(int row) const
{
    return m_document.energyShare(m_kind == Rows::Sites ? row : m_document.rowOf(summary(row).id));
}

const LayerSensitivity* SitePlanTable::sensitivityOf(int row) const
{
    const int layer = summary(row).id.layer;
    if (!m_sensitivity || layer >= int(m_sensitivity->layers.size()))
        return nullptr;
    return &m_sensitivity->layers[std::size_t(layer)];
}

std::vector<int> SitePlanTable::linearsOf(int row) const
{
    return m_kind == Rows::Sites ? m_document.linearsOf({row}) : std::vector<int>{row};
}

QStringList SitePlanTable::namesOf(int row) const
{
    QStringList names;
    for (const int position : linearsOf(row))
        names << text::fromStd(m_document.plan().linears[std::size_t(position)].id.name());
    const QString site = text::fromStd(summary(row).id.name());
    if (m_kind == Rows::Sites)
        names.prepend(site);
    else
        names.append(site);
    return names;
}

double SitePlanTable::largest(double SiteSummary::*value) const
{
    double largest = 0;
    for (int row = 0; row < m_rowCount; ++row)
        if (const double candidate = summary(row).*value; std::isfinite(candidate))
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
    const Method method = summary(row).method;
    if (column == SalientColumn)
        return keepsSalient(method);
    if (column == GroupColumn)
        return usesGrid(method);
    return column == BitsColumn && method != Method::Float;
}

QVariant SitePlanTable::cell(int row, int column, int role) const
{
    const SiteSummary& site = summary(row);
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
    case kGroupSizesRole: {
        QVariantList sizes;
        for (const int size : m_document.statistics().groupSizes)
            sizes << size;
        return sizes;
    }
    case kCopyRole:
        return column == LockedColumn ? QVariant(site.locked ? tr("yes") : tr("no")) : QVariant();
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
    const SiteSummary& site = summary(row);
    const auto against = [](double value, double largest) {
        return largest > 0 && std::isfinite(value) ? QVariant(std::clamp(value / largest, 0.0, 1.0)) : QVariant();
    };
    switch (column) {
    case ErrorColumn:
        return against(site.predictedError, m_largestError);
    case DivergenceColumn:
        return against(site.predictedKl, m_largestDivergence);
    case SensitivityColumn:
        return sensitivityOf(row) ? against(sensitivityOf(row)->on, m_largestSensitivity) : QVariant();
    case EnergyShareColumn:
        return keepsSalient(site.method) ? QVariant(energyShare(row)) : QVariant();
    default:
        return {};
    }
}

QVariant SitePlanTable::toolTip(int row, int column) const
{
    const SiteSummary& site = summary(row);
    if (column == SiteColumn)
        return text::siteTitle(site.id.site);
    if (const LayerSensitivity* layer = sensitivityOf(row); layer && column == SensitivityColumn)
        return tr("Layer %1 alone quantized costs %2 nats a token; all layers but it cost %3, all of them %4")
            .arg(layer->layer)
            .arg(text::number(layer->on), text::number(layer->off), text::number(m_sensitivity->all));
    if (column == BitsColumn && !site.sameBits)
        return tr("The mean of linears that differ. Double-click to edit");
    if (column == EffectiveBitsColumn || column == RotationBitsColumn)
        return describe(bitPartsOf(m_document.plan(), m_document.statistics(), linearsOf(row)));
    if (column == LockedColumn && site.partlyLocked)
        return tr("Some linears of the site are locked");
    return isEditable(row, column) ? QVariant(tr("Double-click to edit")) : QVariant();
}

QVariant SitePlanTable::raw(int row, int column) const
{
    const SiteSummary& site = summary(row);
    switch (column) {
    case LayerColumn:
        return site.id.layer;
    case SiteColumn:
        return m_kind == Rows::Sites ? int(site.id.site)
                                     : int(m_document.plan().linears[std::size_t(row)].id.role);
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
    case GroupColumn:
        return site.groupSize;
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
    case SensitivityColumn:
        return sensitivityOf(row) ? sensitivityOf(row)->on : std::numeric_limits<double>::quiet_NaN();
    case EnergyShareColumn:
        return energyShare(row);
    default:
        return {};
    }
}

QString SitePlanTable::shown(int row, int column) const
{
    const SiteSummary& site = summary(row);
    const bool isFloat = site.method == Method::Float;
    switch (column) {
    case SiteColumn:
        return m_kind == Rows::Sites ? text::siteName(site.id.site)
                                     : text::fromStd(name(m_document.plan().linears[std::size_t(row)].id.role));
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
    case GroupColumn:
        if (!usesGrid(site.method))
            return QStringLiteral("–");
        return site.sameGroup ? QString::number(site.groupSize) : tr("mixed");
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
    case SensitivityColumn:
        return sensitivityOf(row) ? text::number(sensitivityOf(row)->on) : QStringLiteral("–");
    case EnergyShareColumn:
        return keepsSalient(site.method) ? text::percent(energyShare(row)) : QStringLiteral("–");
    default:
        return raw(row, column).toString();
    }
}

void SitePlanTable::emitRows(const std::vector<int>& sites)
{
    const std::vector<int> rows = m_kind == Rows::Sites ? sites : m_document.linearsOf(sites);
    if (rows.empty() || m_rowCount == 0)
        return;
    if (m_kind == Rows::Linears)
        for (const int row : rows)
            m_linears[std::size_t(row)] = summarizeLinear(row);
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
