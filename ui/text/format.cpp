// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/text/format.h"

#include <QLocale>

#include <array>
#include <cmath>

namespace eigenquant::text {

namespace {

QString tr(const char* source)
{
    return QCoreApplication::translate("eigenquant::text", source);
}

} // namespace

QString number(double value, int significantDigits)
{
    return std::isfinite(value) ? QString::number(value, 'g', significantDigits) : kUnknown;
}

QString fixed(double value, int decimals)
{
    return std::isfinite(value) ? QString::number(value, 'f', decimals) : kUnknown;
}

QString withError(double value, double standardError, int decimals)
{
    const QString text = fixed(value, decimals);
    return std::isfinite(standardError) ? text + QStringLiteral(" ± ") + fixed(standardError, decimals) : text;
}

QString bits(double width)
{
    return number(width, 5);
}

QString percent(double share, int decimals)
{
    return std::isfinite(share) ? QString::number(share * 100, 'f', decimals) + QStringLiteral(" %")
                                : kUnknown;
}

QString bytes(std::uint64_t count)
{
    static constexpr std::array<const char*, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
    double value = double(count);
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < kUnits.size()) {
        value /= 1024;
        ++unit;
    }
    const int decimals = unit == 0 ? 0 : value < 10 ? 2 : value < 100 ? 1 : 0;
    return QString::number(value, 'f', decimals) + QLatin1Char(' ') + QLatin1String(kUnits[unit]);
}

QString grouped(std::int64_t count)
{
    QLocale locale = QLocale::c();
    locale.setNumberOptions(QLocale::DefaultNumberOptions);
    return locale.toString(qlonglong(count));
}

QString magnitude(double count)
{
    if (count >= 1e9)
        return fixed(count / 1e9, 2) + QStringLiteral(" B");
    if (count >= 1e6)
        return fixed(count / 1e6, 1) + QStringLiteral(" M");
    return grouped(std::int64_t(count));
}

QString duration(double seconds)
{
    if (!std::isfinite(seconds) || seconds < 0)
        return kUnknown;
    if (seconds < 10)
        return fixed(seconds, 1) + QStringLiteral(" s");
    const auto whole = std::int64_t(std::llround(seconds));
    if (whole < 60)
        return QStringLiteral("%1 s").arg(whole);
    if (whole < 3600)
        return QStringLiteral("%1 min %2 s").arg(whole / 60).arg(whole % 60);
    return QStringLiteral("%1 h %2 min").arg(whole / 3600).arg(whole % 3600 / 60);
}

QString siteName(Site site)
{
    return fromStd(name(site));
}

QString siteTitle(Site site)
{
    switch (site) {
    case Site::AttnIn:
        return tr("Attention input (q, k, v)");
    case Site::AttnOut:
        return tr("Attention output (o)");
    case Site::MlpIn:
        return tr("MLP input (gate, up)");
    case Site::MlpOut:
        return tr("MLP output (down)");
    }
    return {};
}

QString basisTitle(Basis basis)
{
    switch (basis) {
    case Basis::Original:
        return tr("none");
    case Basis::Pca:
        return tr("PCA");
    case Basis::HeadWise:
        return tr("head-wise PCA");
    case Basis::Global:
        return tr("global");
    case Basis::Random:
        return tr("random");
    case Basis::HeadWiseRandom:
        return tr("head-wise random");
    case Basis::Hadamard:
        return tr("Hadamard");
    }
    return {};
}

QString methodTitle(Method method)
{
    switch (method) {
    case Method::Float:
        return tr("float");
    case Method::Rtn:
        return tr("RTN");
    case Method::Salient:
        return tr("salient");
    case Method::Gptq:
        return tr("GPTQ");
    case Method::Awq:
        return tr("AWQ");
    case Method::RandRot:
        return tr("RandRot");
    case Method::Rosaq:
        return tr("ROSAQ");
    case Method::Cmpq:
        return tr("CMPQ");
    case Method::Etq:
        return tr("ETQ");
    }
    return {};
}

QString methodSummary(Method method)
{
    switch (method) {
    case Method::Float:
        return tr("Left alone, in 16 bits");
    case Method::Rtn:
        return tr("Every weight rounded to the nearest value of its group's grid");
    case Method::Salient:
        return tr("The K original channels with the most energy stay FP16, the rest is rounded");
    case Method::Gptq:
        return tr("Rounding errors are made up for by later columns (arXiv 2210.17323)");
    case Method::Awq:
        return tr("Channels are scaled by their activations before rounding (arXiv 2306.00978)");
    case Method::RandRot:
        return tr("A random rotation before rounding spreads outliers evenly (arXiv 2404.00456)");
    case Method::Rosaq:
        return tr("Rotated by the eigenvectors of XᵀX; K rotated channels stay FP16 (arXiv 2506.13472)");
    case Method::Cmpq:
        return tr("Bits and a codebook for each channel, outliers in FP16 (arXiv 2410.13056)");
    case Method::Etq:
        return tr("Trellis codes with error feedback in a random basis, bits where they matter");
    }
    return {};
}

QString roundingTitle(Rounding rounding)
{
    switch (rounding) {
    case Rounding::Rtn:
        return tr("nearest");
    case Rounding::Gptq:
        return tr("GPTQ");
    }
    return {};
}

QString scopeTitle(RotationScope scope)
{
    switch (scope) {
    case RotationScope::PerSite:
        return tr("per site");
    case RotationScope::Global:
        return tr("global");
    }
    return {};
}

QString rotationKindTitle(RotationKind kind)
{
    switch (kind) {
    case RotationKind::Pca:
        return tr("PCA");
    case RotationKind::Random:
        return tr("random");
    case RotationKind::Hadamard:
        return tr("Hadamard");
    case RotationKind::None:
        return tr("none");
    }
    return {};
}

QString selectTitle(Select select)
{
    switch (select) {
    case Select::Top:
        return tr("largest energy");
    case Select::Bottom:
        return tr("smallest energy");
    case Select::Random:
        return tr("random");
    case Select::TopBottom:
        return tr("half largest, half smallest");
    }
    return {};
}

QString treatmentTitle(SiteTreatment treatment)
{
    switch (treatment) {
    case SiteTreatment::HeadWise:
        return tr("head by head");
    case SiteTreatment::Full:
        return tr("full width");
    case SiteTreatment::Salient:
        return tr("salient, not rotated");
    case SiteTreatment::None:
        return tr("neither");
    }
    return {};
}

QString siteLabel(SiteId id)
{
    return tr("Layer %1 · %2").arg(id.layer).arg(siteName(id.site));
}

QString differenceSentence(const SpectrumDifference& difference)
{
    const SpectrumFigures& here = difference.first;
    const SpectrumFigures& there = difference.second;
    const auto pair = [](const QString& left, const QString& right) {
        return tr("%1 here, %2 there").arg(left, right);
    };
    QStringList parts{difference.sameModel ? tr("the same model") : tr("another model"),
                      difference.sameText ? tr("the same text") : tr("another text"),
                      tr("tokens: %1").arg(pair(grouped(here.tokens), grouped(there.tokens))),
                      tr("energy E‖x‖²: %1").arg(pair(number(here.energy, 4), number(there.energy, 4))),
                      tr("the top %1 dimensions hold %2")
                          .arg(difference.salient)
                          .arg(pair(percent(here.keptShare), percent(there.keptShare))),
                      tr("effective dimensions (Σλ)²/Σλ²: %1")
                          .arg(pair(fixed(here.effectiveDimensions, 1), fixed(there.effectiveDimensions, 1))),
                      tr("the spectra lie %1 decades apart").arg(fixed(difference.decadesApart, 3))};
    if (here.channels != there.channels)
        parts << tr("channels: %1").arg(pair(QString::number(here.channels), QString::number(there.channels)));
    if (difference.sharedOutliers >= 0)
        parts << tr("%1 of the %2 strongest original channels are the same")
                     .arg(difference.sharedOutliers)
                     .arg(difference.salient);
    return parts.join(QStringLiteral(" · "));
}

} // namespace eigenquant::text
