// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_export.h"

#include "core/base/error.h"

#include <QBuffer>
#include <QFileInfo>
#include <QSaveFile>
#include <QSvgGenerator>
#include <QTemporaryDir>
#include <qcustomplot.h>

namespace eigenquant {

namespace {

constexpr double kPngScale = 2;

QByteArray asPng(QCustomPlot& plot, QSize size)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    plot.toPixmap(size.width(), size.height(), kPngScale).save(&buffer, "PNG");
    return bytes;
}

QByteArray asPdf(QCustomPlot& plot, const QString& title, QSize size)
{
    // QCustomPlot writes PDF only to a path, so the bytes take a detour through a private folder.
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("plot.pdf"));
    if (!plot.savePdf(file, size.width(), size.height(), QCP::epAllowCosmetic, QStringLiteral("Eigenquant Studio"), title))
        return {};
    QFile written(file);
    return written.open(QIODevice::ReadOnly) ? written.readAll() : QByteArray();
}

void writeWhole(const QString& file, const QByteArray& bytes)
{
    QSaveFile out(file);
    if (bytes.isEmpty() || !out.open(QIODevice::WriteOnly) || out.write(bytes) != bytes.size() || !out.commit())
        throw Error::io("the plot could not be written")
            .file(file.toStdString())
            .found(bytes.isEmpty() ? "nothing to write" : out.errorString().toStdString())
            .hint("choose a folder that you may write to");
}

} // namespace

QByteArray plotAsSvg(QCustomPlot& plot, const QString& title, QSize size)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setSize(size);
    // Text is laid out for the screen's resolution, and must be drawn for the same.
    generator.setResolution(plot.logicalDpiX());
    generator.setViewBox(QRect(QPoint(0, 0), size));
    generator.setTitle(title);
    generator.setDescription(QStringLiteral("Made with Eigenquant Studio"));
    QCPPainter painter;
    painter.begin(&generator);
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    plot.toPainter(&painter, size.width(), size.height());
    painter.end();
    return bytes;
}

void exportPlot(QCustomPlot& plot, const TableData& table, const QString& file, QSize size)
{
    const QFileInfo info(file);
    const QString suffix = info.suffix().toLower();
    if (suffix == QLatin1String("png"))
        writeWhole(file, asPng(plot, size));
    else if (suffix == QLatin1String("svg"))
        writeWhole(file, plotAsSvg(plot, info.completeBaseName(), size));
    else if (suffix == QLatin1String("pdf"))
        writeWhole(file, asPdf(plot, info.completeBaseName(), size));
    else if (suffix == QLatin1String("csv"))
        writeWhole(file, table.toCsv().toUtf8());
    else
        throw Error::usage("this kind of file is not known")
            .file(file.toStdString())
            .found("\"." + suffix.toStdString() + "\"")
            .expected(".png, .svg, .pdf or .csv");
}

} // namespace eigenquant
