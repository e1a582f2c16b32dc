// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/kept_plot.h"

namespace eigenquant {

/// A measurement that comes with the program, for when nothing was measured here.
struct PublishedResults {
    std::vector<KeptRow> rows; ///< their names are words, not titles
    double reference = 0;
    QString origin;            ///< model, text and settings, as a sentence
};

/// Read from resources/lesson/kept_dimensions.json, whose figures are those of docs/reference-results.md.
PublishedResults publishedResults();

} // namespace eigenquant
