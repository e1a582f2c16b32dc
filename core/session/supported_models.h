// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace eigenquant {

/// The architectures that can be run, as a table in Markdown: what docs/supported-models.md and `info --supported`
/// show.
std::string supportedModels();

} // namespace eigenquant
