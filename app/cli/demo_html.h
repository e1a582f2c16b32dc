// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/demo_plots.h"
#include "app/cli/demo_report.h"

#include <string>
#include <vector>

namespace eigenquant::cli {

/// The report as one page that needs no other file and no network, light or dark as the reader's
/// system is.
std::string demoHtml(const DemoResult& result, const std::vector<DemoRow>& rows,
                     const std::vector<DemoPlot>& plots);

} // namespace eigenquant::cli
