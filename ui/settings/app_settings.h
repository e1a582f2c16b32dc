// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QSettings>
#include <QStringList>

namespace eigenquant {

/// How the window looks, whatever the desktop says.
enum class ThemeChoice { System, Light, Dark };

/// What the studio remembers between starts: windows, recent files, look and device. Nothing below the
/// shell reads it, and whatever a damaged file holds is answered with the default.
class AppSettings {
public:
    AppSettings();

    QByteArray geometry() const { return bytes("window/geometry"); }
    QByteArray windowState() const { return bytes("window/state"); }
    void setWindow(const QByteArray& geometry, const QByteArray& state);

    bool jobsAreOpen() const;
    void setJobsAreOpen(bool areOpen);

    ThemeChoice theme() const;
    void setTheme(ThemeChoice theme);

    QString device() const;
    void setDevice(const QString& device);

    /// "" follows the system; else the name of a translation, such as "de".
    QString language() const;
    void setLanguage(const QString& language);
    /// Where recovery files go: beside the settings themselves.
    QString recoveryFolder() const;

    /// Newest first, at most ten.
    QStringList recentFiles() const;
    void addRecentFile(const QString& path);
    void clearRecentFiles();

private:
    QByteArray bytes(const char* key) const;

    QSettings m_settings;
};

} // namespace eigenquant
