// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/help_window.h"

#include "ui/shell/language.h"

#include <QDialogButtonBox>
#include <QFile>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace eigenquant {

HelpWindow::HelpWindow(QWidget* parent) : QDialog(parent)
{
    setWindowTitle(tr("Help"));
    resize(780, 720);
    auto* layout = new QVBoxLayout(this);
    auto* browser = new QTextBrowser;
    browser->setAccessibleName(tr("Help"));
    browser->setOpenLinks(true); // to places of the same text: the manual points to nothing outside
    const QString translated = QStringLiteral(":/help/help_%1.html").arg(currentLanguage());
    browser->setSource(QUrl(QStringLiteral("qrc") +
                            (QFile::exists(translated) ? translated : QStringLiteral(":/help/help_en.html"))));
    layout->addWidget(browser, 1);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::hide);
}

} // namespace eigenquant
