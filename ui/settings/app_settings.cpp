// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/app_settings.h"

#include <QFileInfo>

#include <algorithm>

namespace eigenquant {

namespace {

constexpr int kRecentCount = 10;
const QStringList kDevices{QStringLiteral("auto"), QStringLiteral("cpu"), QStringLiteral("cuda")};
const QStringList kLanguages{QStringLiteral("en"), QStringLiteral("de")};

} // namespace

AppSettings::AppSettings()
    : m_settings(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("eigenquant"), QStringLiteral("studio"))
{
}

QByteArray AppSettings::bytes(const char* key) const
{
    const QVariant value = m_settings.value(QLatin1String(key));
    return value.typeId() == QMetaType::QByteArray ? value.toByteArray() : QByteArray();
}

void AppSettings::setWindow(const QByteArray& geometry, const QByteArray& state)
{
    m_settings.setValue(QStringLiteral("window/geometry"), geometry);
    m_settings.setValue(QStringLiteral("window/state"), state);
}

bool AppSettings::jobsAreOpen() const
{
    return m_settings.value(QStringLiteral("window/jobs")).toBool();
}

void AppSettings::setJobsAreOpen(bool areOpen)
{
    m_settings.setValue(QStringLiteral("window/jobs"), areOpen);
}

ThemeChoice AppSettings::theme() const
{
    const QString value = m_settings.value(QStringLiteral("view/theme")).toString();
    return value == QLatin1String("light")  ? ThemeChoice::Light
           : value == QLatin1String("dark") ? ThemeChoice::Dark
                                            : ThemeChoice::System;
}

void AppSettings::setTheme(ThemeChoice theme)
{
    const QString value = theme == ThemeChoice::Light  ? QStringLiteral("light")
                          : theme == ThemeChoice::Dark ? QStringLiteral("dark")
                                                       : QStringLiteral("system");
    m_settings.setValue(QStringLiteral("view/theme"), value);
}

QString AppSettings::device() const
{
    const QString value = m_settings.value(QStringLiteral("compute/device")).toString();
    return kDevices.contains(value) ? value : kDevices.front();
}

void AppSettings::setDevice(const QString& device)
{
    m_settings.setValue(QStringLiteral("compute/device"), device);
}

QString AppSettings::language() const
{
    const QString value = m_settings.value(QStringLiteral("view/language")).toString();
    return kLanguages.contains(value) ? value : QString();
}

void AppSettings::setLanguage(const QString& language)
{
    m_settings.setValue(QStringLiteral("view/language"), language);
}

QString AppSettings::recoveryFolder() const
{
    return QFileInfo(m_settings.fileName()).absolutePath() + QStringLiteral("/recovery");
}

QStringList AppSettings::recentFiles() const
{
    QStringList files = m_settings.value(QStringLiteral("files/recent")).toStringList();
    files.removeIf([](const QString& file) { return file.isEmpty() || file.contains(QChar(0)); });
    return files.mid(0, kRecentCount);
}

void AppSettings::addRecentFile(const QString& path)
{
    const QString absolute = QFileInfo(path).absoluteFilePath();
    QStringList files = recentFiles();
    files.removeAll(absolute);
    files.prepend(absolute);
    m_settings.setValue(QStringLiteral("files/recent"), files.mid(0, kRecentCount));
}

void AppSettings::clearRecentFiles()
{
    m_settings.remove(QStringLiteral("files/recent"));
}

} // namespace eigenquant
