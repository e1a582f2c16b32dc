// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/settings/app_settings.h"

#include <QPalette>

namespace eigenquant {

/// Gives the whole application the palette of the choice; System gives it back to the desktop.
void applyTheme(ThemeChoice choice);
QPalette lightPalette();
QPalette darkPalette();

} // namespace eigenquant
