// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>
#include <QSizeF>

#include <vector>

namespace eigenquant {

/// Where the name of a mark stands.
enum class LabelSide { Right, Left, Nowhere };

/// Finds room for the names of marks, the most important one first: to the right of its mark, or to the left, inside
/// the panel, where it covers neither another mark nor a name that stands already. Places and sizes are shares of the
/// panel's, 0..1.
std::vector<LabelSide> placeLabels(const std::vector<QPointF>& marks, QSizeF label);

} // namespace eigenquant
