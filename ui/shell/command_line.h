// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

namespace eigenquant {

/// What the command line of the studio asks for.
struct StudioCommand {
    enum class Kind { Window, Render, Screenshots, Text };
    Kind kind = Kind::Window;
    QStringList open;   ///< paths to open in the window
    bool demo = false;
    QString folder;     ///< of --render and --screenshots
    QString source;     ///< PROJECT_OR_STATS; may be empty for --screenshots
    QString text;       ///< what --help and --version print
};

/// Throws Error::usage, with what was wrong and how to get help.
StudioCommand parseCommandLine(const QStringList& arguments);

/// True for the kinds that draw into files and need no display.
bool isHeadless(const StudioCommand& command);

/// Runs --render, --screenshots, --help or --version; returns the exit code.
int runHeadless(const StudioCommand& command);

} // namespace eigenquant
