// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/teaching/slide_export.h"

#include "core/base/error.h"
#include "ui/plots/plot_view.h"
#include "ui/teaching/slide.h"
#include "ui/state/write_whole.h"

#include <QApplication>
#include <QBuffer>
#include <QFileInfo>
#include <QImage>
#include <QPdfWriter>
#include <QSvgGenerator>
#include <qcustomplot.h>

namespace eigenquant {

namespace {

const QSize kPage{1600, 900};
constexpr int kMargin = 56;
constexpr int kTitleHeight = 84;
constexpr int kTextColumn = 600;
constexpr int kColumnGap = 48;
constexpr double kPagePixels = 2;

QFont pageFont(int pixels, bool bold)
{
    QFont font = QApplication::font();
    font.setPixelSize(pixels);
    font.setBold(bold);
    return font;
}

void paintSlide(QCPPainter& painter, const Slide& slide, const QPalette& palette)
{
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(QRect({0, 0}, kPage), palette.color(QPalette::Base));
    const QRect inner = QRect({0, 0}, kPage).adjusted(kMargin, kMargin / 2, -kMargin, -kMargin / 2);
    painter.setPen(palette.color(QPalette::Text));
    painter.setFont(pageFont(40, true));
    painter.drawText(QRect(inner.topLeft(), QSize(inner.width(), kTitleHeight)), Qt::AlignLeft | Qt::AlignVCenter,
                     slide.content().title);
    const int top = inner.top() + kTitleHeight + 12;
    const QRectF left(inner.left(), top, kTextColumn, inner.bottom() - top);
    paintSlideText(painter, left, slide.content(), palette, 25);
    const QPoint origin(inner.left() + kTextColumn + kColumnGap, top);
    const QSize figure(inner.right() - origin.x(), inner.bottom() - top);
    painter.save();
    painter.translate(origin);
    slide.figure().paintOn(painter, figure, palette, pageFont(19, false));
    painter.restore();
}

QByteArray asPng(const Slide& slide, const QPalette& palette)
{
    QImage image(kPage * kPagePixels, QImage::Format_RGB32);
    image.setDevicePixelRatio(kPagePixels);
    QCPPainter painter;
    painter.begin(&image);
    paintSlide(painter, slide, palette);
    painter.end();
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "PNG");
    return bytes;
}

QByteArray asSvg(const Slide& slide, const QPalette& palette)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setSize(kPage);
    generator.setResolution(slide.logicalDpiX());
    generator.setViewBox(QRect({0, 0}, kPage));
    generator.setTitle(slide.content().title);
    generator.setDescription(QStringLiteral("Made with Eigenquant Studio"));
    QCPPainter painter;
    painter.begin(&generator);
    painter.setMode(QCPPainter::pmVectorized);
    paintSlide(painter, slide, palette);
    painter.end();
    return bytes;
}

QByteArray asPdf(const std::vector<const Slide*>& slides, const QPalette& palette)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    {
        QPdfWriter writer(&buffer);
        // Letters that are given in points come out as on the screen at the screen's resolution only.
        const int dpi = slides.front()->logicalDpiX();
        writer.setResolution(dpi);
        writer.setPageSize(QPageSize(QSizeF(kPage) * 72.0 / dpi, QPageSize::Point, {}, QPageSize::ExactMatch));
        writer.setPageMargins({0, 0, 0, 0});
        writer.setTitle(slides.front()->content().title);
        writer.setCreator(QStringLiteral("Eigenquant Studio"));
        QCPPainter painter;
        painter.begin(&writer);
        painter.setMode(QCPPainter::pmVectorized);
        for (std::size_t i = 0; i < slides.size(); ++i) {
            if (i > 0)
                writer.newPage();
            paintSlide(painter, *slides[i], palette);
        }
        painter.end();
    }
    return bytes;
}

QByteArray bytesOf(const std::vector<const Slide*>& slides, const QString& file, const QPalette& palette)
{
    const QString suffix = QFileInfo(file).suffix().toLower();
    if (suffix == QLatin1String("pdf") && !slides.empty())
        return asPdf(slides, palette);
    if (slides.size() == 1 && suffix == QLatin1String("png"))
        return asPng(*slides.front(), palette);
    if (slides.size() == 1 && suffix == QLatin1String("svg"))
        return asSvg(*slides.front(), palette);
    throw Error::usage("slides cannot be written like this")
        .file(file.toStdString())
        .found(std::to_string(slides.size()) + " slides as \"." + suffix.toStdString() + "\"")
        .expected(".pdf, or one slide as .png or .svg");
}

} // namespace

void exportSlides(const std::vector<const Slide*>& slides, const QString& file, const QPalette& palette)
{
    const QByteArray bytes = bytesOf(slides, file, palette);
    writeWhole(file, bytes, "the slides could not be written");
}

} // namespace eigenquant
