// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/bit_parts.h"

#include "ui/text/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <numeric>

namespace eigenquant {

namespace {

constexpr double kFloatBits = 16;

struct PartsText {
    Q_DECLARE_TR_FUNCTIONS(BitParts)
};

/// Bits a weight that the FP16 channels take: each is a column of 16-bit values.
double salientBits(const LinearPlan& linear, const LinearStatistics& shape)
{
    if (linear.method == Method::Float)
        return kFloatBits;
    return keepsSalient(linear.method) ? kFloatBits * linear.salient / shape.inFeatures : 0;
}

} // namespace

BitParts bitPartsOf(const Plan& plan, const ModelStatistics& statistics, const std::vector<int>& linears)
{
    BitParts parts;
    double weights = 0;
    for (const int position : linears) {
        const LinearPlan& linear = plan.linears[std::size_t(position)];
        const LinearStatistics& shape = statistics.linear(linear.id);
        const double count = double(shape.outFeatures) * shape.inFeatures;
        const double salient = salientBits(linear, shape);
        parts.salient += salient * count;
        parts.rotations += linear.rotationBits * count;
        parts.codes += std::max(0.0, linear.effectiveBits - linear.rotationBits - salient) * count;
        weights += count;
    }
    if (weights > 0)
        for (double* part : {&parts.codes, &parts.salient, &parts.rotations})
            *part /= weights;
    return parts;
}

BitParts bitPartsOf(const Plan& plan, const ModelStatistics& statistics)
{
    std::vector<int> all(plan.linears.size());
    std::iota(all.begin(), all.end(), 0);
    return bitPartsOf(plan, statistics, all);
}

QString describe(const BitParts& parts)
{
    QString text = PartsText::tr("%1 for codes and scales + %2 for FP16 channels + %3 for rotations = %4 effective "
                                 "bits a weight")
                       .arg(text::fixed(parts.codes, 3), text::fixed(parts.salient, 3),
                            text::fixed(parts.rotations, 3), text::fixed(parts.total(), 3));
    if (parts.rotations > 0)
        text += QStringLiteral(".\n") +
                PartsText::tr(
                    "A rotation per site is a matrix that is kept and applied at run time, which weighs much "
                    "in a small model. The rotation \"global\" is merged into the weights and costs nothing.");
    return text;
}

} // namespace eigenquant
