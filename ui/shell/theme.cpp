// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/theme.h"

#include "ui/shell/studio_style.h"

#include <QApplication>
#include <QStyle>

namespace eigenquant {

namespace {

struct Shades {
    QColor window, base, alternate, button, text, faint, highlight, highlightedText, link, toolTip;
};

QPalette makePalette(const Shades& shades)
{
    QPalette palette(shades.text, shades.button, shades.button.lighter(130), shades.button.darker(160),
                     shades.button.darker(120), shades.text, Qt::white, shades.base, shades.window);
    palette.setColor(QPalette::AlternateBase, shades.alternate);
    palette.setColor(QPalette::PlaceholderText, shades.faint);
    palette.setColor(QPalette::Highlight, shades.highlight);
    palette.setColor(QPalette::HighlightedText, shades.highlightedText);
    palette.setColor(QPalette::Link, shades.link);
    palette.setColor(QPalette::LinkVisited, shades.link);
    palette.setColor(QPalette::ToolTipBase, shades.toolTip);
    palette.setColor(QPalette::ToolTipText, shades.text);
    QColor disabled = shades.faint;
    disabled.setAlphaF(0.7f);
    for (const QPalette::ColorRole role : {QPalette::Text, QPalette::WindowText, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, disabled);
    palette.setColor(QPalette::Disabled, QPalette::Highlight, shades.alternate);
    palette.setColor(QPalette::Disabled, QPalette::HighlightedText, disabled);
    return palette;
}

} // namespace

QPalette lightPalette()
{
    return makePalette({.window = QColor(0xF1F3F6),
                        .base = QColor(0xFFFFFF),
                        .alternate = QColor(0xF5F7FA),
                        .button = QColor(0xF3F5F8),
                        .text = QColor(0x1B2430),
                        .faint = QColor(0x5E6977),
                        .highlight = QColor(0x0072B2),
                        .highlightedText = QColor(0xFFFFFF),
                        .link = QColor(0x0072B2),
                        .toolTip = QColor(0xFFFFFF)});
}

QPalette darkPalette()
{
    return makePalette({.window = QColor(0x1B1F26),
                        .base = QColor(0x232831),
                        .alternate = QColor(0x282E38),
                        .button = QColor(0x2E3541),
                        .text = QColor(0xE6EAF0),
                        .faint = QColor(0x9AA5B4),
                        .highlight = QColor(0x2A7DB8),
                        .highlightedText = QColor(0xFFFFFF),
                        .link = QColor(0x56B4E9),
                        .toolTip = QColor(0x2E3541)});
}

void applyTheme(ThemeChoice choice)
{
    // This style is drawn from the palette alone, so the same palette looks the same on every desktop.
    if (!qobject_cast<StudioStyle*>(QApplication::style()))
        QApplication::setStyle(new StudioStyle);
    switch (choice) {
    case ThemeChoice::Light:
        QApplication::setPalette(lightPalette());
        return;
    case ThemeChoice::Dark:
        QApplication::setPalette(darkPalette());
        return;
    case ThemeChoice::System:
        break;
    }
    QApplication::setPalette(QPalette());
    const QPalette desktop = QApplication::palette();
    const bool dark = desktop.color(QPalette::Base).lightness() < desktop.color(QPalette::Text).lightness();
    QApplication::setPalette(dark ? darkPalette() : lightPalette());
}

} // namespace eigenquant
