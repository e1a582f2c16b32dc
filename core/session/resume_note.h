// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/io/resumable_output.h"

namespace eigenquant {

/// Tells whether unfinished work is gone on with, and how far it came, or why it is not.
void tellOfResume(const ResumableOutput& output, int finishedLayers, int layers, const RunContext& context);

/// What an Error::cancelled() says of the work that stays; nothing where none does.
void hintAtResume(Error& error, const ResumableOutput& output, bool resumes);

} // namespace eigenquant
