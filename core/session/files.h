// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// What a program may use of core/io: texts that are proved to be UTF-8, and output that appears whole or not at
/// all.
#include "core/io/atomic_output.h"
#include "core/io/text_file.h"
