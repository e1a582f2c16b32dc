// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// The facade's second header: predictions that follow the hand. Those that are made once are in session.h.
#include "core/quant/predictor.h"
