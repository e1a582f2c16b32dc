// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"

#include <QJsonObject>
#include <QString>
#include <QStringList>

#include <optional>

namespace eigenquant {

/// A program that does one verb beside the studio, so that what goes wrong in it (a GPU that is lost for the whole
/// process, no memory, a crash) leaves the studio alone.
struct ProcessCommand {
    QString program;
    QStringList arguments;
    int patienceMs = 3000; ///< between asking it to end and ending it
};

/// The work of a job: runs the program to its end and returns the JSON object that it printed. Its progress on standard
/// error becomes the job's. A stop ends the program, first politely. Throws Error: what the program said in its
/// {"error": …}, or that it could not be started, crashed or answered something else.
QJsonObject runProcess(const ProcessCommand& command, const RunContext& context);

/// "stage: 12/28 windows (42 %), ETA 0:31" as eigenquant writes it where there is no terminal; nothing for another
/// line.
std::optional<Progress> progressFromLine(const QString& line);

/// The eigenquant that belongs to this studio: it lies beside it.
QString helperProgram();

} // namespace eigenquant
