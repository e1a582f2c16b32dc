// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/comparison.h"
#include "core/results/latency.h"

#include <QString>
#include <QStringList>

#include <map>
#include <string>
#include <vector>

namespace eigenquant {

/// A comparison as it lies in its folder, and the latencies that were measured of its checkpoints.
struct RunReport {
    QString folder;
    QString name; ///< of the folder
    Comparison comparison;
    std::map<std::string, LatencyResult> latencies; ///< by the row's name
};

/// Reads the folder of `eigenquant compare`, finished or not. Throws Error.
RunReport loadRunReport(const QString& folder);

/// The checkpoint that a row left behind (compare --keep); empty if there is none.
QString checkpointOf(const RunReport& report, const ComparisonRow& row);
/// Where the latency of a row's checkpoint lies or will lie.
QString latencyFile(const RunReport& report, const ComparisonRow& row);

/// One row of one report, as tables and plots take it.
struct RunEntry {
    int report = 0; ///< position among the open ones
    int row = 0;    ///< in the report
    QString reportName;
    ComparisonRow result;
    std::optional<LatencyRow> latency; ///< of the smallest batch that was measured
    /// Perplexity less that of the row of the same name in the first report; NaN in the first and where there is
    /// none.
    double difference = ComparisonRow::kUnknown;
    /// No other row has fewer effective bits and a lower perplexity at once.
    bool onFront = false;
};

/// The rows of all reports, one after the other. Rows of the model as it is are never on the front.
std::vector<RunEntry> runEntries(const std::vector<RunReport>& reports);

/// What the window asks `eigenquant compare` for.
struct CompareRequest {
    QStringList methods;
    QString bits, salient, groupSizes; ///< lists with commas; empty: the verb's own
    QString text;
    int context = 512;
    int windows = 8;  ///< 0: all
    bool keep = true; ///< checkpoints, which latencies are measured of
    QString folder;
};
/// The words behind `eigenquant`. `calibration` is needed for statistics without second moments, else empty.
QStringList compareArguments(const CompareRequest& request, const QString& model, const QString& stats,
                             const QString& calibration, const QString& device);

} // namespace eigenquant
