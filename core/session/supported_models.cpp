// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/supported_models.h"

#include "core/model/architecture.h"

namespace eigenquant {

std::string supportedModels()
{
    return supportedArchitecturesTable();
}

} // namespace eigenquant
