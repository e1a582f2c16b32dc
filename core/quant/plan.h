// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"
#include "core/results/statistics.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace eigenquant {

/// A plan for every site and linear of the model that the statistics describe, predictions included.
/// Throws Error::usage for settings the model cannot take (K > d, bits out of range, …).
Plan makePlan(const ModelStatistics& statistics, const PlanOptions& options);

/// Brings effective bits, bytes and predicted errors of an edited plan up to date: all linears, or
/// only those of one site (and of the totals). Pure arithmetic on the statistics: under 50 ms at 80 layers.
void predict(Plan& plan, const ModelStatistics& statistics);
void predict(Plan& plan, const ModelStatistics& statistics, SiteId changed);

/// The share of a site's energy that the K selected channels of a basis hold, in 0..1.
double salientEnergyShare(const SiteStatistics& site, Basis basis, Select select, int salient);

/// Refuses a plan that does not fit the statistics: another number of layers, K above a site's channels, bits
/// or group sizes out of range, a head-wise rotation where there are no heads. Error::usage names the linear
/// or site. A basis of another model is found by the fingerprint, not here.
void validatePlan(const Plan& plan, const ModelStatistics& statistics);

/// Plans as JSON text. `source` is the file named in errors.
std::string planToJson(const Plan& plan);
Plan planFromJson(std::string_view text, const std::filesystem::path& source);

} // namespace eigenquant
