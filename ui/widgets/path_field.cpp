// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/path_field.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPainter>
#include <QStyleOptionFrame>
#include <QToolButton>

namespace eigenquant {

namespace {

/// Cuts a path that is too long in the middle, where it says least, as long as nobody types in it.
class PathEdit : public QLineEdit {
public:
    using QLineEdit::QLineEdit;

protected:
    void paintEvent(QPaintEvent* event) override
    {
        QStyleOptionFrame option;
        initStyleOption(&option);
        QRect room = style()->subElementRect(QStyle::SE_LineEditContents, &option, this).adjusted(2, 0, -2, 0);
        if (hasFocus() || fontMetrics().horizontalAdvance(text()) <= room.width()) {
            QLineEdit::paintEvent(event);
            return;
        }
        QPainter painter(this);
        style()->drawPrimitive(QStyle::PE_PanelLineEdit, &option, &painter, this);
        painter.setPen(palette().color(isEnabled() ? QPalette::Active : QPalette::Disabled, QPalette::Text));
        painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter,
                         fontMetrics().elidedText(text(), Qt::ElideMiddle, room.width()));
    }
};

} // namespace

PathField::PathField(Kind kind, const QString& accessibleName, const QString& filter, QWidget* parent)
    : QWidget(parent), m_kind(kind), m_filter(filter)
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    m_edit = new PathEdit(this);
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
    connect(m_edit, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_edit->setToolTip(text);
        emit pathChanged(text);
    });
}

QString PathField::path() const
{
    return m_edit->text().trimmed();
}

void PathField::setPath(const QString& path)
{
    m_edit->setText(path);
    m_edit->setCursorPosition(0);
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
