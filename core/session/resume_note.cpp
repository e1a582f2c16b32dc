// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/resume_note.h"

namespace eigenquant {

void tellOfResume(const ResumableOutput& output, int finishedLayers, int layers, const RunContext& context)
{
    const std::string folder = output.folder().string();
    if (!output.whyAnew().empty())
        context.note("beginning anew, not with the unfinished work in " + folder + ": " + output.whyAnew());
    else if (output.finishedSteps() > 0)
        context.note("going on with the unfinished work in " + folder + ": " + std::to_string(finishedLayers) + " of " +
                     std::to_string(layers) + " layers are finished");
}

void hintAtResume(Error& error, const ResumableOutput& output, bool resumes)
{
    if (error.isCancelled() && resumes && output.finishedSteps() > 0)
        error.hint("what is finished is kept in " + output.folder().string() +
                   ", and the same command goes on from there");
}

} // namespace eigenquant
