// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/prepared_plan.h"

#include "core/session/session.h"

#include <utility>

namespace eigenquant {

PreparedPlan prepared(Plan plan, std::shared_ptr<const ModelStatistics> statistics, const RunContext& context)
{
    validatePlan(plan, *statistics);
    auto predictor = std::make_shared<Predictor>(std::move(statistics));
    predictor->predict(plan);
    predictor->prepare(plan, context);
    return {std::move(plan), std::move(predictor)};
}

} // namespace eigenquant
