// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/result_folder.h"

#include "ui/widgets/elided_label.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QDir>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QToolButton>
#include <QUrl>

namespace eigenquant {

ResultFolder::ResultFolder(const QString& what, QWidget* parent) : QWidget(parent)
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    m_path = new ElidedLabel(Qt::ElideMiddle);
    row->addWidget(m_path, 1);
    const auto add = [&](const QString& text, const QString& toolTip, void (ResultFolder::*act)()) {
        auto* button = new QToolButton;
        button->setText(text);
        button->setToolTip(toolTip);
        button->setAccessibleName(QStringLiteral("%1: %2").arg(text, what));
        connect(button, &QToolButton::clicked, this, act);
        row->addWidget(button);
    };
    add(tr("Copy path"), tr("Put the folder's path on the clipboard"), &ResultFolder::copy);
    add(tr("Open folder"), tr("Show the folder in the file manager"), &ResultFolder::open);
    setFolder({});
}

void ResultFolder::setFolder(const QString& folder)
{
    m_folder = folder;
    m_path->setWhole(QDir::toNativeSeparators(folder));
    setVisible(!folder.isEmpty());
}

void ResultFolder::copy()
{
    QGuiApplication::clipboard()->setText(m_folder);
}

void ResultFolder::open()
{
    QDesktopServices::openUrl(QUrl::fromLocalFile(m_folder));
}

} // namespace eigenquant
