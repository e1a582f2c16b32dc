// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIcon>
#include <QPalette>

namespace eigenquant {

/// A line icon of resources/icons in the palette's text colour; `name` is the file's name without suffix.
QIcon themedIcon(const QString& name, const QPalette& palette);

/// Registers the resources, which a static library does not do by itself.
void initResources();

} // namespace eigenquant
