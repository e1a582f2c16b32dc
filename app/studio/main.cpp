// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "ui/settings/app_settings.h"
#include "ui/shell/command_line.h"
#include "ui/shell/language.h"
#include "ui/shell/main_window.h"

#include <QApplication>

#include <cstdio>

namespace {

bool hasDisplay()
{
#ifdef Q_OS_LINUX
    return qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY") ||
           qEnvironmentVariableIsSet("QT_QPA_PLATFORM");
#else
    return true;
#endif
}

QStringList argumentList(int argc, char** argv)
{
    QStringList arguments;
    for (int i = 0; i < argc; ++i)
        arguments << QString::fromLocal8Bit(argv[i]);
    return arguments;
}

int run(int argc, char** argv)
{
    const eigenquant::StudioCommand command = eigenquant::parseCommandLine(argumentList(argc, argv));
    if (eigenquant::isHeadless(command) && !qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    if (!hasDisplay())
        throw eigenquant::Error::usage("there is no display to open a window on")
            .hint("set DISPLAY or WAYLAND_DISPLAY, or use --render, which needs none");
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("eigenquant-studio"));
    QApplication::setApplicationDisplayName(QStringLiteral("Eigenquant Studio"));
    QApplication::setDesktopFileName(QStringLiteral("eigenquant-studio"));
    if (eigenquant::isHeadless(command))
        return eigenquant::runHeadless(command);
    eigenquant::installLanguage(eigenquant::AppSettings().language());
    eigenquant::MainWindow window;
    window.show();
    if (!command.demo && command.open.isEmpty())
        window.offerRecovery();
    if (command.demo)
        window.tasks().openDemo();
    for (const QString& path : command.open)
        window.tasks().openPath(path);
    return QApplication::exec();
}

} // namespace

int main(int argc, char** argv)
{
    try {
        return run(argc, argv);
    } catch (const eigenquant::Error& error) {
        std::fprintf(stderr, "eigenquant-studio: %s\n", error.what());
        return int(error.code());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "eigenquant-studio: %s\n", error.what());
        return int(eigenquant::ErrorCode::Internal);
    }
}
