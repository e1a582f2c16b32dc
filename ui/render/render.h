// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/latency.h"
#include "core/results/plan.h"
#include "core/results/statistics.h"
#include "ui/state/run_report.h"

#include <QString>
#include <QStringList>

#include <memory>
#include <optional>

namespace eigenquant {

/// Statistics with a plan of them, and what was measured.
struct RenderSource {
    std::shared_ptr<const ModelStatistics> statistics;
    Plan plan;
    std::optional<LatencyResult> latency;
    QString project; ///< the project file that it was read from; empty: none
    std::optional<RunReport> report;
};

/// Reads a .stats file, a project file, or a project folder: one that holds a .stats file, and perhaps a plan.json for
/// it (without one the default plan is made), a latency.json, which is what `bench --json` prints, and a folder
/// "comparison" that `compare` wrote. Throws Error.
RenderSource loadRenderSource(const QString& path);

/// Draws every plot as PNG and SVG into the folder, which is made if need be: for each layer the spectra and the
/// outliers of its four sites, the heat map of all layers, the predicted errors and the latency, if there is one; no
/// spectra of statistics that hold channel norms only. Returns the files' names. Throws Error::io.
QStringList renderAll(const RenderSource& source, const QString& folder);

/// A window on the source, page by page in the light and in the dark palette, as PNG into the folder, with _200 in
/// their names at a scale of 200 %; of a project file with its model, too. Without statistics the pages as they are
/// before anything is open. Returns the files' names.
QStringList writeScreenshots(const RenderSource& source, const QString& folder);

} // namespace eigenquant
