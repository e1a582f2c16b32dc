// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/shell/studio_actions.h"

#include <QWidget>

class QListWidget;
class QPushButton;
class QVBoxLayout;

namespace eigenquant {

/// The first screen: what the program does, one click to the demo, and what was open lately.
class WelcomePage : public QWidget {
    Q_OBJECT

public:
    explicit WelcomePage(StudioActions& actions, QWidget* parent = nullptr);
    void setRecentFiles(const QStringList& files);

signals:
    void recentChosen(const QString& path);

private:
    QWidget* buildHeading();
    QWidget* buildStart(StudioActions& actions);
    QWidget* buildRecent();

    QListWidget* m_recent = nullptr;
};

} // namespace eigenquant
