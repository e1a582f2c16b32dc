// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/results/activation_maps.h"

#include <filesystem>
#include <string>

namespace eigenquant {

/// The sample with the measures of its channels. Error::invalid for activations that are not finite.
ActivationMaps measureActivations(ActivationSample sample);

/// Adds the same activations rotated by the eigenvectors of the site's second moment in the statistics; says why not
/// where they are of another model or have none. Stoppable before and after the factorization.
void rotateActivations(ActivationMaps& maps, const std::filesystem::path& stats, const std::string& modelFingerprint,
                       const RunContext& context);

} // namespace eigenquant
