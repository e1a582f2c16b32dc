// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"
#include "core/session/predictor.h"

#include <memory>

namespace eigenquant {

/// A plan, and the predictor that is ready for its edits. Without one the first edits of a wide model take a while.
struct PreparedPlan {
    PreparedPlan() = default;
    PreparedPlan(Plan plan, std::shared_ptr<Predictor> predictor = {})
        : plan(std::move(plan)), predictor(std::move(predictor))
    {}
    Plan plan;
    std::shared_ptr<Predictor> predictor;
};

/// Predicts the plan anew, and everything that edits of bits and K will ask for. For jobs: a model of 80 layers takes
/// about a second.
PreparedPlan prepared(Plan plan, std::shared_ptr<const ModelStatistics> statistics, const RunContext& context);

} // namespace eigenquant
