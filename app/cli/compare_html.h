// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/comparison.h"

#include <string>

namespace eigenquant::cli {

/// The comparison as one page with its plot, which needs no other file and no network, light or dark as the
/// reader's system is.
std::string comparisonHtml(const Comparison& comparison, const std::string& svg);

} // namespace eigenquant::cli
