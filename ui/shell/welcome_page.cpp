// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/welcome_page.h"

#include "ui/widgets/card.h"

#include <QAction>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QIcon>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

namespace eigenquant {

namespace {

constexpr int kContentWidth = 860;

QPushButton* actionButton(QAction* action)
{
    auto* button = new QPushButton(action->text().remove(QLatin1Char('&')));
    button->setIcon(action->icon());
    button->setToolTip(action->toolTip());
    button->setMinimumHeight(36);
    QObject::connect(button, &QPushButton::clicked, action, &QAction::trigger);
    QObject::connect(action, &QAction::changed, button, [button, action] { button->setIcon(action->icon()); });
    return button;
}

QLabel* paragraph(const QString& text)
{
    auto* label = new QLabel(text);
    label->setWordWrap(true);
    return label;
}

} // namespace

WelcomePage::WelcomePage(StudioActions& actions, QWidget* parent) : QWidget(parent)
{
    auto* outer = new QHBoxLayout(this);
    auto* content = new QWidget;
    content->setFixedWidth(kContentWidth);
    outer->addStretch(1);
    outer->addWidget(content);
    outer->addStretch(1);
    auto* column = new QVBoxLayout(content);
    column->setSpacing(20);
    column->addStretch(2);
    column->addWidget(buildHeading());
    auto* row = new QHBoxLayout;
    row->setSpacing(16);
    row->addWidget(buildStart(actions), 1);
    row->addWidget(buildRecent(), 1);
    column->addLayout(row);
    column->addStretch(3);
}

QWidget* WelcomePage::buildHeading()
{
    auto* heading = new QWidget;
    auto* row = new QHBoxLayout(heading);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(20);
    auto* logo = new QLabel;
    logo->setPixmap(QIcon(QStringLiteral(":/icons/eigenquant-studio.svg")).pixmap(88, 88));
    row->addWidget(logo);
    auto* texts = new QVBoxLayout;
    auto* title = new QLabel(tr("Eigenquant Studio"));
    QFont font = title->font();
    font.setPointSizeF(font.pointSizeF() * 2);
    font.setBold(true);
    title->setFont(font);
    texts->addWidget(title);
    auto* subtitle =
        paragraph(tr("See where a language model keeps its energy, give every layer the bits it needs, and "
                     "quantize it: with the error known before the work begins."));
    subtitle->setForegroundRole(QPalette::PlaceholderText);
    texts->addWidget(subtitle);
    row->addLayout(texts, 1);
    return heading;
}

QWidget* WelcomePage::buildStart(StudioActions& actions)
{
    auto* card = new Card(tr("Start"));
    auto* demo = actionButton(actions.openDemo);
    demo->setDefault(true);
    demo->setMinimumHeight(44);
    QFont bold = demo->font();
    bold.setBold(true);
    demo->setFont(bold);
    card->body()->addWidget(demo);
    for (QAction* action : {actions.openModelFile, actions.openModelFolder, actions.openStatistics})
        card->body()->addWidget(actionButton(action));
    card->body()->addSpacing(8);
    auto* steps = paragraph(tr("1.  Open a model and a text.\n2.  Analyse: one pass gives the spectra.\n"
                               "3.  Plan K and bits, and watch size and error.\n4.  Quantize, check, export."));
    steps->setForegroundRole(QPalette::PlaceholderText);
    card->body()->addWidget(steps);
    card->body()->addStretch(1);
    return card;
}

QWidget* WelcomePage::buildRecent()
{
    auto* card = new Card(tr("Recent"));
    m_recent = new QListWidget;
    m_recent->setAccessibleName(tr("Recent files"));
    m_recent->setFrameShape(QFrame::NoFrame);
    m_recent->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_recent->setTextElideMode(Qt::ElideMiddle);
    m_recent->setMinimumHeight(230);
    card->body()->addWidget(m_recent, 1);
    connect(m_recent, &QListWidget::itemActivated, this,
            [this](const QListWidgetItem* item) { emit recentChosen(item->data(Qt::UserRole).toString()); });
    return card;
}

void WelcomePage::setRecentFiles(const QStringList& files)
{
    m_recent->clear();
    for (const QString& file : files) {
        auto* item =
            new QListWidgetItem(QFileInfo(file).fileName() + QLatin1Char('\n') + QFileInfo(file).path(), m_recent);
        item->setData(Qt::UserRole, file);
        item->setToolTip(file);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
    }
    if (files.isEmpty()) {
        auto* item = new QListWidgetItem(tr("What you open will be listed here.\nFiles and folders can also be dropped "
                                            "on the window."),
                                         m_recent);
        item->setFlags(Qt::NoItemFlags);
    }
}

} // namespace eigenquant
