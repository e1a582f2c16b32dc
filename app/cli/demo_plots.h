// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/demo_report.h"

#include <string>
#include <vector>

namespace eigenquant::cli {

/// One plot of the demo's report.
struct DemoPlot {
    std::string name;    ///< of its file, without ".svg"
    std::string caption; ///< what is to be seen, a sentence or two
    std::string svg;
};

/// Spectra of every kind of site, outliers before and after the rotation, and errors by layer.
std::vector<DemoPlot> demoPlots(const DemoResult& result);

} // namespace eigenquant::cli
