// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "ui/render/render.h"
#include "ui/shell/main_window.h"
#include "ui/shell/theme.h"
#include "ui/teaching/lesson_view.h"

#include <QApplication>
#include <QDeadlineTimer>
#include <QDir>

namespace eigenquant {

namespace {

const QSize kWindowSize{1400, 900};
constexpr int kPatienceMs = 60000;

void waitForJobs(MainWindow& window)
{
    const QDeadlineTimer deadline(kPatienceMs);
    while (window.workspace().jobs().isBusy() && !deadline.hasExpired())
        QApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents);
}

void grab(MainWindow& window, const QString& file)
{
    // A page may look for something when it is shown; a picture of the wait helps nobody.
    waitForJobs(window);
    // Two rounds: the first lays out and queues the plots, the second draws them.
    for (int round = 0; round < 2; ++round)
        QApplication::processEvents();
    if (!window.grab().save(file))
        throw Error::io("the screenshot could not be written").file(file.toStdString());
}

/// The steps after the first one.
QStringList grabLesson(MainWindow& window, const QDir& folder, const QString& suffix)
{
    QStringList files;
    auto* lesson = window.findChild<LessonView*>();
    if (!lesson)
        return files;
    for (int step = 1; step < lesson->stepCount(); ++step) {
        lesson->goTo(step);
        files << QStringLiteral("teaching_%1%2").arg(step + 1).arg(suffix);
        grab(window, folder.filePath(files.back()));
    }
    lesson->goTo(0);
    return files;
}

} // namespace

QStringList writeScreenshots(const RenderSource& source, const QString& folder)
{
    if (!QDir().mkpath(folder))
        throw Error::io("the folder cannot be made").file(folder.toStdString());
    QStringList files;
    MainWindow window;
    window.resetLayout();
    window.resize(kWindowSize);
    if (!source.project.isEmpty()) {
        window.project().open(source.project);
        waitForJobs(window);
    } else if (source.statistics) {
        window.workspace().setStatistics(source.statistics, source.plan);
        if (source.report)
            window.workspace().addReport(*source.report);
        if (source.latency)
            window.workspace().setResults({.latency = source.latency});
    }
    window.show();
    for (const ThemeChoice theme : {ThemeChoice::Light, ThemeChoice::Dark}) {
        applyTheme(theme);
        const QString suffix = QLatin1String(theme == ThemeChoice::Dark ? "_dark" : "_light") +
                               QLatin1String(window.devicePixelRatio() >= 2 ? "_200.png" : ".png");
        for (const QString& page : window.pageIds()) {
            window.showPage(page);
            files << page + suffix;
            grab(window, QDir(folder).filePath(files.back()));
            if (page == QLatin1String("teaching"))
                files << grabLesson(window, QDir(folder), suffix);
        }
    }
    return files;
}

} // namespace eigenquant
