// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"

class QWidget;

namespace eigenquant {

/// Opens a window with what differs between two plans for the same model, the totals above it. `beforeName` and
/// `afterName` say which plans they are. Throws Error::usage for plans of models with other linears.
void showPlanDifference(QWidget* parent, const Plan& before, const QString& beforeName, const Plan& after,
                        const QString& afterName);

/// The totals of both plans and what lies between, as rich text.
QString differenceSummary(const Plan& before, const Plan& after, int changedLinears);

} // namespace eigenquant
