// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/themed_icon.h"

#include <QFile>
#include <QPainter>
#include <QPixmap>
#include <QSvgRenderer>

// Q_INIT_RESOURCE must be used outside of any namespace.
static void initStudioResources()
{
    Q_INIT_RESOURCE(studio);
}

namespace eigenquant {

namespace {

QPixmap paint(const QByteArray& svg, const QColor& color, int size)
{
    QByteArray colored = svg;
    colored.replace("currentColor", color.name().toLatin1());
    QSvgRenderer renderer(colored);
    QPixmap pixmap(size, size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    renderer.render(&painter);
    return pixmap;
}

} // namespace

void initResources()
{
    initStudioResources();
}

QIcon themedIcon(const QString& name, const QPalette& palette)
{
    // What has no icon of its own yet, such as a new page, still stands in line with the others.
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    QFile plain(QStringLiteral(":/icons/text.svg"));
    if (!file.open(QIODevice::ReadOnly) && !plain.open(QIODevice::ReadOnly))
        return {};
    const QByteArray svg = file.isOpen() ? file.readAll() : plain.readAll();
    QIcon icon;
    for (const int size : {16, 24, 32, 48, 96}) {
        icon.addPixmap(paint(svg, palette.color(QPalette::Text), size), QIcon::Normal);
        icon.addPixmap(paint(svg, palette.color(QPalette::HighlightedText), size), QIcon::Selected);
        icon.addPixmap(paint(svg, palette.color(QPalette::Disabled, QPalette::Text), size), QIcon::Disabled);
    }
    return icon;
}

} // namespace eigenquant
