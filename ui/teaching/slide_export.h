// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPalette>
#include <QString>

#include <vector>

namespace eigenquant {

class Slide;

/// Writes slides to a file by its suffix: .png and .svg take one slide, .pdf a page each. Throws Error: Usage for
/// another suffix or count, Io if the file cannot be written.
void exportSlides(const std::vector<const Slide*>& slides, const QString& file, const QPalette& palette);

} // namespace eigenquant
