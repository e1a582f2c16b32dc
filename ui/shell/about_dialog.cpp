// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/about_dialog.h"

#include "core/session/session.h"
#include "ui/text/format.h"

#include <QDialogButtonBox>
#include <QFile>
#include <QHBoxLayout>
#include <QIcon>
#include <QLabel>
#include <QPlainTextEdit>
#include <QTabWidget>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace eigenquant {

namespace {

struct Part {
    const char* name;
    const char* holder;
    const char* licence;
    QString use;
};

/// Everything that the program links or carries.
std::vector<Part> parts()
{
    return {
        {"Qt 6", "The Qt Company Ltd.", "LGPL-3.0", AboutDialog::tr("windows")},
        {"QCustomPlot", "Emanuel Eichhammer", "GPL-3.0-or-later", AboutDialog::tr("plots")},
        {"libtorch (PyTorch)", "PyTorch contributors", "BSD-3-Clause", AboutDialog::tr("tensors")},
        {"CUDA runtime, cuBLAS", "NVIDIA Corporation", "NVIDIA CUDA EULA",
         AboutDialog::tr("GPU, where there is one")},
        {"Eigen", "Eigen contributors", "MPL-2.0", AboutDialog::tr("linear algebra")},
        {"JSON for Modern C++", "Niels Lohmann", "MIT", AboutDialog::tr("files")},
        {"CLI11", "University of Cincinnati, Henry Schreiner", "BSD-3-Clause", AboutDialog::tr("command line")},
        {"PCRE2", "University of Cambridge and others", "BSD-3-Clause", AboutDialog::tr("tokenizers")},
        {"utf8proc", "The Julia Project and others", "MIT", AboutDialog::tr("tokenizers")},
        {"xxHash", "Yann Collet", "BSD-2-Clause", AboutDialog::tr("fingerprints")},
        {"SmolLM2-135M-Instruct", "Hugging Face", "Apache-2.0", AboutDialog::tr("the demo's model")},
    };
}

QString partsTable()
{
    QString rows;
    for (const Part& part : parts())
        rows += QStringLiteral("<tr><td><b>%1</b></td><td>%2</td><td>%3</td><td>%4</td></tr>")
                    .arg(QLatin1String(part.name), part.use.toHtmlEscaped(),
                         QString::fromUtf8(part.holder).toHtmlEscaped(), QLatin1String(part.licence));
    return QStringLiteral(
               "<table cellpadding='5' width='100%'><tr><th align='left'>%1</th><th align='left'>%2</th>"
               "<th align='left'>%3</th><th align='left'>%4</th></tr>%5</table>")
        .arg(AboutDialog::tr("Part"), AboutDialog::tr("For"), AboutDialog::tr("By"), AboutDialog::tr("Licence"),
             rows);
}

QWidget* licenceText()
{
    auto* view = new QPlainTextEdit;
    view->setReadOnly(true);
    view->setAccessibleName(AboutDialog::tr("GNU General Public License"));
    QFile file(QStringLiteral(":/LICENSE"));
    if (file.open(QIODevice::ReadOnly))
        view->setPlainText(QString::fromUtf8(file.readAll()));
    return view;
}

} // namespace

AboutDialog::AboutDialog(QWidget* parent) : QDialog(parent)
{
    setWindowTitle(tr("About Eigenquant Studio"));
    resize(680, 520);
    auto* layout = new QVBoxLayout(this);
    auto* head = new QHBoxLayout;
    auto* logo = new QLabel;
    logo->setPixmap(QIcon(QStringLiteral(":/icons/eigenquant-studio.svg")).pixmap(72, 72));
    head->addWidget(logo, 0, Qt::AlignTop);
    auto* words =
        new QLabel(tr("<h2>Eigenquant Studio %1</h2>"
                      "<p>Analyses and quantizes large language models by the eigenvalues of their "
                      "activations.</p>"
                      "<p>Free software under the GNU General Public License, version 3 or later. It comes "
                      "without any warranty. No network, no telemetry.</p>")
                       .arg(text::fromStd(version())));
    words->setWordWrap(true);
    head->addWidget(words, 1);
    layout->addLayout(head);
    auto* tabs = new QTabWidget;
    auto* table = new QTextBrowser;
    table->setAccessibleName(tr("Parts and their licences"));
    table->setHtml(partsTable());
    tabs->addTab(table, tr("Parts and their licences"));
    tabs->addTab(licenceText(), tr("Licence"));
    layout->addWidget(tabs, 1);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

} // namespace eigenquant
