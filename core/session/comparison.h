// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/calib/windows.h"
#include "core/model/decoder.h"
#include "core/results/comparison.h"
#include "core/session/comparison_rows.h"
#include "core/session/model_assets.h"
#include "core/session/session.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace eigenquant {

/// What a comparison takes from the session it runs in.
struct ComparisonSubject {
    ModelSession& session;
    const ModelAssets& assets;
    std::filesystem::path stats;
    const Windows& windows;
    std::string textHash;
    ComputeTarget target;
    std::function<const Decoder&(const RunContext&)>
        reference; ///< the float model, read when it is first asked for
};

/// A variant with its plan, before any work.
struct PlannedVariant {
    std::string name;
    bool control = false;
    std::optional<Plan> plan; ///< empty for the model as it is, and where planning failed
    std::string settings;     ///< the plan's settings as JSON
    std::string key;
    std::optional<ComparisonFailure> failure;
};

/// One run of `compare`: plans every variant, then makes the rows that are not there yet.
class ComparisonRun {
public:
    ComparisonRun(const ComparisonSubject& subject, const CompareOptions& options);

    Comparison run(const std::vector<ComparisonVariant>& variants, const ComparisonListener& onRow,
                   const RunContext& context);

private:
    std::vector<PlannedVariant> planAll(const std::vector<ComparisonVariant>& variants,
                                        const RunContext& context) const;
    PlannedVariant plan(const ComparisonVariant& variant) const;
    void addControls(std::vector<PlannedVariant>& planned, const std::vector<ComparisonVariant>& variants) const;
    std::string keyOf(const std::string& plan) const;

    /// Makes a row, or finds out why it cannot be made.
    ComparisonRow attempt(std::size_t number, const PlannedVariant& variant, const RunContext& context);
    void scoreFloat(ComparisonRow& row, const RunContext& context);
    void scoreVariant(ComparisonRow& row, std::size_t number, const PlannedVariant& variant,
                      const RunContext& context);
    Comparison describe() const;

    const ComparisonSubject& m_subject;
    const CompareOptions& m_options;
    ModelStatistics m_statistics;
    int m_klWindows;
    ComparisonRows m_rows;
};

} // namespace eigenquant
