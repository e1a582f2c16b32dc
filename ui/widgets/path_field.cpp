// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/path_field.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QToolButton>

namespace eigenquant {

PathField::PathField(Kind kind, const QString& accessibleName, const QString& filter, QWidget* parent)
    : QWidget(parent), m_kind(kind), m_filter(filter)
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    m_edit = new QLineEdit(this);
    m_edit->setAccessibleName(accessibleName);
    m_edit->setMinimumWidth(120);
    auto* button = new QToolButton(this);
    button->setText(tr("Choose…"));
    button->setToolTip(kind == Kind::NewFolder ? tr("Choose a folder") : tr("Choose a file"));
    button->setAccessibleName(tr("Choose: %1").arg(accessibleName));
    layout->addWidget(m_edit, 1);
    layout->addWidget(button);
    setFocusProxy(m_edit);
    connect(button, &QToolButton::clicked, this, &PathField::browse);
    connect(m_edit, &QLineEdit::textChanged, this, &PathField::pathChanged);
}

QString PathField::path() const
{
    return m_edit->text().trimmed();
}

void PathField::setPath(const QString& path)
{
    m_edit->setText(path);
    m_edit->setCursorPosition(0);
    m_edit->setToolTip(path);
}

void PathField::browse()
{
    QString chosen;
    switch (m_kind) {
    case Kind::ExistingFile:
        chosen = QFileDialog::getOpenFileName(this, tr("Choose a file"), path(), m_filter);
        break;
    case Kind::NewFile:
        chosen = QFileDialog::getSaveFileName(this, tr("Choose a file"), path(), m_filter);
        break;
    case Kind::NewFolder:
        // A save dialog, since the folder is to be made: only its parent has to be there.
        chosen = QFileDialog::getSaveFileName(this, tr("Name the folder to make"), path());
        break;
    }
    if (!chosen.isEmpty())
        setPath(chosen);
}

} // namespace eigenquant
