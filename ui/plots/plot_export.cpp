// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_export.h"

#include "core/base/error.h"
#include "ui/state/write_whole.h"

#include <QBuffer>
#include <QFileInfo>
#include <QPageSize>
#include <QPdfWriter>
#include <QSvgGenerator>
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

void drawVectors(QCustomPlot& plot, QPaintDevice& device, QSize size)
{
    QCPPainter painter;
    painter.begin(&device);
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    plot.toPainter(&painter, size.width(), size.height());
    painter.end();
}

QByteArray asPdf(QCustomPlot& plot, const QString& title, QSize size)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    {
        QPdfWriter writer(&buffer);
        // Letters that are given in points come out as on the screen at the screen's resolution only.
        const int dpi = plot.logicalDpiX();
        writer.setResolution(dpi);
        writer.setPageSize(QPageSize(QSizeF(size) * 72.0 / dpi, QPageSize::Point, {}, QPageSize::ExactMatch));
        writer.setPageMargins({0, 0, 0, 0});
        writer.setTitle(title);
        writer.setCreator(QStringLiteral("Eigenquant Studio"));
        drawVectors(plot, writer, size);
    }
    return bytes;
}

void writePlot(const QString& file, const QByteArray& bytes)
{
    writeWhole(file, bytes, "the plot could not be written");
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
    drawVectors(plot, generator, size);
    return bytes;
}

void exportPlot(QCustomPlot& plot, const TableData& table, const QString& file, QSize size)
{
    const QFileInfo info(file);
    const QString suffix = info.suffix().toLower();
    if (suffix == QLatin1String("png"))
        writePlot(file, asPng(plot, size));
    else if (suffix == QLatin1String("svg"))
        writePlot(file, plotAsSvg(plot, info.completeBaseName(), size));
    else if (suffix == QLatin1String("pdf"))
        writePlot(file, asPdf(plot, info.completeBaseName(), size));
    else if (suffix == QLatin1String("csv"))
        writePlot(file, table.toCsv().toUtf8());
    else
        throw Error::usage("this kind of file is not known")
            .file(file.toStdString())
            .found("\"." + suffix.toStdString() + "\"")
            .expected(".png, .svg, .pdf or .csv");
}

} // namespace eigenquant
