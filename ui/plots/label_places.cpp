// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/label_places.h"

#include <QRectF>

#include <algorithm>

namespace eigenquant {

namespace {

/// Between a mark's middle and its name.
constexpr double kLabelGap = 0.012;

QRectF labelAt(QPointF mark, QSizeF label, LabelSide side)
{
    const double left = side == LabelSide::Right ? mark.x() + kLabelGap : mark.x() - kLabelGap - label.width();
    return {QPointF(left, mark.y() - label.height() / 2), label};
}

} // namespace

std::vector<LabelSide> placeLabels(const std::vector<QPointF>& marks, QSizeF label)
{
    std::vector<LabelSide> sides;
    std::vector<QRectF> placed;
    for (const QPointF& mark : marks) {
        const auto isFree = [&](LabelSide side) {
            const QRectF place = labelAt(mark, label, side);
            return QRectF(0, 0, 1, 1).contains(place) &&
                   std::ranges::none_of(placed, [&](const QRectF& other) { return other.intersects(place); }) &&
                   std::ranges::none_of(marks, [&](QPointF other) { return place.contains(other); });
        };
        const LabelSide side = isFree(LabelSide::Right)  ? LabelSide::Right
                               : isFree(LabelSide::Left) ? LabelSide::Left
                                                         : LabelSide::Nowhere;
        sides.push_back(side);
        if (side != LabelSide::Nowhere)
            placed.push_back(labelAt(mark, label, side));
    }
    return sides;
}

} // namespace eigenquant
