// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/latency.h"

namespace eigenquant::test {

/// As a GPU would give it: three batch sizes, one of which did not fit and was halved.
LatencyResult madeUpLatency();

} // namespace eigenquant::test
