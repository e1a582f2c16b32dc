// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"
#include "core/results/spectrum_difference.h"

#include <QCoreApplication>
#include <QString>

#include <cstdint>
#include <filesystem>

/// How the studio writes numbers and names; always in the C locale, so that a copied table can be
/// read by any program.
namespace eigenquant::text {

/// What stands for a number that is not finite, or not known.
inline const QString kUnknown = QStringLiteral("–");
QString number(double value, int significantDigits = 3);
QString fixed(double value, int decimals);
/// "12.345 ± 0.012"; the value alone if its standard error is not known.
QString withError(double value, double standardError, int decimals);
/// The width of a code, with decimals where there are any: "4", "2.2".
QString bits(double width);
/// 0.931 → "93.1 %".
QString percent(double share, int decimals = 1);
/// "1.25 GiB".
QString bytes(std::uint64_t count);
/// "1,234,567".
QString grouped(std::int64_t count);
/// "134.5 M".
QString magnitude(double count);
/// "1 min 20 s".
QString duration(double seconds);

/// "attn_in", the word used in files and flags.
QString siteName(Site site);
/// "Attention input (q, k, v)".
QString siteTitle(Site site);
QString basisTitle(Basis basis);
QString methodTitle(Method method);
/// What the method does, in half a line.
QString methodSummary(Method method);
QString roundingTitle(Rounding rounding);
QString scopeTitle(RotationScope scope);
QString rotationKindTitle(RotationKind kind);
QString selectTitle(Select select);
QString treatmentTitle(SiteTreatment treatment);
/// "Layer 3 · attn_in".
QString siteLabel(SiteId id);
/// What differs, in one paragraph.
QString differenceSentence(const SpectrumDifference& difference);

inline std::filesystem::path toPath(const QString& path) { return std::filesystem::path(path.toStdU16String()); }
inline QString fromStd(std::string_view value) { return QString::fromUtf8(value.data(), qsizetype(value.size())); }

} // namespace eigenquant::text
