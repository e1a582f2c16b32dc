// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/command_line.h"

#include "core/session/session.h"
#include "ui/render/render.h"
#include "ui/text/format.h"

#include <QApplication>
#include <QDir>
#include <QProcess>

#include <cstdio>

namespace eigenquant {

namespace {

const char kHelp[] =
    "usage: eigenquant-studio [MODEL] [TEXT|STATS|PLAN]…\n"
    "       eigenquant-studio --demo\n"
    "       eigenquant-studio --render DIR PROJECT_OR_STATS\n"
    "       eigenquant-studio --screenshots DIR [PROJECT_OR_STATS]\n"
    "\n"
    "Opens the desktop studio. MODEL is a Hugging Face folder, a .gguf file, a packed checkpoint or the\n"
    "word demo; STATS is a file that `eigenquant analyze` wrote; PROJECT is a project file of the\n"
    "studio (.eigenquant), or a folder with one .stats file\n"
    "and perhaps a plan.json, a latency.json that `eigenquant bench --json` printed, and a folder comparison\n"
    "that `eigenquant compare` wrote.\n"
    "\n"
    "  --demo             open the model and the texts that come with the program\n"
    "  --render DIR       write every plot as PNG and SVG into DIR; needs no display\n"
    "  --screenshots DIR  write every page of the window, light and dark, as PNG, at 100 % and at\n"
    "                     200 %; needs no display\n"
    "  --help             print this\n"
    "  --version          print the version\n";

Error wrongUse(const std::string& summary)
{
    return Error::usage(summary).hint("see eigenquant-studio --help");
}

void takePositional(StudioCommand& command, const QStringList& words)
{
    switch (command.kind) {
    case StudioCommand::Kind::Window:
        command.open = words;
        return;
    case StudioCommand::Kind::Render:
        if (words.size() != 2)
            throw wrongUse("--render takes a folder and the statistics").expected("--render DIR PROJECT_OR_STATS");
        break;
    case StudioCommand::Kind::Screenshots:
        if (words.isEmpty() || words.size() > 2)
            throw wrongUse("--screenshots takes a folder, and perhaps the statistics")
                .expected("--screenshots DIR [PROJECT_OR_STATS]");
        break;
    case StudioCommand::Kind::Text:
        return;
    }
    command.folder = words[0];
    command.source = words.value(1);
}

/// The same at 200 %. The scale of a program is settled when it starts, so another one does it.
QStringList largerScreenshots(const StudioCommand& command)
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("QT_SCALE_FACTOR"), QStringLiteral("2"));
    process.setProcessEnvironment(environment);
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    QStringList arguments{QStringLiteral("--screenshots"), command.folder};
    if (!command.source.isEmpty())
        arguments << command.source;
    process.start(QCoreApplication::applicationFilePath(), arguments);
    if (!process.waitForFinished(-1) || process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0)
        throw Error::internal("the screenshots at 200 % were not made");
    return QDir(command.folder).entryList({QStringLiteral("*_200.png")}, QDir::Files);
}

} // namespace

StudioCommand parseCommandLine(const QStringList& arguments)
{
    StudioCommand command;
    QStringList words;
    bool optionsEnded = false;
    for (const QString& word : arguments.mid(1)) {
        if (optionsEnded || !word.startsWith(QLatin1Char('-')))
            words << word;
        else if (word == QLatin1String("--"))
            optionsEnded = true;
        else if (word == QLatin1String("--demo"))
            command.demo = true;
        else if (word == QLatin1String("--render"))
            command.kind = StudioCommand::Kind::Render;
        else if (word == QLatin1String("--screenshots"))
            command.kind = StudioCommand::Kind::Screenshots;
        else if (word == QLatin1String("--help") || word == QLatin1String("-h"))
            return {.kind = StudioCommand::Kind::Text, .text = QString::fromUtf8(kHelp)};
        else if (word == QLatin1String("--version"))
            return {.kind = StudioCommand::Kind::Text,
                    .text = QStringLiteral("eigenquant-studio %1\n").arg(text::fromStd(version()))};
        else
            throw wrongUse("unknown option").found(word.toStdString());
    }
    takePositional(command, words);
    return command;
}

bool isHeadless(const StudioCommand& command)
{
    return command.kind != StudioCommand::Kind::Window;
}

int runHeadless(const StudioCommand& command)
{
    if (command.kind == StudioCommand::Kind::Text) {
        std::fputs(command.text.toUtf8().constData(), stdout);
        return 0;
    }
    const RenderSource source = command.source.isEmpty() ? RenderSource{} : loadRenderSource(command.source);
    const bool shoots = command.kind == StudioCommand::Kind::Screenshots;
    QStringList files = shoots ? writeScreenshots(source, command.folder) : renderAll(source, command.folder);
    if (shoots && qApp->devicePixelRatio() < 2)
        files << largerScreenshots(command);
    std::printf("%lld files in %s\n", static_cast<long long>(files.size()), command.folder.toUtf8().constData());
    return 0;
}

} // namespace eigenquant
